"""The video section of session descriptions: chosen, offered, answered, refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.sdp.description import Description, MediaAddress
from simulator.sdp.video import (
    answer_section,
    choose_video,
    in_offered_order,
    offer_section,
    video_index,
    with_offered_video,
    with_video,
)
from tests.unit.sdp.test_description import described

CODECS = ("VP8", "H264")
AUDIO = "m=audio 4000 RTP/AVP 0\r\n"
VIDEO = (
    "m=video 5000 RTP/AVP 34 96 97 98\r\n"
    "a=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 profile-level-id=42801F\r\n"
    "a=rtpmap:97 H264/90000\r\n"
    "a=fmtp:97 profile-level-id=42801F; packetization-mode=1\r\n"
    "a=rtpmap:98 vp8/90000\r\n"
    "a=sendonly\r\n"
)


def test_the_video_section_of_an_offer_is_found() -> None:
    offer = described(AUDIO, VIDEO)
    assert video_index(offer) == 1
    section = offer.sections[1]
    assert (section.address, section.direction) == (MediaAddress("192.0.2.1", 5000, 5001), "sendonly")
    assert [(each.payload_type, each.name) for each in section.formats] == [(96, "H264"), (97, "H264"), (98, "VP8")]


@pytest.mark.parametrize(
    "section",
    [
        "",
        "m=video 0 RTP/AVP 98\r\na=rtpmap:98 VP8/90000\r\n",
        "m=video x\r\n",
        "m=video 5000 RTP/SAVP 98\r\na=rtpmap:98 VP8/90000\r\n",
        "m=video 5000 RTP/AVP 98\r\nc=IN IP6 ::1\r\na=rtpmap:98 VP8/90000\r\n",
        "m=video 5000 RTP/AVP 98\r\n",
        "m=video 5000 RTP/AVP 98\r\na=rtpmap:98 VP8/8000\r\n",
        "m=video 5000 RTP/AVP 34\r\na=rtpmap:34 H263/90000\r\n",
        "m=video 5000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
    ],
)
def test_a_description_without_video_that_can_be_sent(section: str) -> None:
    assert video_index(described(AUDIO, section)) is None


def test_the_video_section_replaces_the_second_audio_section_of_an_offer() -> None:
    offered = with_offered_video(described(AUDIO, AUDIO), offer_section("127.0.0.1", 40_000, CODECS))
    written = Description.parse(str(offered))
    assert written is not None
    assert [section.kind for section in written.sections] == ["audio", "video"]
    assert written.sections[1].address == MediaAddress("127.0.0.1", 40_000, 40_001)
    assert [each.name for each in written.sections[1].formats] == ["VP8", "H264"]
    assert all(choose_video(written.sections[1], [codec]) for codec in CODECS)
    assert str(offered).count("a=rtcp-fb:") == 4


def test_an_answer_has_the_first_common_codec_with_the_payload_type_of_the_offer() -> None:
    offered = described(VIDEO.replace("RTP/AVP", "RTP/AVPF")).sections[0]
    answer = answer_section("127.0.0.1", 40_000, CODECS, offered)
    assert answer is not None
    assert [(each.payload_type, each.name) for each in answer.formats] == [(98, "VP8")]
    assert answer.protocol == "RTP/AVPF"
    h264 = answer_section("127.0.0.1", 40_000, ["H264"], offered)
    assert h264 is not None
    assert h264.formats[0].payload_type == 97, "only packetization-mode 1"


def test_an_offer_without_a_common_codec_is_refused() -> None:
    offered = described("m=video 5000 RTP/AVP 34\r\na=rtpmap:34 H263/90000\r\n").sections[0]
    assert answer_section("127.0.0.1", 40_000, CODECS, offered) is None


def test_a_description_with_one_section_is_not_changed() -> None:
    assert with_offered_video(described(AUDIO), offer_section("127.0.0.1", 40_000, CODECS)) == described(AUDIO)


def test_codecs_in_the_order_of_the_offer_are_those_that_can_be_sent() -> None:
    offered = described(VIDEO).sections[0]
    assert in_offered_order(offered, CODECS) == ("H264", "VP8")
    assert in_offered_order(offered, ["VP8"]) == ("VP8",)


def test_a_description_with_video_has_no_bandwidth_of_the_session() -> None:
    limited = Description.parse(str(described(AUDIO, AUDIO)).replace("t=0 0", "b=AS:84\r\nb=CT:100\r\nt=0 0"))
    assert limited is not None
    video = offer_section("127.0.0.1", 40_000, CODECS)
    for changed in (with_offered_video(limited, video), with_video(limited, 1, video)):
        assert not [line for line in changed.session if line.startswith("b=")]
    assert "b=AS:84" in with_offered_video(replace(limited, sections=limited.sections[:1]), video).session
