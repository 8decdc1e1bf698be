"""Decides whether a client may join a room, and creates its participant."""

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
    """Return the participant of a client that joins; `now` is in unix seconds.

    The user name and user id of the token take precedence over those of the client. Raises JoinRefused.
    """
    granted = read_token(token, settings, now=now) if token is not None else TokenProperties()
    user_id = granted.user_id or user_id
    _check_admission(room, granted, user_id, has_token=token is not None, now=now)
    session_id = new_uuid()
    will_eject_at, ejected_as = _ejection(room, granted, now)
    return Participant(
        session_id=session_id,
        user_id=user_id or session_id,
        user_name=granted.user_name or user_name or "",
        owner=granted.is_owner,
        permissions=_permissions(room, granted),
        user_data=user_data,
        token=granted.as_dict() if token is not None else {},
        will_eject_at=will_eject_at,
        ejected_as=ejected_as,
    )


def _check_admission(room: Room, granted: TokenProperties, user_id: str | None, *, has_token: bool, now: float) -> None:
    properties = room.properties
    if granted.room_name not in (None, room.name):
        raise JoinRefused("not-allowed", f"the meeting token is for room {granted.room_name!r}, not {room.name!r}")
    if room.privacy == "private" and not has_token:
        raise JoinRefused("not-allowed", f"room {room.name} is private; joining requires a meeting token")
    if room.expired:
        raise JoinRefused("exp-room", f"room {room.name} expired at {properties.exp}; now is {int(now)}")
    if properties.nbf is not None and properties.nbf > now:
        raise JoinRefused("nbf-room", f"room {room.name} opens at {properties.nbf}; now is {int(now)}")
    if len(room.participants) >= room.max_participants:
        raise JoinRefused("meeting-full", f"room {room.name} is full: max_participants is {room.max_participants}")
    if user_id in room.banned_user_ids:
        raise JoinRefused("not-allowed", f"the user id {user_id!r} is banned from room {room.name}")


def _permissions(room: Room, granted: TokenProperties) -> Permissions:
    permissions = OWNER_PERMISSIONS if granted.is_owner else DEFAULT_PERMISSIONS
    if not granted.is_owner:
        if room.properties.enable_hidden_participants:
            permissions = Permissions(hasPresence=False).over(permissions)
        if room.properties.permissions is not None:
            permissions = room.properties.permissions.over(permissions)
    return granted.permissions.over(permissions) if granted.permissions is not None else permissions


def _ejection(room: Room, granted: TokenProperties, now: float) -> tuple[float | None, EjectionType]:
    """The time of the participant's ejection in unix seconds (None for never), and the type of its fatal error.

    The time is fixed at the join. As observed at the real service, later changes of the room do not move it.
    """
    ends: list[tuple[float, EjectionType]] = []
    by_token = granted.sets_ejection
    if by_token and granted.eject_at_token_exp and granted.exp is not None:
        ends.append((granted.exp, "exp-token"))
    if not by_token and room.properties.eject_at_room_exp and room.properties.exp is not None:
        ends.append((room.properties.exp, "exp-room"))
    if after := (granted if by_token else room.properties).eject_after_elapsed:
        ends.append((now + after, "ejected"))
    return min(ends, default=(None, "ejected"))
