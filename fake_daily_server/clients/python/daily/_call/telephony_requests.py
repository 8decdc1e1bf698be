"""Requests for the telephony verbs: dial-out, DTMF, transfers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._native.errors import JsonApiError, VerbError
from .._native.fields import Field, read_fields
from .._native.participant_ids import uuid_error

if TYPE_CHECKING:
    from .call import Call

_REQUIRED = Field(required=True)
_DIALOUT = {
    "sipUri": Field(),
    "phoneNumber": Field(),
    "provider": Field(),
    "displayName": Field(),
    "userId": Field(),
    "callerId": Field(),
    "video": Field("bool"),
    "codecs": Field("map"),
    "permissions": Field("map"),
    "extension": Field(),
    "waitBeforeExtensionDialSec": Field("u32"),
}
_DTMF = {
    "sessionId": _REQUIRED,
    "tones": _REQUIRED,
    "method": Field(words=("sip-info", "telephone-event", "auto")),
    "digitDurationMs": Field("u32"),
}
_TRANSFER = {
    "sessionId": _REQUIRED,
    "toEndPoint": _REQUIRED,
    "callerId": Field(),
    "extension": Field(),
    "waitBeforeExtensionDialSec": Field("u32"),
}
_REFER = {"sessionId": _REQUIRED, "toEndPoint": _REQUIRED}
_CODECS = {"audio": ("OPUS", "PCMU", "PCMA", "G722"), "video": ("H264", "VP8")}


async def start_dialout(call: Call, settings: Any) -> str:
    """Start a dial-out; returns its session id before the far end rings."""
    result = await call.request("startDialOut", _dialout_params(settings), "Dialout")
    session_id: str = result["session"]["sessionId"]
    return session_id


async def stop_dialout(call: Call, participant_id: str) -> None:
    """Hang up a dial-out."""
    error = uuid_error(participant_id)
    if error is not None:
        raise VerbError(f"Failed to parse participant ID: {error}")
    await call.request("stopDialOut", {"sessionId": participant_id}, "Dialout")


async def send_dtmf(call: Call, settings: Any) -> None:
    """Send digits to the far end of a call."""
    params = _read(settings, "DailyDialoutSendDtmfProperties", _DTMF, "Send DTMF settings")
    await call.request("sendDTMF", params, "Dialout")


async def sip_call_transfer(call: Call, settings: Any) -> None:
    """Transfer a call to a target; Daily stays in the media path."""
    params = _read(settings, "DailySipCallTransferProperties", _TRANSFER, "SIP call transfer settings")
    await call.request("sipCallTransfer", params, "Sip")


async def sip_refer(call: Call, settings: Any) -> None:
    """Transfer a call with a SIP REFER to its peer."""
    params = _read(settings, "DailySipReferProperties", _REFER, "SIP refer settings")
    await call.request("sipRefer", params, "Sip")


def _dialout_params(settings: Any) -> dict[str, Any]:
    if not isinstance(settings, dict):
        raise _not_valid("Dialout settings", JsonApiError("Dialout settings is not an object"))
    try:
        params = read_fields(settings, "", _DIALOUT)
    except JsonApiError:
        params = {}
    codecs = params.get("codecs", {})
    are_known = all(
        isinstance(codecs.get(kind, []), list) and set(codecs.get(kind, [])) <= set(names)
        for kind, names in _CODECS.items()
    )
    if not are_known or not ("sipUri" in params or "phoneNumber" in params):
        error = JsonApiError("data did not match any variant of untagged enum DailyStartDialoutProperties")
        raise _not_valid("Dialout settings", error)
    return params


def _read(settings: Any, struct: str, fields: Mapping[str, Field], label: str) -> dict[str, Any]:
    try:
        return read_fields(settings, struct, fields)
    except JsonApiError as error:
        raise _not_valid(label, error) from None


def _not_valid(label: str, error: JsonApiError) -> VerbError:
    return VerbError(f"{label} are not valid: {error}")
