"""What participants with the permission, and the REST API, do to the participants of a room."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fake_daily_server.domain.room import Room
from fake_daily_server.values.errors import Forbidden, NotFound
from fake_daily_server.values.participants import Participant, Permissions

ALL_PARTICIPANTS = "*"
"""Stands for the session ids of all participants, in app messages and permissions."""


async def update_participant(
    room: Room,
    session_id: str,
    by: Participant,
    *,
    eject: bool = False,
    permissions: Permissions | None = None,
    audio: bool | None = None,
    video: bool | None = None,
) -> None:
    """Eject a participant, change its permissions, or mute (False) and unmute (True) its tracks, for `by`.

    Raises Forbidden when `by` lacks the permission, NotFound when the participant is not in the room.
    """
    if not by.may_administer:
        raise Forbidden("updateParticipant needs an owner, or canAdmin with 'participants'")
    participant = room.participant(session_id)
    changed = participant.with_remote_mute(audio=audio, video=video)
    if permissions is not None:
        changed = changed.with_permissions(permissions)
    if changed != participant:
        room.replace_participant(changed)
    if eject:
        await room.eject(session_id)


async def eject_participants(
    room: Room, session_ids: Collection[str], user_ids: Collection[str], *, ban: bool = False
) -> list[str]:
    """Eject all participants with one of these session ids or user ids, and return their session ids.

    `ban` keeps participants with these user ids from joining again.
    """
    if ban:
        room.banned_user_ids.update(user_ids)
    chosen = [
        session_id
        for session_id, who in room.participants.items()
        if session_id in session_ids or who.user_id in user_ids
    ]
    for session_id in chosen:
        # Ejecting the last client ends the session, and with it the participants of calls.
        if session_id in room.participants:
            await room.eject(session_id)
    return chosen


def change_permissions(room: Room, changes: Mapping[str, Permissions]) -> None:
    """Apply changes by session id; those under `*` apply to all participants, before those of a session id.

    Raises NotFound when a session id is not in the room; nothing is changed then.
    """
    for session_id in changes:
        if session_id != ALL_PARTICIPANTS and session_id not in room.participants:
            raise NotFound(f"data: no participant {session_id} in room {room.name}")
    for session_id, who in room.participants.items():
        changed = who
        for change in (changes.get(ALL_PARTICIPANTS), changes.get(session_id)):
            if change is not None:
                changed = changed.with_permissions(change)
        if changed != who:
            room.replace_participant(changed)
