"""The number on a test card is readable after coding and scaling; other pictures have none."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from aiortc.codecs import get_decoder, get_encoder
from aiortc.codecs.h264 import h264_depayload
from aiortc.codecs.vpx import vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import VideoFrame

from simulator.video.received_video import ReceivedVideo
from simulator.video.test_card import TestCard, read_number


@pytest.mark.parametrize("size", [(64, 48), (320, 240), (1280, 720)])
@pytest.mark.parametrize("number", [0, 1, 4711, 65535])
def test_the_number_is_readable_at_any_size(size: tuple[int, int], number: int) -> None:
    picture = TestCard(*size).picture(number)
    assert (picture.width, picture.height) == size
    assert read_number(picture) == number
    assert read_number(picture.reformat(width=160, height=120)) == number


@pytest.mark.parametrize("name", ["VP8", "H264"])
def test_the_number_is_readable_at_a_low_bit_rate(name: str) -> None:
    codec = RTCRtpCodecParameters(mimeType=f"video/{name}", clockRate=90000, payloadType=97)
    depayload = vp8_depayload if name == "VP8" else h264_depayload
    encoder, decoder, card = get_encoder(codec), get_decoder(codec), TestCard()
    encoder.target_bitrate = 100_000  # type: ignore[attr-defined]  # both encoders have it
    read = []
    for number in range(20):
        picture = card.picture(1000 + number)
        picture.pts, picture.time_base = number * 6000, Fraction(1, 90000)
        payloads, timestamp = encoder.encode(picture)
        data = b"".join(depayload(payload) for payload in payloads)
        read += [
            read_number(frame)
            for frame in decoder.decode(JitterFrame(data, timestamp))
            if isinstance(frame, VideoFrame)
        ]
    assert read == [*range(1000, 1000 + len(read))]
    assert len(read) >= 18


def test_other_pictures_have_no_number() -> None:
    noise = np.random.default_rng(1).integers(16, 235, (360, 320), np.uint8)
    for planes in (noise, np.full((360, 320), 16, np.uint8), np.full((360, 320), 235, np.uint8)):
        assert read_number(VideoFrame.from_ndarray(planes, format="yuv420p")) is None


def test_the_statistics_of_received_video() -> None:
    received = ReceivedVideo("VP8", pictures=5, width=320, height=240, first_at=1.0, latest_at=1.4)
    received.numbers.extend([65534, 65535, 0, 3, 3])
    assert received.fps == pytest.approx(10)
    assert received.missing == 2
    assert str(received) == "5 pictures of 320x240 in VP8, test cards 65534 to 3"
