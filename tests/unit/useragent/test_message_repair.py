"""Messages that PJSIP cannot parse: what is left out, and what is answered 400."""

from __future__ import annotations

import pytest

from simulator.useragent.worker.message_repair import repair

BAD = b"bad"


def parses(name: bytes, value: bytes) -> bool:
    """Stands in for PJSIP's parser."""
    return BAD not in value


def message(start: str, *fields: str, body: str = "body") -> bytes:
    lines = [start, "Via: SIP/2.0/UDP h;branch=z", *fields, "Content-Length: 4"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@pytest.mark.parametrize("start", ["SIP/2.0 401 Unauthorized", "ACK sip:x SIP/2.0"])
def test_a_field_of_a_response_or_an_ack_is_left_out(start: str) -> None:
    repaired = repair(message(start, "WWW-Authenticate: bad", "X-A: b"), parses)
    assert repaired is not None
    assert (repaired.data, repaired.refusal) == (message(start, "X-A: b"), None)
    assert repaired.removed == ("WWW-Authenticate: bad",)


def test_a_request_is_refused_for_its_first_bad_field() -> None:
    repaired = repair(message("INVITE sip:x SIP/2.0", "Session-Expires: bad", "Min-SE: bad"), parses)
    assert repaired is not None
    assert repaired.refusal == "Session-Expires bad cannot be parsed"
    assert repaired.data == message("INVITE sip:x SIP/2.0")


@pytest.mark.parametrize("name", ["Authorization", "proxy-authorization"])
def test_credentials_are_left_out(name: str) -> None:
    repaired = repair(message("INVITE sip:x SIP/2.0", f"{name}: bad"), parses)
    assert repaired is not None
    assert repaired.refusal is None


def test_the_state_of_a_subscription_is_kept() -> None:
    repaired = repair(message("NOTIFY sip:x SIP/2.0", "Subscription-State: terminated;reason=bad"), parses)
    assert repaired is not None
    assert (repaired.data, repaired.refusal) == (
        message("NOTIFY sip:x SIP/2.0", "Subscription-State: terminated"),
        None,
    )


def test_folded_fields_are_read_as_one() -> None:
    data = message("SIP/2.0 200 OK", "X-A: a\r\n b", "Expires: 1\r\n\tbad")
    repaired = repair(data, parses)
    assert repaired is not None
    assert repaired.data == message("SIP/2.0 200 OK", "X-A: a\r\n b")


@pytest.mark.parametrize("name", ["From", "t", "Call-ID", "CSeq", "Via", "l"])
def test_nothing_helps_a_message_without_the_fields_it_needs(name: str) -> None:
    assert repair(message("INVITE sip:x SIP/2.0", f"{name}: bad"), parses) is None


def test_nothing_is_done_when_all_fields_can_be_parsed() -> None:
    assert repair(message("INVITE bad SIP/2.0", "X-A: b"), parses) is None


@pytest.mark.parametrize(
    "data", [b"", b"\r\n\r\n", b"x", b" bad", b"INVITE x\r\n\0\r\n\r\n", b"a\r\n bad\r\n: bad\r\n\r\n"]
)
def test_any_bytes_are_taken(data: bytes) -> None:
    repaired = repair(data, parses)
    assert repaired is None or len(repaired.data) < len(data)
