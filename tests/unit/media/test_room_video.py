"""Who sees whom in a room, by permissions, and that watchers get the pictures of whom they watch."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.media.permissions import sees
from fake_daily_server.media.room_video import RoomVideo
from fake_daily_server.telephony.video_leg import dialin_video, dialout_video
from fake_daily_server.values.participants import Participant, Permissions
from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.telephony_requests import StartDialOut
from simulator.video.preferences import VideoPreferences

ANN, BOB = "ann", "bob"


def somebody(session_id: str, *, video: bool = True, **permissions: Any) -> Participant:
    return Participant(
        session_id=session_id,
        user_id=f"user-{session_id}",
        video=video,
        permissions=Permissions.model_validate({"hasPresence": True, **permissions}),
    )


@pytest.mark.parametrize(
    ("watcher", "sender", "seen"),
    [
        (somebody(ANN), somebody(BOB), True),
        (somebody(ANN), somebody(ANN), False),
        (somebody(ANN), somebody(BOB, video=False), False),
        (somebody(ANN), somebody(BOB, canSend=["audio"]), False),
        (somebody(ANN), somebody(BOB, canSend=["video"]), True),
        (somebody(ANN, canReceive={"base": False}), somebody(BOB), False),
        (somebody(ANN, canReceive={"base": False, "byUserId": {"user-bob": {"video": True}}}), somebody(BOB), True),
        (somebody(ANN, canReceive={"byParticipantId": {BOB: {"video": False}}}), somebody(BOB), False),
        (somebody(ANN, canReceive={"byParticipantId": {BOB: {"audio": False}}}), somebody(BOB), True),
    ],
)
def test_permissions_decide(watcher: Participant, sender: Participant, seen: bool) -> None:
    assert sees(watcher, sender) is seen


def test_pictures_go_to_who_watches() -> None:
    video = RoomVideo()
    seen: list[Any] = []
    changes: list[int] = []
    watch: Any = seen.append
    picture: Any = object()
    video.watch(BOB, watch)
    assert video.watched(BOB)
    video.show(BOB, picture)
    video.show(ANN, picture)
    video.unwatch(BOB, watch)
    video.unwatch(BOB, watch)
    video.show(BOB, picture)
    assert seen == [picture]
    assert not video.watched(BOB)

    def follower() -> None:
        changes.append(1)

    video.follow(follower)
    video.changed()
    video.unfollow(follower)
    video.changed()
    assert changes == [1]


def test_what_a_dial_out_asks_for() -> None:
    def wish(**settings: Any) -> VideoPreferences | None:
        return dialout_video(StartDialOut.model_validate({"sipUri": "sip:bob@example.com", **settings}))

    assert wish() is None
    assert wish(video=True) == VideoPreferences(("H264", "VP8"), 1280, 720, 15, 900)
    small = {"width": 640, "height": 480, "fps": 30, "videoBitrate": 500}
    assert wish(video=True, codecs={"video": ["VP8"]}, videoSettings=small) == VideoPreferences(
        ("VP8", "H264"), 640, 480, 30, 500
    )


def test_what_a_room_asks_for_of_callers() -> None:
    def wish(**sip: Any) -> VideoPreferences | None:
        return dialin_video(RoomProperties.model_validate({"sip": {"display_name": "x", **sip}}))

    assert dialin_video(RoomProperties()) is None
    assert wish() is None
    assert wish(video=True) == VideoPreferences(("H264", "VP8"))
    assert wish(video=True, codecs={"video": ["VP8"]}) == VideoPreferences(("VP8", "H264"))
