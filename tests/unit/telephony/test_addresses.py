from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_daily_server.telephony.addresses import (
    LONGEST_URI,
    SipTarget,
    caller_display_name,
    parse_sip_uri,
    x_headers,
)
from simulator.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("sip:bob@example.com", SipTarget("sip:bob@example.com", "bob", "example.com", None)),
        ("sip:bob@127.0.0.1:5080", SipTarget("sip:bob@127.0.0.1:5080", "bob", "127.0.0.1", 5080)),
        ("sip:bob@[::1]:5080", SipTarget("sip:bob@[::1]:5080", "bob", "[::1]", 5080)),
        ("sip:localhost", SipTarget("sip:localhost", "", "localhost", None)),
        (
            "sip:bob@h;transport=tcp;lr?X-a=1&X-b=2",
            SipTarget("sip:bob@h;transport=tcp;lr", "bob", "h", None, (("X-a", "1"), ("X-b", "2"))),
        ),
        (
            "sip:bob@h?x-Team=a%26b%20%C3%A9&X-Empty=&X-Url=sip:a;b=c",
            SipTarget(
                "sip:bob@h",
                "bob",
                "h",
                None,
                (("x-Team", "a&b é"), ("X-Empty", ""), ("X-Url", "sip:a;b=c")),
            ),
        ),
        (
            "sip:j%40doe;ext=5:secret@h",
            SipTarget("sip:j%40doe;ext=5:secret@h", "j@doe;ext=5", "h", None),
        ),
        ("sip:what?@h?X-a=+", SipTarget("sip:what?@h", "what?", "h", None, (("X-a", "+"),))),
    ],
)
def test_a_target_is_taken_apart(text: str, target: SipTarget) -> None:
    assert parse_sip_uri(text) == target


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", "begins with sip:"),
        ("bob@example.com", "begins with sip:"),
        ("sips:bob@example.com", "begins with sip:"),
        ("+12065550142", "begins with sip:"),
        ("sip:", "a host name"),
        ("sip:bob@", "a host name"),
        ("sip:@h", "a user part"),
        ("sip:a@b@c", "a user part"),
        ("sip:bob@h?X-a=b@c", "a user part"),
        ("sip:bob@ho st", "without spaces"),
        ("sip:bob@h\r\nX-Evil: 1", "without spaces"),
        ("sip:<bob>@h", "angle brackets"),
        ("sip:bøb@h", "printable ASCII"),
        ("sip:bob%2@h", "as %XX"),
        ("sip:bob%0d%0a@h", "without control characters"),
        ("sip:bob%ff@h", "UTF-8"),
        ("sip:bob@-h-", "a host name"),
        ("sip:bob@h..x", "a host name"),
        ("sip:bob@under_score", "a host name"),
        ("sip:bob@127.0.0.256", "a host name"),
        ("sip:bob@127.1", "a host name"),
        ("sip:bob@[::g]", "a host name"),
        ("sip:bob@" + "a" * 64, "a host name"),
        ("sip:bob@h:0", "a port from 1 to 65535"),
        ("sip:bob@h:65536", "a port from 1 to 65535"),
        ("sip:bob@h:", "a port from 1 to 65535"),
        ("sip:bob@h:80a", "a host name"),
        ("sip:bob@h;", "parameters of the form"),
        ("sip:bob@h;=tcp", "parameters of the form"),
        ("sip:bob@h?", "names beginning with X-"),
        ("sip:bob@h?X-a", "names beginning with X-"),
        ("sip:bob@h?X-=1", "names beginning with X-"),
        ("sip:bob@h?X-a=1&", "names beginning with X-"),
        ("sip:bob@h?Route=evil", "names beginning with X-"),
        ("sip:bob@h?X-a=1%0d%0aRoute:%20evil", "without control characters such as CR and LF"),
        ("sip:bob@h?X-a=%00", "without control characters"),
        ("sip:bob@h?X-a=%ff", "UTF-8"),
        ("sip:bob@h?X-a=" + "1" * LONGEST_URI, f"at most {LONGEST_URI} characters"),
    ],
)
def test_an_unusable_target_is_refused_by_field_and_value(text: str, allowed: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_sip_uri(text, field="toEndPoint")
    assert refused.value.field == "toEndPoint"
    assert refused.value.value == text
    assert allowed in refused.value.allowed


@given(st.text(max_size=60) | st.from_regex(r"sip:[ -~]{0,40}", fullmatch=True))
def test_any_text_is_read_or_refused_and_headers_are_safe(text: str) -> None:
    try:
        target = parse_sip_uri(text)
    except ConfigurationError:
        return
    assert target.host
    assert "\r" not in target.uri
    assert "\n" not in target.uri
    for name, value in target.headers:
        assert name.lower().startswith("x-")
        assert value.isprintable() or not any(ord(letter) < 32 for letter in value)


@pytest.mark.parametrize(("text", "name"), [("sip:bob@h", "bob"), ("sip:h.example", "h.example")])
def test_the_default_display_name_is_the_user_part(text: str, name: str) -> None:
    assert parse_sip_uri(text).default_display_name == name


def test_only_x_headers_are_kept_and_repeated_ones_joined() -> None:
    received = [("Via", "1"), ("X-Team", "a"), ("x-team", "b"), ("X-Id", "7"), ("P-X", "1")]
    assert x_headers(received) == {"X-Team": "a, b", "X-Id": "7"}


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ({"request_uri": "sip:r.0@h?x-daily_display_name=my%20user%20name", "room_name": "Room"}, "my user name"),
        ({"request_uri": "sip:r.0@h;x-daily_display_name=Z%C3%BCri", "room_name": "Room"}, "Züri"),
        ({"request_uri": "sip:r.0@h;transport=udp?X-a=1&X-Daily_Display_Name=Ann"}, "Ann"),
        ({"request_uri": "sip:r.0@h", "to_uri": "<sip:r.0@h?x-daily_display_name=Ann>"}, "Ann"),
        ({"request_uri": "sip:r.0@h?x-daily_display_name=", "room_name": "Room"}, "Room"),
        ({"request_uri": "sip:r.0@h?x-daily_display_name=a%0d%0ab"}, "ab"),
        ({"request_uri": "sip:r.0@h", "room_name": "Room", "from_name": "Ann"}, "Room"),
        ({"request_uri": "sip:r.0@h", "from_name": "Ann", "from_uri": "sip:a@h"}, "Ann"),
        ({"request_uri": "sip:r.0@h", "from_uri": "sip:%2B1206@h;x=1"}, "+1206"),
        ({"request_uri": "sip:r.0@h", "from_uri": "sip:a:pw@h"}, "a"),
        ({"request_uri": "sip:r.0@h", "from_uri": "sip:127.0.0.1:5060"}, "127.0.0.1:5060"),
        ({"request_uri": "sip:r.0@h", "from_uri": "tel:+1206"}, "tel:+1206"),
        (
            {"request_uri": "sip:r.0@h", "headers": (("X-Daily_Display_Name", "A%20B"),), "room_name": "room"},
            "A B",
        ),
    ],
)
def test_how_a_caller_is_called(known: dict[str, Any], name: str) -> None:
    assert caller_display_name(**known) == name
