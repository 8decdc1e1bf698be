"""Messages that PJSIP cannot parse: what is left out, and which cannot be used."""

from __future__ import annotations

import pytest

from simulator.useragent.worker.message_repair import Repair, Unusable, repair

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
    assert repaired == Repair(message(start, "X-A: b"), ("WWW-Authenticate: bad",))


def test_a_request_is_refused_for_its_first_bad_field() -> None:
    repaired = repair(message("INVITE sip:x SIP/2.0", "Session-Expires: bad", "Min-SE: bad"), parses)
    assert repaired == Unusable("Session-Expires bad cannot be parsed")


@pytest.mark.parametrize("name", ["Authorization", "proxy-authorization"])
def test_credentials_are_left_out(name: str) -> None:
    repaired = repair(message("INVITE sip:x SIP/2.0", f"{name}: bad"), parses)
    assert repaired == Repair(message("INVITE sip:x SIP/2.0"), (f"{name}: bad",))


def test_the_state_of_a_subscription_is_kept() -> None:
    line = "Subscription-State: terminated;reason=bad"
    repaired = repair(message("NOTIFY sip:x SIP/2.0", line), parses)
    assert repaired == Repair(message("NOTIFY sip:x SIP/2.0", "Subscription-State: terminated"), (line,))


def test_folded_fields_are_read_as_one() -> None:
    data = message("SIP/2.0 200 OK", "X-A: a\r\n b", "Expires: 1\r\n\tbad")
    repaired = repair(data, parses)
    assert isinstance(repaired, Repair)
    assert repaired.data == message("SIP/2.0 200 OK", "X-A: a\r\n b")


def test_a_message_whose_lines_can_all_be_parsed_is_unusable_as_a_whole() -> None:
    assert repair(message("INVITE sip:x@y SIP/2.0"), parses) == Unusable("the message cannot be parsed")


@pytest.mark.parametrize("start", ["INVITE sip:x@y SIP/2.0", "ACK sip:x@y SIP/2.0", "SIP/2.0 200 OK"])
@pytest.mark.parametrize("name", ["From", "t", "Call-ID", "Via", "CSeq", "l"])
def test_nothing_helps_a_message_without_the_fields_it_needs(start: str, name: str) -> None:
    assert repair(message(start, f"{name}: bad"), parses) == Unusable(f"{name} bad cannot be parsed")


@pytest.mark.parametrize(
    "data", [b"", b"\r\n\r\n", b"x", b" bad", b"INVITE x\r\n\0\r\n\r\n", b"a\r\n bad\r\n: bad\r\n\r\n"]
)
def test_any_bytes_are_taken(data: bytes) -> None:
    repaired = repair(data, parses)
    assert isinstance(repaired, Unusable) or len(repaired.data) < len(data)
