"""The video section of session descriptions: parsed, offered, answered, refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.useragent.messages import VideoPort
from simulator.useragent.worker.video_sdp import VideoSection, answer_section, offer_section, replace_section

PORT = VideoPort(host="127.0.0.1", rtp=40000, codecs=("VP8", "H264"))
SESSION = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
AUDIO = "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
VIDEO = (
    "m=video 5000 RTP/AVP 34 96 97 98\r\n"
    "a=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 profile-level-id=42801F\r\n"
    "a=rtpmap:97 H264/90000\r\n"
    "a=fmtp:97 profile-level-id=42801F; packetization-mode=1\r\n"
    "a=rtpmap:98 VP8/90000\r\n"
    "a=sendonly\r\n"
)


def test_the_video_section_of_an_offer_is_parsed() -> None:
    section = VideoSection.parse(SESSION + AUDIO + VIDEO)
    assert section is not None
    assert (section.host, section.rtp, section.rtcp, section.direction) == ("10.0.0.1", 5000, 5001, "sendonly")
    assert [(f.payload_type, f.codec, f.usable) for f in section.formats] == [
        (96, "H264", False),
        (97, "H264", True),
        (98, "VP8", True),
    ]


@pytest.mark.parametrize("sdp", ["", SESSION + AUDIO, SESSION + AUDIO + "m=video 0 RTP/AVP 96\r\n", "m=video x"])
def test_a_description_without_video_has_no_section(sdp: str) -> None:
    assert VideoSection.parse(sdp) is None


def test_a_video_section_with_its_own_addresses() -> None:
    own = VIDEO.replace("\r\na=rtpmap:96", "\r\nc=IN IP4 10.0.0.9/127\r\na=rtcp:6001 IN IP4 10.0.0.9\r\na=rtpmap:96")
    section = VideoSection.parse(SESSION + AUDIO + own)
    assert section is not None
    assert (section.host, section.rtp, section.rtcp) == ("10.0.0.9", 5000, 6001)


def test_the_video_section_replaces_the_second_audio_section_of_an_offer() -> None:
    sdp = replace_section(SESSION + AUDIO + AUDIO.replace("4000", "4002"), offer_section(PORT))
    assert sdp.count("m=") == 2
    assert sdp.startswith(SESSION + AUDIO)
    section = VideoSection.parse(sdp)
    assert section is not None
    assert (section.host, section.rtp, section.rtcp) == ("127.0.0.1", 40000, 40001)
    assert [f.codec for f in section.formats] == ["VP8", "H264"]
    assert all(f.usable for f in section.formats)


def test_an_answer_has_the_first_common_codec_with_the_payload_type_of_the_offer() -> None:
    offer = VideoSection.parse(SESSION + AUDIO + VIDEO)
    assert offer is not None
    written, chosen = answer_section(PORT, offer), offer.choose(PORT.codecs)
    assert written is not None
    assert chosen is not None
    assert (chosen.payload_type, chosen.codec) == (98, "VP8")
    sdp = replace_section(SESSION + AUDIO + "m=video 0 RTP/AVP 96\r\n", written)
    section = VideoSection.parse(sdp)
    assert section is not None
    assert section.formats == (chosen,)
    h264 = VideoPort(host="127.0.0.1", rtp=40000, codecs=("H264",))
    assert offer.choose(h264.codecs) == offer.formats[1], "only packetization-mode 1"
    assert "m=video 40000 RTP/AVP 97" in (answer_section(h264, offer) or "")


def test_an_offer_without_a_common_codec_is_refused() -> None:
    offer = VideoSection.parse(SESSION + "m=video 5000 RTP/AVP 34\r\na=rtpmap:34 H263/90000\r\n")
    assert offer is not None
    assert answer_section(PORT, offer) is None


def test_a_description_with_one_section_is_not_changed() -> None:
    assert replace_section(SESSION + AUDIO, offer_section(PORT)) == SESSION + AUDIO


@given(
    st.lists(st.sampled_from(["m=video", "m=video 5 RTP/AVP 96", "a=rtpmap:", "a=fmtp:x y", "c=", "a=rtcp:", "junk"]))
)
def test_unknown_lines_are_ignored(lines: list[str]) -> None:
    VideoSection.parse("\r\n".join(lines))
