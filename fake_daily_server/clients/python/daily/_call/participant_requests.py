"""Requests for verbs about participants: muting, permissions, ejection, messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .._native.errors import JsonApiError, VerbError, quoted
from .participant_format import permissions_update

if TYPE_CHECKING:
    from .call import Call

_SENDING = ("camera", "microphone", "screenVideo", "screenAudio", "customVideo", "customAudio")
_INPUTS = {"microphone": "setAudio", "camera": "setVideo"}
_UUID_LENGTHS = (32, 36)


async def update_remote_participants(call: Call, updates: Any) -> None:
    """Mute participants and change their permissions."""
    what = "remote participant updates"
    _check_ids(updates if isinstance(updates, dict) else {"": {}}, what)
    each = (_update_params(participant, update, what) for participant, update in updates.items())
    await call.requests("updateParticipant", each, "RemoteParticipants")


async def eject_remote_participants(call: Call, ids: Any) -> None:
    """Eject participants."""
    _check_ids(ids, "remote participant ids")
    each = ({"sessionId": participant, "eject": True} for participant in ids)
    await call.requests("updateParticipant", each, "RemoteParticipants")


async def update_permissions(call: Call, update: Any) -> None:
    """Change the client's own permissions."""
    changed = _permissions(update, "permissions update")

    def params() -> Iterator[dict[str, Any]]:
        # Evaluated when it is this verb's turn: a join that was called before it changes the id.
        yield {"sessionId": call.participants.local_id, "updatePermissions": changed}

    await call.requests("updateParticipant", params(), "Permissions")


async def send_app_message(call: Call, message: Any, recipient: str | None) -> None:
    """Send a message to one participant, or to all others."""
    params = {"data": message, "to": "*" if recipient is None else recipient}
    await call.request("sendAppMessage", params, "AppMessage")


async def send_chat_message(call: Call, message: str, user_name: str | None) -> None:
    """Send a chat message in the format that Daily Prebuilt uses."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def params() -> Iterator[dict[str, Any]]:
        # Evaluated when it is this verb's turn: the name may be set by a verb that was called before it.
        name = call.participants.user_name if user_name is None else user_name
        data = {"event": "chat-msg", "date": now, "message": message, "name": name or "Guest", "room": "main-room"}
        yield {"data": data, "to": "*"}

    await call.requests("sendAppMessage", params(), "AppMessage")


def _update_params(participant: str, update: Mapping[str, Any], what: str) -> dict[str, Any]:
    params: dict[str, Any] = {"sessionId": participant}
    if (permissions := update.get("permissions")) is not None:
        params["updatePermissions"] = _permissions(permissions, what)
    for medium, enabled in (update.get("inputsEnabled") or {}).items():
        if medium in _INPUTS and enabled is not None:
            params[_INPUTS[medium]] = enabled
    return params


def _permissions(update: Any, what: str) -> dict[str, Any]:
    if not isinstance(update, dict):
        raise _deserialize_error(what, "invalid type, expected a map")
    for kind in update.get("canSend") or () if isinstance(update.get("canSend"), list) else ():
        if kind not in _SENDING:
            names = ", ".join(f"'{name}'" for name in _SENDING)
            raise _deserialize_error(what, f"invalid value: string {quoted(str(kind))}, expected one of {names}")
    known = ("hasPresence", "canSend", "canReceive", "canAdmin")
    return permissions_update({key: value for key, value in update.items() if key in known and value is not None})


def _check_ids(ids: Any, what: str) -> None:
    for participant in ids:
        if len(participant) not in _UUID_LENGTHS:
            raise _deserialize_error(what, f"UUID parsing failed: invalid length: found {len(participant)}")


def _deserialize_error(what: str, problem: str) -> VerbError:
    error = f"Error({quoted(problem)}, line: 0, column: 0)"
    return VerbError(str(JsonApiError(f"Failed to deserialize {what} JSON: {error}")))
