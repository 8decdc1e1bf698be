"""SIP URIs as users give them: RFC 3261 §19.1 and §25.1."""

from __future__ import annotations

import pytest

from simulator.errors import ConfigurationError
from simulator.numbers import SipAddress
from simulator.useragent.sip_text import check_uri, destination_of

GIVEN = [
    ("sip:bob@example.com", "bob", "example.com"),
    ("sip:a?b@example.com", "a?b", "example.com"),
    ("sip:a/b;c=d@example.com", "a/b;c=d", "example.com"),
    ("sip:%61lice@example.com", "alice", "example.com"),
    ("sip:a%3Fb@example.com", "a?b", "example.com"),
    ("SIP:bob@Example.COM", "bob", "Example.COM"),
    ("sIp:example.com", None, "example.com"),
    ("sip:bob@[2001:db8::1]:5070;transport=tcp", "bob", "[2001:db8::1]"),
    ("sip:bob@192.0.2.1;Transport=TCP;x=%41", "bob", "192.0.2.1"),
    ("sip:+1-206-555-0142@example.com:65535", "+1-206-555-0142", "example.com"),
]
HEADERS = [
    ("X-Phone=+12065550142", [("X-Phone", "+12065550142")]),
    ("X-a=1+1&X-b=%2B2", [("X-a", "1+1"), ("X-b", "+2")]),
    ("X-a=b%20c&X-d=", [("X-a", "b c"), ("X-d", "")]),
    ("X-a=why%3F?", [("X-a", "why??")]),
    ("X-a=b=c", [("X-a", "b=c")]),
]


@pytest.mark.parametrize(("text", "user", "host"), GIVEN)
def test_a_uri_is_written_as_it_was_given(text: str, user: str | None, host: str) -> None:
    address = SipAddress.parse(text)
    assert (address.uri.user, address.uri.host, address.headers) == (user, host, ())
    assert str(address) == address.with_headers == check_uri("uri", text) == text
    assert destination_of(text) == address.destination


@pytest.mark.parametrize(("text", "user", "host"), GIVEN)
@pytest.mark.parametrize(("query", "headers"), HEADERS)
def test_header_fields_follow_the_first_question_mark_after_the_user(
    text: str, user: str | None, host: str, query: str, headers: list[tuple[str, str]]
) -> None:
    address = SipAddress.parse(f"{text}?{query}")
    assert (address.uri.user, address.uri.host, list(address.headers)) == (user, host, headers)
    assert (str(address), address.with_headers) == (text, f"{text}?{query}")
    assert check_uri("to", address.with_headers, headers=True) == f"{text}?{query}"
    assert destination_of(address.with_headers) == host
    with pytest.raises(ConfigurationError):
        check_uri("uri", address.with_headers)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("bob@h.example", "sip:bob@h.example"),
        ("sip:sip:bob@h.example", "sip:bob@h.example"),
        (" sip:h.example ", "sip:h.example"),
    ],
)
def test_a_scheme_that_is_missing_or_doubled_is_put_right(text: str, written: str) -> None:
    assert str(SipAddress.parse(text)) == written


def test_escapes_and_case_of_host_and_scheme_make_no_difference() -> None:
    assert SipAddress.parse("sip:%61lice@example.com").is_equivalent(SipAddress.parse("SIP:alice@EXAMPLE.com"))
    assert not SipAddress.parse("sip:Alice@example.com").is_equivalent(SipAddress.parse("sip:alice@example.com"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sip:bob@example.com:0", "port from 1 to 65535"),
        ("sip:bob@example.com:99999", "port from 1 to 65535"),
        ("sip:bob@example.com:65536?X-a=1", "port from 1 to 65535"),
        ("sip:bob@example.com:", "a SIP URI"),
        ("sips:bob@example.com", "sips: needs TLS"),
        ("SIPS:bob@example.com", "sips: needs TLS"),
        ("sip:bob@", "a SIP URI"),
        ("sip:", "a SIP URI"),
        ("sip:bo b@example.com", "a SIP URI"),
        ("sip:bob@example.com\n?X-a=1", "without blanks"),
        ("sip:bob%4@example.com", "a SIP URI"),
        ("sip:bob@ex_ample.com", "a SIP URI"),
        ("sip:bob@[::g]", "a SIP URI"),
        ("sip:bob@example.com?X-a=%4", "two hexadecimal digits"),
        ("sip:bob@example.com?X-a=%0D%0AVia:x", "without line breaks"),
    ],
)
def test_a_uri_that_is_none_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        SipAddress.parse(text)


@pytest.mark.parametrize(
    "text", ["sips:bob@h.example:5061;transport=tcp", "sip:bob@h.example:99999", "SIPS:bob@h.example"]
)
def test_a_received_uri_is_read_whatever_it_is(text: str) -> None:
    address = SipAddress.received(text)
    assert (address.uri.user, address.uri.host, str(address)) == ("bob", "h.example", text)
