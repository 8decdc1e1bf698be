"""The name under which a caller is shown in a room.

Sources: RFC 3261 §19.1, and the `x-daily_display_name` parameter of Daily's dial-in.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from simulator.useragent.messages import Headers

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DISPLAY_NAME = "x-daily_display_name"


def caller_display_name(
    *,
    request_uri: str,
    to_uri: str = "",
    headers: Headers = (),
    room_name: str | None = None,
    from_name: str = "",
    from_uri: str = "",
) -> str:
    """The user name of a dial-in participant: the first of these that is not empty.

    1. `x-daily_display_name` in the Request-URI or the To URI, percent-encoded, as a URI header or a URI parameter;
    2. the header field `x-daily_display_name`, which a caller builds from that URI header (RFC 3261 §19.1.5);
    3. `room_name`, the `display_name` of the room's `sip` or `dialin` property;
    4. the display name of the From header field;
    5. the user part of the From URI, or its host.
    """
    for uri in (request_uri, to_uri):
        for part in re.split(r"[?&;]", uri):
            name, _, value = part.strip("<> ").partition("=")
            if name.lower() == _DISPLAY_NAME:
                wanted = _CONTROL.sub("", unquote(value)).strip()
                if wanted:
                    return wanted
    for name, value in headers:
        if name.lower() == _DISPLAY_NAME and value.strip():
            return unquote(value).strip()
    if room_name:
        return room_name
    if from_name.strip():
        return from_name.strip()
    user = re.match(r"<?sips?:(?:([^@:;?>]+)(?::[^@]*)?@)?([^;?>]*)", from_uri)
    return unquote(user[1] or user[2]) if user else from_uri
