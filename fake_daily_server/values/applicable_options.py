"""Options of dial-outs and transfers that do not apply to the kind of target.

Daily's page of startDialOut marks options as SIP-only or PSTN-only, and says that they are ignored with the other kind:
https://docs.daily.co/reference/daily-js/instance-methods/start-dial-out
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from fake_daily_server.values.telephony_requests import SipCallTransfer, StartDialOut

RequestT = TypeVar("RequestT", StartDialOut, SipCallTransfer)

SIP_ONLY = ("video", "video_settings", "provider")
PSTN_ONLY = ("caller_id", "extension", "wait_before_extension_dial_sec")


def inapplicable_options(request: StartDialOut | SipCallTransfer) -> Mapping[str, str]:
    """The options that were given and do not apply, by the name of the attribute, each with the reason.

    An option that has its default value is no option given.
    """
    reasons: dict[str, str] = {}
    if request.extension is None:
        reasons["wait_before_extension_dial_sec"] = "requires extension"
    if isinstance(request, StartDialOut) and not request.video:
        reasons["video_settings"] = "requires video to be true"
    other_kind, why = (
        (SIP_ONLY, "is for SIP URIs only") if request.is_phone else (PSTN_ONLY, "is for phone numbers only")
    )
    reasons.update(dict.fromkeys(other_kind, why))
    fields = type(request).model_fields
    return {
        name: reason
        for name, reason in reasons.items()
        if name in fields and getattr(request, name) != fields[name].default
    }


def without_options(request: RequestT, names: Mapping[str, str]) -> RequestT:
    """The request with the defaults of these options."""
    fields = type(request).model_fields
    return request.model_copy(update={name: fields[name].default for name in names})
