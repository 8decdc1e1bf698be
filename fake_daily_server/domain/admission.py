"""Who may join a room, and as whom."""

from __future__ import annotations

from typing import Any

from fake_daily_server.domain.room import Room
from fake_daily_server.domain.tokens import TokenProperties, read_token
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import JoinRefused
from fake_daily_server.values.ids import new_uuid
from fake_daily_server.values.participants import (
    DEFAULT_PERMISSIONS,
    OWNER_PERMISSIONS,
    EjectionType,
    Participant,
    Permissions,
)


def admit(
    room: Room,
    settings: Settings,
    *,
    now: float,
    token: str | None = None,
    user_name: str | None = None,
    user_id: str | None = None,
    user_data: Any = None,
) -> Participant:
    """The participant that a client becomes. What the token says goes before what the client says.

    Raises JoinRefused with Daily's word for the reason.
    """
    properties = room.properties
    holder = read_token(token, settings, now=now) if token is not None else TokenProperties()
    if holder.room_name not in (None, room.name):
        raise JoinRefused("not-allowed", f"the meeting token is for room {holder.room_name!r}, not {room.name!r}")
    if room.privacy == "private" and token is None:
        raise JoinRefused("not-allowed", f"room {room.name} is private; joining needs a meeting token")
    if room.expired:
        raise JoinRefused("exp-room", f"room {room.name} expired at {properties.exp}; now is {int(now)}")
    if properties.nbf is not None and properties.nbf > now:
        raise JoinRefused("nbf-room", f"room {room.name} opens at {properties.nbf}; now is {int(now)}")
    if len(room.participants) >= room.max_participants:
        raise JoinRefused("meeting-full", f"room {room.name} is full: max_participants is {room.max_participants}")
    session_id = new_uuid()
    if (holder.user_id or user_id) in room.banned:
        raise JoinRefused("not-allowed", f"the user id {holder.user_id or user_id!r} is banned from room {room.name}")
    end, ejected_as = _end(room, holder, now)
    return Participant(
        session_id=session_id,
        user_id=holder.user_id or user_id or session_id,
        user_name=holder.user_name or user_name or "",
        owner=holder.is_owner,
        permissions=_permissions(room, holder),
        user_data=user_data,
        token=holder.as_dict() if token is not None else {},
        will_eject_at=end,
        ejected_as=ejected_as,
    )


def _permissions(room: Room, holder: TokenProperties) -> Permissions:
    permissions = OWNER_PERMISSIONS if holder.is_owner else DEFAULT_PERMISSIONS
    if not holder.is_owner:
        if room.properties.enable_hidden_participants:
            permissions = Permissions(has_presence=False).over(permissions)
        if room.properties.permissions is not None:
            permissions = room.properties.permissions.over(permissions)
    return holder.permissions.over(permissions) if holder.permissions is not None else permissions


def _end(room: Room, holder: TokenProperties, now: float) -> tuple[float | None, EjectionType]:
    """When the holder will be ejected, and as what.

    It is fixed at the join: later changes of the room do not move it (as measured at the real service).
    """
    ends: list[tuple[float, EjectionType]] = []
    by_token = holder.sets_ejection
    if by_token and holder.eject_at_token_exp and holder.exp is not None:
        ends.append((holder.exp, "exp-token"))
    if not by_token and room.properties.eject_at_room_exp and room.properties.exp is not None:
        ends.append((room.properties.exp, "exp-room"))
    if after := (holder if by_token else room.properties).eject_after_elapsed:
        ends.append((now + after, "ejected"))
    return min(ends, default=(None, "ejected"))
