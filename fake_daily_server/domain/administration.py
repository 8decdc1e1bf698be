"""Administration of a room's participants, by participants or over REST: eject, mute, change permissions."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fake_daily_server.domain.room import Room
from fake_daily_server.values.errors import Forbidden, NotFound
from fake_daily_server.values.participants import Participant, Permissions

ALL_PARTICIPANTS = "*"
"""Takes the place of a session id to address all participants, in app messages and permissions."""


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
    """On behalf of `by`, change a participant's permissions, mute (False) or unmute (True) its tracks, or eject it.

    Raises Forbidden if `by` lacks the permission, NotFound if the participant is not in the room.
    """
    if not by.may_administer:
        raise Forbidden(
            f"updateParticipant is not allowed for {by.user_name or by.session_id!r}; "
            "it requires a meeting token with is_owner, or with canAdmin for 'participants'"
        )
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
    """Eject all participants that have one of these session ids or user ids, and return their session ids.

    `ban` also keeps participants with these user ids from joining again.
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
    """Change permissions by session id; those under `*` apply to every participant, before those of its session id.

    Raises NotFound if a session id is not in the room; then nothing is changed.
    """
    for session_id in changes:
        if session_id != ALL_PARTICIPANTS and session_id not in room.participants:
            known = list(room.participants)
            raise NotFound(f"data: no participant {session_id} in room {room.name}; in the room: {known}")
    for session_id, who in room.participants.items():
        changed = who
        for change in (changes.get(ALL_PARTICIPANTS), changes.get(session_id)):
            if change is not None:
                changed = changed.with_permissions(change)
        if changed != who:
            room.replace_participant(changed)
