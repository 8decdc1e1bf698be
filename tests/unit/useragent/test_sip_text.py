"""Parsing SIP messages, and checking values that go into them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ConfigurationError
from simulator.useragent.sip_text import (
    SipMessage,
    check_content_type,
    check_display_name,
    check_headers,
    check_reason,
    check_uri,
    decode_wire_text,
    name_addr,
    parse_name_addr,
)


def test_compact_folded_and_malformed_headers_are_parsed() -> None:
    message = SipMessage.parse(
        "INVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP x\r\nf: <sip:c@d>;tag=1\r\nX-Long: one\r\n  two\r\n"
        "junk\r\nx-lower:3\r\nc: application/SDP; charset=x\r\n\r\nv=0\r\nm=audio 1\r\n"
    )
    assert message.request_uri == "sip:a@b"
    assert message.headers == (
        ("Via", "SIP/2.0/UDP x"),
        ("From", "<sip:c@d>;tag=1"),
        ("X-Long", "one two"),
        ("x-lower", "3"),
        ("Content-Type", "application/SDP; charset=x"),
    )
    assert message.header("X-LOWER") == "3"
    assert message.sdp == "v=0\nm=audio 1\n"
    assert message.status == (0, "")


def test_status_lines_are_parsed() -> None:
    assert SipMessage.parse("SIP/2.0 486 Busy Here\r\n\r\n").status == (486, "Busy Here")
    assert SipMessage.parse("SIP/2.0 200\r\n\r\n").status == (200, "")
    assert SipMessage.parse("").request_uri == ""


@given(st.text())
def test_any_text_is_parsed_without_an_error(text: str) -> None:
    SipMessage.parse(text.encode("utf-8", "replace").decode())
    parse_name_addr(text)


def test_bytes_that_are_not_utf8_are_decoded_as_latin1() -> None:
    assert decode_wire_text(b"Zo\xeb".decode("utf-8", "surrogateescape")) == "Zoë"
    assert decode_wire_text("Zoë") == "Zoë"


@pytest.mark.parametrize(
    ("value", "name", "uri"),
    [
        ("<sip:a@b>;tag=1", "", "sip:a@b"),
        ("Ann <sip:a@b;x=y>;tag=1", "Ann", "sip:a@b;x=y"),
        ('"A \\"B\\" <C>" <sip:a@b>', 'A "B" <C>', "sip:a@b"),
        ("sip:a@b;tag=1", "", "sip:a@b"),
    ],
)
def test_name_addrs_are_split(value: str, name: str, uri: str) -> None:
    assert parse_name_addr(value) == (name, uri)


@given(st.text(alphabet=st.characters(min_codepoint=32, exclude_characters="\x7f", codec="utf-8")))
def test_display_names_survive_quoting(name: str) -> None:
    assert parse_name_addr(name_addr("sip:a@b", name)) == (name, "sip:a@b")


@pytest.mark.parametrize("uri", ["sip:a@b", "sip:b", "sips:+1206@[::1]:5061;transport=tcp", "sip:a;x=1@b:1;lr"])
def test_sip_uris_are_accepted(uri: str) -> None:
    assert check_uri("uri", uri) == uri


@pytest.mark.parametrize("uri", ["", "a@b", "tel:+1", "sip:", "sip:a@", "sip:a@b>", "sip:a@b c", "sip:a@b\r\nX: 1"])
def test_other_uris_are_refused(uri: str) -> None:
    with pytest.raises(ConfigurationError, match="sip:alice"):
        check_uri("uri", uri)


def test_headers_of_the_stack_and_malformed_ones_are_refused() -> None:
    assert check_headers([("X-A", "1"), ("P-Asserted-Identity", "<sip:a@b>")]) == (
        ("X-A", "1"),
        ("P-Asserted-Identity", "<sip:a@b>"),
    )
    for name, value in (
        ("", "1"),
        ("X A", "1"),
        ("X:", "1"),
        ("Via", "1"),
        ("CALL-ID", "1"),
        ("X", "1"),
        ("X-A", "a\nb"),
    ):
        with pytest.raises(ConfigurationError, match="headers"):
            check_headers([(name, value)])


def test_reasons_names_and_content_types_are_checked() -> None:
    assert check_reason("Not, now") == "Not, now"
    assert check_content_type("application/vnd.x+json") == "application/vnd.x+json"
    for check, bad in ((check_reason, "a\rb"), (check_display_name, "\0"), (check_content_type, "text")):
        with pytest.raises(ConfigurationError):
            check(bad)
