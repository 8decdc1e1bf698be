"""A codec is removed from the description of a SIP message, and nothing else changes."""

from __future__ import annotations

import pytest

from simulator.sdp.without_codec import without_codec


def message(body: str) -> bytes:
    text = body.replace("\n", "\r\n")
    return f"INVITE sip:bob@127.0.0.1 SIP/2.0\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


OFFER = """v=0
m=audio 4000 RTP/AVP 0 96 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:96 opus/48000/2
a=fmtp:96 useinbandfec=1
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
m=video 4002 RTP/AVP 0 97
a=rtpmap:97 H264/90000
"""


@pytest.mark.parametrize(
    ("codec", "after"),
    [
        ("PCMU", OFFER.replace(" 0 96 8", " 96 8").replace("a=rtpmap:0 PCMU/8000\n", "")),
        (
            "OPUS",
            OFFER.replace(" 96 8", " 8")
            .replace("a=rtpmap:96 opus/48000/2\n", "")
            .replace("a=fmtp:96 useinbandfec=1\n", ""),
        ),
        ("G722", OFFER),
    ],
)
def test_only_the_codec_goes_and_the_length_is_right(codec: str, after: str) -> None:
    assert without_codec(message(OFFER), codec) == message(after)


def test_a_static_payload_type_needs_no_rtpmap() -> None:
    assert without_codec(message("v=0\nm=audio 4000 RTP/AVP 0 8\n"), "pcmu") == message("v=0\nm=audio 4000 RTP/AVP 8\n")


def test_the_only_format_and_a_message_without_a_body_stay() -> None:
    only = message("v=0\nm=audio 4000 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n")
    assert without_codec(only, "PCMU") == only
    bye = b"BYE sip:bob@127.0.0.1 SIP/2.0\r\nContent-Length: 0\r\n\r\n"
    assert without_codec(bye, "PCMU") == bye
