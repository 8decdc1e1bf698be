"""What is done to other participants, and said to them."""

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


async def update(call: Call, updates: Any) -> None:
    """Mute participants and change their permissions."""
    what = "remote participant updates"
    _refuse_wrong_ids(updates if isinstance(updates, dict) else {"": {}}, what)
    each = (_update(person, wanted, what) for person, wanted in updates.items())
    await call.requests("updateParticipant", each, "RemoteParticipants")


async def eject(call: Call, people: Any) -> None:
    """Throw participants out."""
    _refuse_wrong_ids(people, "remote participant ids")
    each = ({"sessionId": person, "eject": True} for person in people)
    await call.requests("updateParticipant", each, "RemoteParticipants")


async def permit(call: Call, update: Any) -> None:
    """Change the client's own permissions."""
    changed = _permissions(update, "permissions update")

    def mine() -> Iterator[dict[str, Any]]:
        yield {"sessionId": call.people.local_id, "updatePermissions": changed}  # a join before it gives another id

    await call.requests("updateParticipant", mine(), "Permissions")


async def send_message(call: Call, message: Any, recipient: str | None) -> None:
    """Send a message to one, or to everybody else."""
    params = {"data": message, "to": "*" if recipient is None else recipient}
    await call.request("sendAppMessage", params, "AppMessage")


async def send_chat(call: Call, message: str, user_name: str | None) -> None:
    """Send a message as Daily Prebuilt sends those of its chat."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def chat() -> Iterator[dict[str, Any]]:
        name = call.people.user_name if user_name is None else user_name  # one that was set before this
        data = {"event": "chat-msg", "date": now, "message": message, "name": name or "Guest", "room": "main-room"}
        yield {"data": data, "to": "*"}

    await call.requests("sendAppMessage", chat(), "AppMessage")


def _update(person: str, wanted: Mapping[str, Any], what: str) -> dict[str, Any]:
    params: dict[str, Any] = {"sessionId": person}
    if (permissions := wanted.get("permissions")) is not None:
        params["updatePermissions"] = _permissions(permissions, what)
    for medium, enabled in (wanted.get("inputsEnabled") or {}).items():
        if medium in _INPUTS and enabled is not None:
            params[_INPUTS[medium]] = enabled
    return params


def _permissions(update: Any, what: str) -> dict[str, Any]:
    if not isinstance(update, dict):
        raise _unreadable(what, "invalid type, expected a map")
    for kind in update.get("canSend") or () if isinstance(update.get("canSend"), list) else ():
        if kind not in _SENDING:
            names = ", ".join(f"'{name}'" for name in _SENDING)
            raise _unreadable(what, f"invalid value: string {quoted(str(kind))}, expected one of {names}")
    known = ("hasPresence", "canSend", "canReceive", "canAdmin")
    return permissions_update({key: value for key, value in update.items() if key in known and value is not None})


def _refuse_wrong_ids(people: Any, what: str) -> None:
    for person in people:
        if len(person) not in _UUID_LENGTHS:
            raise _unreadable(what, f"UUID parsing failed: invalid length: found {len(person)}")


def _unreadable(what: str, problem: str) -> VerbError:
    error = f"Error({quoted(problem)}, line: 0, column: 0)"
    return VerbError(str(JsonApiError(f"Failed to deserialize {what} JSON: {error}")))
