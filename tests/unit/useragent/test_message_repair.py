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
    assert repaired.refusal == (400, "Bad Request: Session-Expires bad cannot be parsed")
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


def whole(start: str, *, cseq: str = "1 INVITE", caller: str = "<sip:a@b>;tag=1", body: str = "body") -> bytes:
    """A message with all fields that a response needs."""
    fields = (f"From: {caller}", "To: <sip:x@y>", "Call-ID: c", f"CSeq: {cseq}", "Contact: <sip:a@b>")
    return message(start, *fields, body=body)


TRANSACTION = b"v:SIP/2.0/UDP h;branch=z\r\nf:<sip:a@b>;tag=1\r\nt:<sip:x@y>\r\ni:c\r\nCSeq:1 INVITE\r\nl:0\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("INVITE sip:x@y SIP/7.0", 505),
        ("INVITE sip:x@y HTTP/1.1", 505),
        ("GET / HTTP/1.1", 505),
        ("INVITE sip:x@y", 400),
        ("INVITE", 400),
        ("IN(VITE sip:x@y SIP/2.0", 400),
        ("INVITE sip:a b@y SIP/2.0", 400),
        ("INVITE <sip:x@y> SIP/2.0", 400),
        ("INVITE sip:x@y:99999 SIP/2.0", 400),
        ("INVITE x SIP/2.0", 400),
        ("INVITE http://y/ SIP/2.0", 416),
    ],
)
def test_a_start_line_that_cannot_be_used_is_answered(start: str, status: int) -> None:
    repaired = repair(whole(start), parses)
    assert repaired is not None
    assert repaired.data == b"INVITE sip:x SIP/2.0\r\n" + TRANSACTION
    assert repaired.refusal is not None
    assert repaired.refusal[0] == status


def test_a_message_whose_lines_can_all_be_parsed_is_refused_as_a_whole() -> None:
    repaired = repair(whole("INVITE sip:x@y SIP/2.0"), parses)
    assert repaired is not None
    assert repaired.refusal == (400, "Bad Request: the message cannot be parsed")


@pytest.mark.parametrize("start", ["ACK sip:x@y SIP/7.0", "SIP/7.0 200 OK", "INVITE sip:x@y SIP/7.0"])
def test_acks_and_responses_are_not_answered(start: str) -> None:
    assert repair(whole(start, cseq="1 ACK"), parses) is None


@pytest.mark.parametrize("name", ["From", "t", "Call-ID", "Via"])
def test_nothing_helps_a_message_without_the_fields_it_needs(name: str) -> None:
    assert repair(message("INVITE sip:x@y SIP/2.0", f"{name}: bad"), parses) is None


@pytest.mark.parametrize(
    ("cseq", "replaced"),
    [
        ("bad", "0"),
        ("7", "7"),
        ("7 INVITE bad", "7"),
        ("7 (bad", "7"),
        ("bad INVITE", "0"),
        ("-1 INVITEbad", "0"),
        ("2147483647 bad", "2147483647"),
        ("2147483648 bad", "0"),
        (f"{'9' * 500} bad", "0"),
        ("", "0"),
    ],
)
def test_a_request_whose_cseq_cannot_be_parsed_is_answered_for_its_method(cseq: str, replaced: str) -> None:
    repaired = repair(whole("INVITE sip:x@y SIP/2.0", cseq=cseq), parses)
    assert repaired is not None
    assert repaired.data == b"INVITE sip:x SIP/2.0\r\n" + TRANSACTION.replace(
        b"1 INVITE", f"{replaced} INVITE".encode()
    )
    assert repaired.refusal == (400, "Bad Request: the message cannot be parsed")


@pytest.mark.parametrize("start", ["ACK sip:x@y SIP/2.0", "SIP/2.0 200 OK", "(bad sip:x@y SIP/2.0"])
def test_an_unusable_cseq_is_dropped_where_no_request_can_be_answered(start: str) -> None:
    assert repair(whole(start, cseq="bad"), parses) is None


def test_nothing_helps_a_message_whose_needed_fields_cannot_be_parsed() -> None:
    assert repair(whole("INVITE sip:x@y SIP/7.0", caller="bad"), parses) is None


def test_nothing_helps_a_message_that_cannot_become_shorter() -> None:
    assert repair(b"X\r\n" + TRANSACTION, parses) is None


@pytest.mark.parametrize(
    "data", [b"", b"\r\n\r\n", b"x", b" bad", b"INVITE x\r\n\0\r\n\r\n", b"a\r\n bad\r\n: bad\r\n\r\n"]
)
def test_any_bytes_are_taken(data: bytes) -> None:
    repaired = repair(data, parses)
    assert repaired is None or len(repaired.data) < len(data)
