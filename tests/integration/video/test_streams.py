"""Two video streams on loopback: pictures, requested key frames, losses, and cleanup."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import get_args

import pytest
from aiortc.rtp import RtpPacket
from av import VideoFrame

from simulator.return_address import Address
from simulator.video.negotiated import NegotiatedVideo, VideoCodec
from simulator.video.preferences import VideoPreferences
from simulator.video.stream import VideoStream, fitted_size
from simulator.video.test_card import TestCard, read_number

CODECS = get_args(VideoCodec)


def negotiated(codec: VideoCodec, host: str, rtp: int) -> NegotiatedVideo:
    return NegotiatedVideo(
        codec=codec, payload_type=97, direction="sendrecv", remote_host=host, remote_rtp=rtp, remote_rtcp=rtp + 1
    )


async def open_stream(codec: VideoCodec, *, symmetric: bool = True) -> VideoStream:
    return await VideoStream.open(
        VideoPreferences((codec,)), host="127.0.0.1", permitted=lambda host, port: host, symmetric=symmetric
    )


@asynccontextmanager
async def pair(codec: VideoCodec) -> AsyncIterator[tuple[VideoStream, VideoStream]]:
    one, other = [await open_stream(codec) for _ in range(2)]
    one.start(negotiated(codec, other.port.host, other.port.rtp))
    other.start(negotiated(codec, one.port.host, one.port.rtp))
    try:
        yield one, other
    finally:
        one.close()
        other.close()


class CardReader:
    """Keeps the test card numbers of all pictures that a stream receives."""

    def __init__(self, stream: VideoStream) -> None:
        self.numbers: list[int | None] = []
        stream.on_picture = self._receive

    def _receive(self, picture: VideoFrame) -> None:
        self.numbers.append(read_number(picture))

    async def until(self, number: int, sender: VideoStream, first: int) -> None:
        """Send cards numbered from `first` until the card `number` is received."""
        card = TestCard()
        async with asyncio.timeout(10):
            for sent in range(first, 10_000):
                if self.numbers and (self.numbers[-1] or 0) >= number:
                    return
                sender.send(card.picture(sent))
                await asyncio.sleep(1 / 15)


@pytest.mark.parametrize("codec", CODECS)
async def test_pictures_are_received_in_order_in_both_directions(codec: VideoCodec) -> None:
    async with pair(codec) as (one, other):
        there, here = CardReader(other), CardReader(one)
        await asyncio.gather(there.until(10, one, 0), here.until(110, other, 100))
        assert there.numbers[:8] == [*range(8)]
        assert here.numbers[:8] == [*range(100, 108)]
        assert (one.counts.lost_packets, one.counts.requests_sent) == (0, 0)
        assert one.counts.sent_key_frames == 1


@pytest.mark.parametrize("codec", CODECS)
async def test_a_requested_key_frame_is_sent(codec: VideoCodec) -> None:
    async with pair(codec) as (one, other):
        there = CardReader(other)
        await there.until(3, one, 0)
        other.request_key_frame()
        await there.until(8, one, 4)
        assert other.counts.requests_sent == 1
        assert one.counts.requests_received == 1
        assert one.counts.sent_key_frames == 2
        other.request_key_frame()
        assert other.counts.requests_sent <= 2, "at most twice a second"


@pytest.mark.parametrize("codec", CODECS)
async def test_a_key_frame_is_requested_after_a_loss(codec: VideoCodec, monkeypatch: pytest.MonkeyPatch) -> None:
    async with pair(codec) as (one, other):
        there = CardReader(other)
        await there.until(3, one, 0)
        dropped: list[bytes] = []
        receive = VideoStream._rtp_received

        def lossy(stream: VideoStream, data: bytes, source: Address) -> None:
            if stream is other and len(dropped) < 2 and RtpPacket.parse(data).marker:
                dropped.append(data)
            else:
                receive(stream, data, source)

        for transport in other._transports[:1]:
            protocol = transport.get_protocol()
            monkeypatch.setattr(protocol, "_receive", lambda data, source: lossy(other, data, source))
        await there.until(40, one, 4)
        assert len(dropped) == 2
        assert other.counts.lost_packets == 2
        assert other.counts.requests_sent >= 1
        assert one.counts.sent_key_frames >= 2


@pytest.mark.parametrize("symmetric", [True, False])
async def test_a_peer_that_names_another_address_is_sent_video_where_its_own_comes_from(symmetric: bool) -> None:
    one, other, elsewhere = (
        await open_stream("VP8", symmetric=symmetric),
        await open_stream("VP8"),
        await open_stream("VP8"),
    )
    try:
        one.start(negotiated("VP8", elsewhere.port.host, elsewhere.port.rtp))
        other.start(negotiated("VP8", one.port.host, one.port.rtp))
        await CardReader(one).until(1, other, 0)
        receiver = other if symmetric else elsewhere
        elsewhere.start(negotiated("VP8", one.port.host, one.port.rtp))
        await CardReader(receiver).until(2, one, 0)
        assert [stream.counts.pictures > 0 for stream in (other, elsewhere)] == [symmetric, not symmetric]
    finally:
        for stream in (one, other, elsewhere):
            stream.close()


async def test_closing_a_stream_ends_its_threads_and_tasks() -> None:
    async with pair("VP8") as (one, other):
        await CardReader(other).until(2, one, 0)
    async with asyncio.timeout(3):
        while any(thread.name.startswith("video") for thread in threading.enumerate()):  # noqa: ASYNC110  # threads have no event
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("video")] == []


async def test_pictures_beyond_the_frame_rate_are_dropped() -> None:
    async with pair("VP8") as (one, other):
        there, card, began = CardReader(other), TestCard(), time.monotonic()
        for number in range(100):
            one.send(card.picture(number))
            await asyncio.sleep(0.01)
        seconds = time.monotonic() - began
        assert 1 < one.counts.sent_pictures <= 15 / 0.8 * seconds + 2
        assert there.numbers


@pytest.mark.parametrize(
    ("size", "most", "result"),
    [
        ((320, 240), (1280, 720), (320, 240)),
        ((1920, 1080), (1280, 720), (1280, 720)),
        ((320, 240), (160, 160), (160, 120)),
        ((101, 51), (50, 50), (50, 24)),
    ],
)
def test_pictures_are_scaled_down_to_fit_and_never_up(
    size: tuple[int, int], most: tuple[int, int], result: tuple[int, int]
) -> None:
    assert fitted_size(*size, *most) == result
