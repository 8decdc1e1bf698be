"""The SDP in bodies of SIP messages."""

from __future__ import annotations

import pytest

from simulator.sdp.body import MessageBody, read_body

SDP = "v=0\r\nm=audio 1 RTP/AVP 0\r\n"


def mixed(*parts: str, boundary: str = "b") -> str:
    return "preamble\r\n" + "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\nepilogue"


SDP_PART = f"Content-Type: application/sdp\r\n\r\n{SDP}"
ISUP_PART = "Content-Type: application/isup;version=itu\r\n\r\n\x01\x02\x03"


@pytest.mark.parametrize("content_type", ["application/sdp", "Application/SDP", " application/sdp ; charset=utf-8"])
def test_a_body_that_is_sdp(content_type: str) -> None:
    assert read_body(content_type, SDP) == MessageBody(SDP)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/mixed;boundary=b", mixed(SDP_PART)),
        ("multipart/mixed; boundary=b", mixed(ISUP_PART, SDP_PART)),
        ('Multipart/Mixed; BOUNDARY="b c"', mixed(SDP_PART, ISUP_PART, boundary="b c")),
        ("multipart/mixed;boundary=b", mixed(SDP_PART).replace("\r\n", "\n")),
        ("multipart/mixed;boundary=b", mixed(SDP_PART).replace("Content-Type", "c")),
        ("multipart/mixed;boundary=b", mixed(f"Content-ID: <1>\r\nContent-Length: 3\r\n{SDP_PART}")),
        ("multipart/mixed;boundary=b", mixed(SDP_PART).partition("--b--")[0]),
        ("multipart/mixed", mixed(SDP_PART)),
        ("multipart/related;boundary=b", mixed(SDP_PART)),
        (
            "multipart/mixed;boundary=a",
            mixed("Content-Type: multipart/mixed;boundary=b\r\n\r\n" + mixed(SDP_PART), boundary="a"),
        ),
    ],
)
def test_a_part_that_is_sdp(content_type: str, body: str) -> None:
    found = read_body(content_type, body)
    assert found.not_understood == ""
    assert (found.sdp or "").split() == SDP.split()


def test_of_alternatives_the_last_is_preferred() -> None:
    body = mixed(SDP_PART.replace("audio 1", "audio 3"), SDP_PART)
    assert "audio 1" in (read_body("multipart/alternative;boundary=b", body).sdp or "")
    assert "audio 3" in (read_body("multipart/mixed;boundary=b", body).sdp or "")


def test_bodies_without_sdp() -> None:
    assert read_body("multipart/mixed;boundary=b", mixed(ISUP_PART)) == MessageBody()
    assert read_body("application/sdp", " \r\n") == MessageBody()
    assert read_body("text/plain", "hello") == MessageBody(not_understood="text/plain")
    assert read_body("", "hello").not_understood == "a body without Content-Type"
    assert read_body("text/plain", "hello", disposition="render;handling=optional") == MessageBody()
    assert "gzip" in read_body("application/sdp", SDP, encoding="gzip").not_understood
    assert read_body("application/sdp", SDP, encoding="identity") == MessageBody(SDP)


@pytest.mark.parametrize("body", ["", "--", "----", "--b", "--b\r\n--b\r\n", "--b\r\n\r\n--b--", "--b\r\nx"])
def test_malformed_multipart_bodies_have_no_sdp(body: str) -> None:
    assert read_body("multipart/mixed;boundary=b", body).sdp is None
