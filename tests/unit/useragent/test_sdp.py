"""Parsing SDP and restricting its codecs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.useragent.sdp import AudioSection, Format, restrict_codecs

OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 4000/1 RTP/AVP 96 9 0 8 120 121\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
    "a=rtpmap:120 telephone-event/8000\r\na=fmtp:120 0-16\r\na=rtpmap:121 telephone-event/48000\r\na=sendrecv\r\n"
    "m=video 0 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n"
)


def test_formats_are_parsed_in_their_order() -> None:
    section = AudioSection.parse(OFFER)
    assert section is not None
    assert section.port == 4000
    assert section.formats[:3] == (Format(96, "OPUS", 48000), Format(9, "G722", 8000), Format(0, "PCMU", 8000))
    assert section.codecs == ("OPUS", "G722", "PCMU", "PCMA")
    assert section.telephone_event() == Format(120, "TELEPHONE-EVENT", 8000)
    assert section.telephone_event(48000) == Format(121, "TELEPHONE-EVENT", 48000)
    assert section.telephone_event(16000) is None


def test_an_rtpmap_takes_precedence_over_a_static_payload_type() -> None:
    section = AudioSection.parse("m=audio 1 RTP/AVP 0\r\na=rtpmap:0 GSM/8000\r\n")
    assert section is not None
    assert section.codecs == ("GSM",)


def test_codecs_are_kept_in_the_wanted_order_with_the_telephone_event_of_their_clock() -> None:
    text = restrict_codecs(OFFER, ("PCMU", "G722"), telephone_event=True)
    assert "m=audio 4000/1 RTP/AVP 0 9 120\r\n" in text
    for gone in ("opus", "useinbandfec", "121", "PCMA"):
        assert gone not in text
    assert text.endswith("m=video 0 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n")
    assert "a=sendrecv" in text
    assert "telephone-event" not in restrict_codecs(OFFER, ("PCMU",), telephone_event=False)


def test_telephone_event_at_8000_hz_is_accepted_beside_opus() -> None:
    """Debian's baresip has telephone-event at no other clock."""
    assert "RTP/AVP 96 121 120\r\n" in restrict_codecs(OFFER, ("OPUS",), telephone_event=True)
    of_baresip = AudioSection.parse(
        "m=audio 1 RTP/AVP 97 101\r\na=rtpmap:97 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
    assert of_baresip is not None
    assert of_baresip.telephone_event(48000) == Format(101, "TELEPHONE-EVENT", 8000)
    answer = restrict_codecs(OFFER, ("OPUS",), telephone_event=True, offered=of_baresip)
    assert "RTP/AVP 97 101\r\na=rtpmap:97 opus/48000/2\r\na=fmtp:97 useinbandfec=1\r\n" in answer
    assert "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n" in answer
    both = AudioSection.parse(OFFER)
    assert "RTP/AVP 96 121\r\n" in restrict_codecs(OFFER, ("OPUS",), telephone_event=True, offered=both)
    assert "RTP/AVP 9 120\r\n" in restrict_codecs(OFFER, ("G722",), telephone_event=True, offered=both)


@pytest.mark.parametrize("codecs", [("GSM",), ()])
def test_sdp_without_a_wanted_codec_is_unchanged(codecs: tuple[str, ...]) -> None:
    assert restrict_codecs(OFFER, codecs, telephone_event=True) == OFFER


@pytest.mark.parametrize("text", ["", "v=0\r\n", "m=video 1 RTP/AVP 31\r\n", "m=audio\r\n", "m=audio x RTP/AVP y\r\n"])
def test_incomplete_sdp_has_no_codecs_and_is_unchanged(text: str) -> None:
    section = AudioSection.parse(text)
    assert section is None or section.codecs == ()
    assert restrict_codecs(text, ("PCMU",), telephone_event=True) == text


@given(st.text(alphabet=st.sampled_from(list("vm=audio 0189/RTPAVP:\r\n-rtpmaptelephone-event8000"))))
def test_malformed_lines_are_skipped(text: str) -> None:
    AudioSection.parse("m=audio 1 RTP/AVP 0\r\n" + text)
    restrict_codecs("m=audio 1 RTP/AVP 0\r\n" + text, ("PCMU",), telephone_event=True)
