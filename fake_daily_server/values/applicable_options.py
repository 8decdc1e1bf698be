"""Options of dial-outs and transfers that do not apply to the kind of target: they are left out and not checked.

Daily's page of startDialOut marks options as SIP-only or PSTN-only, and says that they are ignored with the other kind:
https://docs.daily.co/reference/daily-js/instance-methods/start-dial-out
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SIP_ONLY = ("video", "videoSettings", "provider")
PSTN_ONLY = ("callerId", "extension", "waitBeforeExtensionDialSec")


def inapplicable_options(request: Mapping[str, Any], *, is_phone: bool) -> Mapping[str, str]:
    """The options of a request, as it came, that do not apply to its target, each with the reason.

    An option that has its default value is no option given.
    """
    reasons: dict[str, str] = {}
    if request.get("extension") is None:
        reasons["waitBeforeExtensionDialSec"] = "requires extension"
    if not request.get("video"):
        reasons["videoSettings"] = "requires video to be true"
    other_kind, why = (SIP_ONLY, "is for SIP URIs only") if is_phone else (PSTN_ONLY, "is for phone numbers only")
    reasons.update(dict.fromkeys(other_kind, why))
    return {name: reason for name, reason in reasons.items() if _is_given(request.get(name))}


def without_inapplicable(request: Mapping[str, Any], reasons: Mapping[str, str], *, is_phone: bool) -> dict[str, Any]:
    """The request without these options, and without `codecs.video` of a call to a number."""
    kept = {name: value for name, value in request.items() if name not in reasons}
    codecs = request.get("codecs")
    if is_phone and isinstance(codecs, Mapping):
        kept["codecs"] = {name: value for name, value in codecs.items() if name != "video"}
    return kept


def _is_given(value: Any) -> bool:
    """Whether a value is none of the defaults: None, false, and 0."""
    return value is not None and value is not False and not (value == 0 and isinstance(value, int | float))
