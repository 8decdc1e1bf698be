"""Phones with video in rooms: what they and WebRTC clients receive of each other, in both codecs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.errors import ExpectationFailed
from simulator.phone_call import PhoneCall
from simulator.video.negotiated import VideoCodec
from simulator.video.test_card import TestCard, read_number

CODECS = get_args(VideoCodec)
BOB = "sip:bob@example.com"
CAMERA_FROM = 5000
"""The first number of the WebRTC client's test card; phones begin at 0."""


class Camera(MediaStreamTrack):
    """A camera whose pictures are numbered test cards."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._card = TestCard(160, 120)
        self._number = CAMERA_FROM

    async def recv(self) -> VideoFrame:
        import asyncio
        from fractions import Fraction

        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(1 / 15)
        picture = self._card.picture(self._number)
        picture.pts, picture.time_base = (self._number - CAMERA_FROM) * 6000, Fraction(1, 90000)
        self._number += 1
        return picture


async def dial_out_with_video(
    daily: FakeDaily, client: Client, codec: VideoCodec, uri: str = BOB, **settings: Any
) -> tuple[str, PhoneCall]:
    """Dial out to a new phone with one video codec. Returns session and call once video is negotiated."""
    phone = await daily.network.phone(uri=uri, video=(codec,))
    session_id = await client.start_dialout({"sipUri": uri, "video": True, **settings})
    call = await phone.wait_for_call()
    await call.wait_answered()
    await client.wait_for(
        "participant-updated",
        where={"participant.session_id": session_id, "participant.tracks.video.state": "playable"},
    )
    return session_id, call


@pytest.mark.parametrize("codec", CODECS)
async def test_two_phones_receive_video_of_each_other(
    fake_daily: FakeDaily, daily_client: Client, codec: VideoCodec
) -> None:
    _, bob = await dial_out_with_video(fake_daily, daily_client, codec)
    _, eve = await dial_out_with_video(fake_daily, daily_client, codec, uri="sip:eve@example.com")
    for call in (bob, eve):
        seen = await call.expect_video(codec=codec, pictures=20, within=20)
        assert (seen.width, seen.height) == (1280, 720)
        numbers = list(seen.numbers)
        assert len(numbers) >= 18, seen
        assert numbers == sorted(numbers), "pictures are out of order"


@pytest.mark.parametrize("codec", CODECS)
async def test_a_webrtc_client_and_a_phone_receive_video_of_each_other(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, invite: Callable[..., Any], codec: VideoCodec
) -> None:
    session_id, bob = await dial_out_with_video(fake_daily, daily_client, codec)
    ann = await invite("Ann", hz=700, camera=Camera(), receive_video=True)
    seen = await bob.expect_video(pictures=10, within=10)
    assert (seen.width, seen.height) == (160, 120)
    assert seen.numbers[-1] >= CAMERA_FROM
    pictures = await ann.pictures_of(session_id, 10)
    numbers = [number for picture in pictures if (number := read_number(picture)) is not None]
    assert numbers == sorted(numbers)
    assert len(numbers) >= 8
    assert (pictures[0].width, pictures[0].height) == (1280, 720)
    assert daily_client.participants[ann.session_id]["tracks"]["video"]["state"] == "playable"


async def test_a_shared_screen_is_received_beside_the_camera(daily_client: Client, invite: Callable[..., Any]) -> None:
    ann = await invite("Ann", camera=Camera(), screen=Camera())
    ben = await invite("Ben", receive_video=True)
    await ben.pictures_of(ann.session_id, 3)
    pictures = await ben.pictures_of(ann.session_id, 3, "screenVideo")
    assert (pictures[0].width, pictures[0].height) == (160, 120)
    assert daily_client.participants[ann.session_id]["screen"] is True
    await daily_client.update_participant(ann.session_id, permissions={"canSend": ["video"]})
    await ben.until(lambda: ben.section_of(ann.session_id, "video", "screenVideo") is None)
    assert ben.section_of(ann.session_id, "video") is not None
    shown = daily_client.participants[ann.session_id]
    assert (shown["screen"], shown["tracks"]["screenVideo"]["off"]) == (False, {"byCanSendPermission": True})


async def test_the_video_settings_and_codecs_of_a_dial_out_apply(fake_daily: FakeDaily, daily_client: Client) -> None:
    small = {"videoSettings": {"width": 160, "height": 160, "fps": 5}, "codecs": {"video": ["VP8"]}}
    phone = await fake_daily.network.phone(uri=BOB, video=("H264", "VP8"))
    await daily_client.start_dialout({"sipUri": BOB, "video": True, **small})
    bob = await phone.wait_for_call()
    await dial_out_with_video(fake_daily, daily_client, "H264", uri="sip:eve@example.com")
    seen = await bob.expect_video(pictures=8, within=8)
    assert seen.codec == "VP8", "the first of codecs.video, which the phone has"
    assert (seen.width, seen.height) == (160, 90), "scaled down with its aspect ratio"
    assert seen.fps < 8


def video_warning(wanted: VideoCodec, used: VideoCodec) -> str:
    return f"Requested codec unavailable, using fallback ({wanted} was asked for, {used} is used)"


async def test_another_video_codec_than_the_first_leads_to_one_warning_of_a_dial_out(
    fake_daily: FakeDaily, daily_client: Client
) -> None:
    codecs: dict[str, Any] = {"codecs": {"audio": ["PCMU"], "video": ["VP8"]}}
    _, bob = await dial_out_with_video(fake_daily, daily_client, "H264", **codecs)
    await daily_client.wait_for("dialout-warning", where={"errorMsg": video_warning("VP8", "H264")})
    await bob.hold()
    await bob.resume()
    await bob.hang_up()
    await daily_client.wait_for("dialout-stopped")
    assert [event["action"] for event in daily_client.events].count("dialout-warning") == 1


@pytest.mark.parametrize(
    ("video", "warnings"), [(("H264", "VP8"), []), (("VP8",), []), (("H264",), [video_warning("VP8", "H264")])]
)
async def test_another_video_codec_than_the_first_leads_to_one_warning_of_a_dial_in(
    fake_daily: FakeDaily, video: tuple[VideoCodec, ...], warnings: list[str]
) -> None:
    room = await fake_daily.create_room(sip={"video": True, "codecs": {"video": ["VP8"]}})
    async with Client(room.url, token=room.owner_token) as client:
        phone = await fake_daily.network.phone("+12065550171", video=video)
        call = await phone.dial((await client.wait_for("dialin-ready"))["sipEndpoint"])
        await client.wait_for("participant-updated", where={"participant.tracks.video.state": "playable"})
        await call.hold()
        await call.resume()
        await call.hang_up()
        await client.wait_for("dialin-stopped")
        assert [event["errorMsg"] for event in client.events if event["action"] == "dialin-warning"] == warnings


async def test_dial_in_with_video(fake_daily: FakeDaily, daily_client: Client) -> None:
    room = await fake_daily.create_room(sip={"num_endpoints": 2, "video": True, "codecs": {"video": ["VP8"]}})
    async with Client(room.url, token=room.owner_token) as client:
        ready = await client.wait_for(["dialin-ready", "dialin-ready"])
        calls = []
        for number, event in enumerate(ready):
            phone = await fake_daily.network.phone(f"+1206555017{number}", video=("H264", "VP8"))
            calls.append(await phone.dial(event["sipEndpoint"]))
        for call in calls:
            seen = await call.expect_video(codec="VP8", pictures=10, within=20)
            assert seen.numbers


async def test_video_is_refused_by_a_phone_or_a_room_without_video_and_the_call_goes_on(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    plain = await fake_daily.network.phone(uri=BOB)
    session_id = await daily_client.start_dialout({"sipUri": BOB, "video": True})
    call = await plain.wait_for_call()
    await call.wait_answered()
    await daily_client.wait_for("dialout-answered")
    assert call.video_seen is None
    with pytest.raises(ExpectationFailed, match="no video was negotiated"):
        await call.expect_video(within=0.3)
    assert not daily_client.participants[session_id]["video"]
    caller = await fake_daily.network.phone("+12065550178", video=("VP8",))
    own = await caller.dial(daily_room.sip_uris[0])
    await own.wait_answered()
    assert own.video_seen is None, "the room has no sip.video"


async def test_the_video_of_a_held_phone_is_off_until_it_resumes(fake_daily: FakeDaily, daily_client: Client) -> None:
    session_id, bob = await dial_out_with_video(fake_daily, daily_client, "VP8")
    _, eve = await dial_out_with_video(fake_daily, daily_client, "VP8", uri="sip:eve@example.com")
    await eve.expect_video(within=20)
    await bob.hold()
    off = {"participant.session_id": session_id, "participant.tracks.video.state": "off"}
    await daily_client.wait_for("participant-updated", where=off)
    await bob.resume()
    await eve.expect_video(pictures=5, within=20)
    await bob.hang_up()
    await daily_client.wait_for("participant-left", where={"participant.session_id": session_id})
