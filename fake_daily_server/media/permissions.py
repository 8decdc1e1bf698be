"""Which participants' audio and video a participant receives, according to `canSend` and `canReceive`.

A missing permission allows everything. For each kind of media, the entry of `canReceive.byParticipantId` decides, then
the entry of `byUserId`, then `base`; an entry that does not mention the kind is skipped. Daily documents the fields
(https://docs.daily.co/reference/rest-api/meeting-tokens/create-meeting-token) but not this order, which is a choice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from fake_daily_server.values.participants import AllMedia, Participant, SomeMedia

    _Entry: TypeAlias = bool | SomeMedia | AllMedia | None


def receives_audio(receiver: Participant, sender: Participant) -> bool:
    """Whether `receiver` hears `sender`: permissions allow it, and no other participant has muted `sender`."""
    return "audio" not in sender.muted_remotely and may_receive_audio(receiver, sender)


def may_receive_audio(receiver: Participant, sender: Participant) -> bool:
    """Whether permissions let `sender` send audio and `receiver` receive it; false for a participant's own audio."""
    return receiver.session_id != sender.session_id and sender.may_send("audio") and _allows(receiver, sender, _audio)


def receives_custom_audio(receiver: Participant, sender: Participant, name: str) -> bool:
    """Whether permissions let `receiver` receive the sender's custom audio track named `name`."""
    return (
        receiver.session_id != sender.session_id
        and sender.may_send("customAudio")
        and _allows(receiver, sender, lambda entry: _custom_audio(entry, name))
    )


def receives_video(receiver: Participant, sender: Participant) -> bool:
    """Whether `receiver` sees the camera of `sender`: it is on and permissions allow it; false for one's own camera."""
    return (
        receiver.session_id != sender.session_id
        and sender.video
        and sender.may_send("video")
        and _allows(receiver, sender, _video)
    )


def receives_screen_video(receiver: Participant, sender: Participant) -> bool:
    """Whether `receiver` sees a screen that `sender` shares: permissions allow it; false for one's own screen."""
    return (
        receiver.session_id != sender.session_id
        and sender.screen
        and sender.may_send("screenVideo")
        and _allows(receiver, sender, _screen_video)
    )


def _allows(receiver: Participant, sender: Participant, decide: Callable[[_Entry], bool | None]) -> bool:
    """Return the first decision of the `canReceive` entries that apply to `sender`; True if no entry decides."""
    can_receive = receiver.permissions.can_receive
    if can_receive is None:
        return True
    entries: tuple[_Entry, ...] = (
        (can_receive.by_participant_id or {}).get(sender.session_id),
        (can_receive.by_user_id or {}).get(sender.user_id),
        can_receive.base,
    )
    return next((allowed for entry in entries if (allowed := decide(entry)) is not None), True)


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
