from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.telephony.caller_display_name import caller_display_name
from fake_daily_server.telephony.x_headers import x_headers


def test_only_x_headers_are_kept_and_repeated_ones_are_joined() -> None:
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
def test_the_display_name_of_a_caller(known: dict[str, Any], name: str) -> None:
    assert caller_display_name(**known) == name
