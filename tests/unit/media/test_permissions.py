"""Daily's permissions as far as sound goes."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.media.permissions import hears, hears_track
from fake_daily_server.values.participants import (
    DEFAULT_PERMISSIONS,
    CanReceive,
    PartialCanReceive,
    Participant,
    Permissions,
)

ANN = Participant(session_id="ann-session", user_id="ann-user", user_name="Ann")


def bob(**permissions: Any) -> Participant:
    change = Permissions.model_validate(permissions)
    return Participant(session_id="bob-session", user_id="bob-user", permissions=change.over(DEFAULT_PERMISSIONS))


def full(*, audio: bool) -> dict[str, Any]:
    """`base` as an object names all six kinds."""
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
def test_can_receive(can_receive: dict[str, Any], heard: bool) -> None:
    assert hears(bob(canReceive=can_receive), ANN) is heard


@pytest.mark.parametrize(
    ("can_send", "heard"),
    [(True, True), (False, False), (["audio"], True), (["video", "screenAudio"], False), ([], False)],
)
def test_can_send(can_send: Any, heard: bool) -> None:
    assert hears(ANN, bob(canSend=can_send)) is heard


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
def test_can_receive_of_a_dial_out_may_name_any_part(asked_for: dict[str, Any], heard: bool) -> None:
    full_form = PartialCanReceive.model_validate(asked_for).complete()
    assert hears(bob(canReceive=full_form), ANN) is heard
    again = Permissions.model_validate({"canReceive": full_form.model_dump(by_alias=True, exclude_none=True)})
    assert again.can_receive == CanReceive.model_validate(full_form.model_dump(exclude_none=True))


def test_nobody_hears_itself() -> None:
    assert not hears(ANN, ANN)


def test_a_muted_call_is_not_heard() -> None:
    phone = Participant.telephony("pstn-dial-in", "phone-session", user_name="phone")
    assert hears(ANN, phone)
    assert not hears(ANN, phone.with_remote_mute(audio=False))
    assert hears(ANN, phone.with_remote_mute(audio=False).with_remote_mute(audio=True))


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
def test_named_tracks(can_send: list[str] | None, can_receive: dict[str, Any] | None, heard: bool) -> None:
    speaker = Participant(session_id="speaker", user_id="s").with_permissions(
        Permissions.model_validate({} if can_send is None else {"canSend": can_send})
    )
    listener = Participant(session_id="listener", user_id="l").with_permissions(
        Permissions.model_validate({} if can_receive is None else {"canReceive": can_receive})
    )
    assert hears_track(listener, speaker, "music") is heard
    assert not hears_track(speaker, speaker, "music")
