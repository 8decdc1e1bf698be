"""The number on a test card survives codecs and scaling, and other pictures have none."""

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

from simulator.video.seen import VideoSeen
from simulator.video.test_card import TestCard, number_on


@pytest.mark.parametrize("size", [(64, 48), (320, 240), (1280, 720)])
@pytest.mark.parametrize("number", [0, 1, 4711, 65535])
def test_the_number_is_read_back(size: tuple[int, int], number: int) -> None:
    picture = TestCard(*size).picture(number)
    assert (picture.width, picture.height) == size
    assert number_on(picture) == number
    assert number_on(picture.reformat(width=160, height=120)) == number


@pytest.mark.parametrize("name", ["VP8", "H264"])
def test_it_survives_a_codec_at_few_bits(name: str) -> None:
    codec = RTCRtpCodecParameters(mimeType=f"video/{name}", clockRate=90000, payloadType=97)
    depayload = vp8_depayload if name == "VP8" else h264_depayload
    encoder, decoder, card = get_encoder(codec), get_decoder(codec), TestCard()
    encoder.target_bitrate = 100_000  # type: ignore[attr-defined]  # both of these have it
    read = []
    for number in range(20):
        picture = card.picture(1000 + number)
        picture.pts, picture.time_base = number * 6000, Fraction(1, 90000)
        payloads, timestamp = encoder.encode(picture)
        data = b"".join(depayload(payload) for payload in payloads)
        read += [
            number_on(frame) for frame in decoder.decode(JitterFrame(data, timestamp)) if isinstance(frame, VideoFrame)
        ]
    assert read == [*range(1000, 1000 + len(read))]
    assert len(read) >= 18


def test_other_pictures_have_no_number() -> None:
    noise = np.random.default_rng(1).integers(16, 235, (360, 320), np.uint8)
    for planes in (noise, np.full((360, 320), 16, np.uint8), np.full((360, 320), 235, np.uint8)):
        assert number_on(VideoFrame.from_ndarray(planes, format="yuv420p")) is None


def test_what_was_seen_is_counted() -> None:
    seen = VideoSeen("VP8", pictures=5, width=320, height=240, first_at=1.0, latest_at=1.4)
    seen.numbers.extend([65534, 65535, 0, 3, 3])
    assert seen.fps == pytest.approx(10)
    assert seen.missing == 2
    assert str(seen) == "5 pictures of 320x240 in VP8, test cards 65534 to 3"
