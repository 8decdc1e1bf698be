"""Who receives whose video in a room, and what calls request of each other's video."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.media.permissions import receives_video
from fake_daily_server.media.room_video import RoomVideo
from fake_daily_server.telephony.video_leg import dialin_video, dialout_video
from fake_daily_server.values.participants import Participant, Permissions
from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.telephony_requests import StartDialOut
from simulator.video.preferences import VideoPreferences

ANN, BOB = "ann", "bob"


def participant(session_id: str, *, video: bool = True, **permissions: Any) -> Participant:
    return Participant(
        session_id=session_id,
        user_id=f"user-{session_id}",
        video=video,
        permissions=Permissions.model_validate({"hasPresence": True, **permissions}),
    )


@pytest.mark.parametrize(
    ("watcher", "sender", "seen"),
    [
        (participant(ANN), participant(BOB), True),
        (participant(ANN), participant(ANN), False),
        (participant(ANN), participant(BOB, video=False), False),
        (participant(ANN), participant(BOB, canSend=["audio"]), False),
        (participant(ANN), participant(BOB, canSend=["video"]), True),
        (participant(ANN, canReceive={"base": False}), participant(BOB), False),
        (
            participant(ANN, canReceive={"base": False, "byUserId": {"user-bob": {"video": True}}}),
            participant(BOB),
            True,
        ),
        (participant(ANN, canReceive={"byParticipantId": {BOB: {"video": False}}}), participant(BOB), False),
        (participant(ANN, canReceive={"byParticipantId": {BOB: {"audio": False}}}), participant(BOB), True),
    ],
)
def test_permissions_decide_who_receives_video(watcher: Participant, sender: Participant, seen: bool) -> None:
    assert receives_video(watcher, sender) is seen


def test_frames_go_to_those_who_watch_the_sender() -> None:
    video = RoomVideo()
    seen: list[Any] = []
    changes: list[int] = []
    watch: Any = seen.append
    frame: Any = object()
    video.watch(BOB, watch)
    assert video.is_watched(BOB)
    video.show(BOB, frame)
    video.show(ANN, frame)
    video.unwatch(BOB, watch)
    video.unwatch(BOB, watch)
    video.show(BOB, frame)
    assert seen == [frame]
    assert not video.is_watched(BOB)

    def follower() -> None:
        changes.append(1)

    video.follow(follower)
    video.visibility_changed()
    video.unfollow(follower)
    video.visibility_changed()
    assert changes == [1]


def test_a_dial_out_requests_video_by_its_settings() -> None:
    def wish(**settings: Any) -> VideoPreferences | None:
        return dialout_video(StartDialOut.model_validate({"sipUri": "sip:bob@example.com", **settings}))

    assert wish() is None
    assert wish(codecs={"video": ["VP8"]}) is None
    assert wish(video=True) == VideoPreferences(("H264", "VP8"), 1280, 720, 15, 900)
    small = {"width": 640, "height": 480, "fps": 30, "videoBitrate": 500}
    assert wish(video=True, codecs={"video": ["VP8"]}, videoSettings=small) == VideoPreferences(
        ("VP8", "H264"), 640, 480, 30, 500
    )


def test_a_room_requests_video_of_callers_by_its_sip_property() -> None:
    def wish(**sip: Any) -> VideoPreferences | None:
        return dialin_video(RoomProperties.model_validate({"sip": {"display_name": "x", **sip}}))

    assert dialin_video(RoomProperties()) is None
    assert wish() is None
    assert wish(video=True) == VideoPreferences(("H264", "VP8"))
    assert wish(video=True, codecs={"video": ["VP8"]}) == VideoPreferences(("VP8", "H264"))
