"""Who may hear whom in a room, by Daily's permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from fake_daily_server.values.participants import AllMedia, Participant, Permissions, SomeMedia


def hears(listener: Participant, speaker: Participant) -> bool:
    """Whether sound of `speaker` reaches `listener`: it may, and no administrator has turned it off."""
    return "audio" not in speaker.muted_remotely and may_hear(listener, speaker)


def may_hear(listener: Participant, speaker: Participant) -> bool:
    """Whether sound of `speaker` may be sent, and received by `listener`. Nobody hears itself."""
    return (
        listener.session_id != speaker.session_id
        and may_send_audio(speaker.permissions)
        and may_receive_audio(listener.permissions, participant_id=speaker.session_id, user_id=speaker.user_id)
    )


def hears_track(listener: Participant, owner: Participant, name: str) -> bool:
    """Whether the custom audio track of this name may be sent, and received by `listener`. Nobody hears its own."""
    entries = _entries(listener.permissions, owner.session_id, owner.user_id)
    return (
        listener.session_id != owner.session_id
        and owner.may_send("customAudio")
        and next((audio for entry in entries if (audio := _custom_audio(entry, name)) is not None), True)
    )


def sees(watcher: Participant, sender: Participant) -> bool:
    """Whether video of `sender` reaches `watcher`: it is sent, may be, and may be received; nobody sees itself."""
    return (
        watcher.session_id != sender.session_id
        and sender.video
        and sender.may_send("video")
        and may_receive_video(watcher.permissions, participant_id=sender.session_id, user_id=sender.user_id)
    )


def sees_screen(watcher: Participant, sender: Participant) -> bool:
    """Likewise for a screen that is shared."""
    entries = _entries(watcher.permissions, sender.session_id, sender.user_id)
    return (
        watcher.session_id != sender.session_id
        and sender.screen
        and sender.may_send("screenVideo")
        and next((video for entry in entries if (video := _screen_video(entry)) is not None), True)
    )


def may_send_audio(permissions: Permissions) -> bool:
    """By `canSend`, a truth value or a list of kinds; absent means yes."""
    kinds = permissions.can_send
    return "audio" in kinds if isinstance(kinds, tuple) else kinds is not False


def may_receive_audio(permissions: Permissions, *, participant_id: str, user_id: str) -> bool:
    """By `canReceive`: the entry for the participant id decides, else the one for the user id, else `base`.

    An entry that says nothing about audio leaves it to the next; when none says anything the answer is yes.
    """
    entries = _entries(permissions, participant_id, user_id)
    return next((audio for audio in map(_audio, entries) if audio is not None), True)


def may_receive_video(permissions: Permissions, *, participant_id: str, user_id: str) -> bool:
    """Likewise, for the camera."""
    entries = _entries(permissions, participant_id, user_id)
    return next((video for video in map(_video, entries) if video is not None), True)


_Entry: TypeAlias = "bool | SomeMedia | AllMedia | None"


def _entries(permissions: Permissions, participant_id: str, user_id: str) -> tuple[_Entry, ...]:
    receive = permissions.can_receive
    if receive is None:
        return ()
    return (
        (receive.by_participant_id or {}).get(participant_id),
        (receive.by_user_id or {}).get(user_id),
        receive.base,
    )


def _audio(entry: _Entry) -> bool | None:
    return entry if entry is None or isinstance(entry, bool) else entry.audio


def _custom_audio(entry: _Entry, name: str) -> bool | None:
    if entry is None or isinstance(entry, bool):
        return entry
    named = entry.custom_audio or {}
    return named.get(name, named.get("*"))


def _video(entry: _Entry) -> bool | None:
    return entry if entry is None or isinstance(entry, bool) else entry.video


def _screen_video(entry: _Entry) -> bool | None:
    return entry if entry is None or isinstance(entry, bool) else entry.screen_video
