"""Who receives whose audio, by Daily's permissions `canSend` and `canReceive`."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.media.permissions import receives_audio, receives_custom_audio
from fake_daily_server.values.participants import (
    DEFAULT_PERMISSIONS,
    PartialCanReceive,
    Participant,
    Permissions,
)

ANN = Participant(session_id="ann-session", user_id="ann-user", user_name="Ann")


def bob(**permissions: Any) -> Participant:
    change = Permissions.model_validate(permissions)
    return Participant(session_id="bob-session", user_id="bob-user", permissions=change.over(DEFAULT_PERMISSIONS))


def full(*, audio: bool) -> dict[str, Any]:
    """`base` as an object, which names all six kinds of media."""
    return {
        "video": not audio,
        "audio": audio,
        "screenVideo": not audio,
        "screenAudio": not audio,
        "customVideo": {"*": not audio},
        "customAudio": {"*": not audio},
    }


ME, ID = {"ann-user": True}, {"ann-session": True}
NOT_ME, NOT_ID = {"ann-user": False}, {"ann-session": False}


@pytest.mark.parametrize(
    ("can_receive", "heard"),
    [
        ({}, True),
        ({"base": True}, True),
        ({"base": False}, False),
        ({"base": full(audio=True)}, True),
        ({"base": full(audio=False)}, False),
        ({"base": False, "byUserId": ME}, True),
        ({"base": True, "byUserId": NOT_ME}, False),
        ({"base": False, "byParticipantId": ID}, True),
        ({"base": True, "byParticipantId": NOT_ID}, False),
        ({"base": True, "byUserId": ME, "byParticipantId": NOT_ID}, False),
        ({"base": False, "byUserId": NOT_ME, "byParticipantId": ID}, True),
        ({"base": False, "byUserId": {"somebody": True}, "byParticipantId": {"else": True}}, False),
        ({"base": True, "byUserId": {"somebody": False}, "byParticipantId": {"else": False}}, True),
        ({"base": True, "byUserId": {"ann-user": {"audio": False}}}, False),
        ({"base": False, "byUserId": {"ann-user": {"audio": True}}}, True),
        ({"base": True, "byUserId": {"ann-user": {"video": False}}}, True),
        ({"base": False, "byUserId": {"ann-user": {"video": True}}}, False),
        ({"base": True, "byUserId": NOT_ME, "byParticipantId": {"ann-session": {"video": True}}}, False),
        ({"base": False, "byUserId": ME, "byParticipantId": {"ann-session": {"audio": False}}}, False),
        ({"base": False, "byUserId": {"ann-session": True}, "byParticipantId": {"ann-user": True}}, False),
    ],
)
def test_the_most_specific_entry_of_can_receive_decides(can_receive: dict[str, Any], heard: bool) -> None:
    assert receives_audio(bob(canReceive=can_receive), ANN) is heard


@pytest.mark.parametrize(
    ("can_send", "heard"),
    [(True, True), (False, False), (["audio"], True), (["video", "screenAudio"], False), ([], False)],
)
def test_can_send_decides_whether_audio_is_sent(can_send: Any, heard: bool) -> None:
    assert receives_audio(ANN, bob(canSend=can_send)) is heard


@pytest.mark.parametrize(
    ("asked_for", "heard"),
    [
        ({}, True),
        ({"base": False}, False),
        ({"base": {"audio": False}}, False),
        ({"base": {"video": False}}, True),
        ({"base": {"video": False, "customAudio": {"music": False}}}, True),
        ({"byUserId": NOT_ME}, False),
        ({"base": False, "byParticipantId": ID}, True),
    ],
)
def test_can_receive_of_a_dial_out_may_leave_out_any_part(asked_for: dict[str, Any], heard: bool) -> None:
    full_form = PartialCanReceive.model_validate(asked_for).complete()
    assert receives_audio(bob(canReceive=full_form), ANN) is heard
    again = Permissions.model_validate({"canReceive": full_form.model_dump(by_alias=True, exclude_none=True)})
    assert again.can_receive == full_form


def test_a_participant_does_not_hear_itself() -> None:
    assert not receives_audio(ANN, ANN)


def test_a_muted_call_is_not_heard() -> None:
    phone = Participant.telephony("pstn-dial-in", "phone-session", user_name="phone")
    assert receives_audio(ANN, phone)
    assert not receives_audio(ANN, phone.with_remote_mute(audio=False))
    assert receives_audio(ANN, phone.with_remote_mute(audio=False).with_remote_mute(audio=True))


@pytest.mark.parametrize(
    ("can_send", "can_receive", "heard"),
    [
        (None, None, True),
        (["customAudio"], None, True),
        (["audio"], None, False),
        (None, {"byParticipantId": {"speaker": False}}, False),
        (None, {"byParticipantId": {"speaker": {"customAudio": {"music": False}}}}, False),
        (None, {"byParticipantId": {"speaker": {"customAudio": {"*": False, "music": True}}}}, True),
        (None, {"byParticipantId": {"speaker": {"customAudio": {"*": False}}}}, False),
        (None, {"byParticipantId": {"speaker": {"audio": False}}}, True),
    ],
)
def test_permissions_for_custom_audio_tracks_apply_by_name(
    can_send: list[str] | None, can_receive: dict[str, Any] | None, heard: bool
) -> None:
    speaker = Participant(session_id="speaker", user_id="s").with_permissions(
        Permissions.model_validate({} if can_send is None else {"canSend": can_send})
    )
    listener = Participant(session_id="listener", user_id="l").with_permissions(
        Permissions.model_validate({} if can_receive is None else {"canReceive": can_receive})
    )
    assert receives_custom_audio(listener, speaker, "music") is heard
    assert not receives_custom_audio(speaker, speaker, "music")
