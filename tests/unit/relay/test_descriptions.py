"""Session descriptions rewritten for a relay, and SIP messages parsed from PJSIP's log."""

from __future__ import annotations

import pytest

from simulator.useragent.sdp import AudioSection, MediaAddress, with_media_address
from simulator.useragent.worker.sip_trace import TracedMessage

OFFER = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 101\r\ni=title\r\na=rtpmap:101 telephone-event/8000\r\na=rtcp:4010 IN IP4 192.0.2.1\r\n"
    "m=video 5000 RTP/AVP 96\r\nc=IN IP4 192.0.2.9\r\na=rtpmap:96 H264/90000\r\n"
)


def test_only_the_audio_section_of_a_description_is_moved() -> None:
    changed = with_media_address(OFFER, "127.0.0.1", 62000)
    assert MediaAddress.parse(changed) == MediaAddress("127.0.0.1", 62000, 62001)
    lines = changed.split("\r\n")
    assert lines[:5] == OFFER.split("\r\n")[:5]
    assert lines[5:8] == ["m=audio 62000 RTP/AVP 0 101", "i=title", "c=IN IP4 127.0.0.1"]
    assert lines[-4:-1] == OFFER.split("\r\n")[-4:-1]
    assert changed.count("a=rtcp:") == 1
    assert AudioSection.parse(changed) is not None


@pytest.mark.parametrize(
    ("sdp", "address"),
    [
        (OFFER, MediaAddress("192.0.2.1", 4000, 4010)),
        (OFFER.replace("a=rtcp:4010 IN IP4 192.0.2.1\r\n", ""), MediaAddress("192.0.2.1", 4000, 4001)),
        (OFFER.replace("i=title", "c=IN IP4 192.0.2.7/127"), MediaAddress("192.0.2.7", 4000, 4010)),
        (OFFER.replace("m=audio 4000", "m=audio 4000/2"), MediaAddress("192.0.2.1", 4000, 4010)),
        (OFFER.replace("m=audio 4000", "m=audio 0"), None),
        (OFFER.replace("m=audio", "m=text"), None),
        ("", None),
    ],
)
def test_the_media_address_of_a_description(sdp: str, address: MediaAddress | None) -> None:
    assert MediaAddress.parse(sdp) == address


@pytest.mark.parametrize("sdp", [OFFER.replace("m=audio 4000", "m=audio 0"), "v=0\r\n", ""])
def test_a_description_without_audio_is_not_changed(sdp: str) -> None:
    assert with_media_address(sdp, "127.0.0.1", 62000) == sdp


def logged(text: str, *, size: int | None = None) -> str:
    return (
        f"10:00:00.000 pjsua_core.c  .TX {size or len(text.encode())} bytes Request msg INVITE/cseq=1 (tdta0x1) "
        f"to UDP 127.0.0.1:5060:\n{text}\n--end msg--"
    )


def test_a_logged_message_has_the_bytes_on_the_wire() -> None:
    text = "INVITE sip:a@b SIP/2.0\r\nSubject: é\r\n\r\nbody\r\n"
    traced = TracedMessage.parse(logged(text))
    assert traced == TracedMessage(True, "UDP", "127.0.0.1:5060", text.encode(), 0)


def test_a_message_that_the_log_truncated_has_the_number_of_missing_bytes() -> None:
    traced = TracedMessage.parse(logged("INVITE sip:a@b SIP/2.0\r\n", size=5000))
    assert traced is not None
    assert traced.missing_bytes == 5000 - 24


@pytest.mark.parametrize("line", ["", "10:00 sip_transport.c  Transport udp created", "TX nothing"])
def test_other_log_lines_are_not_messages(line: str) -> None:
    assert TracedMessage.parse(line) is None
