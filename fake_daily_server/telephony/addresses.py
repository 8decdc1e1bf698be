"""What an INVITE says of its caller: the X- headers, and the name to show.

Sources: RFC 3261 §19.1, and the `x-daily_display_name` parameter of Daily's dial-in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from simulator.useragent.messages import Headers

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DISPLAY_NAME = "x-daily_display_name"


def x_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The X- headers among `headers`, names as received; values of a repeated name are joined by a comma."""
    found: dict[str, str] = {}
    spelling: dict[str, str] = {}
    for name, value in headers:
        if name.lower().startswith("x-"):
            key = spelling.setdefault(name.lower(), name)
            found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def caller_display_name(
    *,
    request_uri: str,
    to_uri: str = "",
    headers: Headers = (),
    room_name: str | None = None,
    from_name: str = "",
    from_uri: str = "",
) -> str:
    """What a dial-in participant is called.

    `x-daily_display_name` of the Request-URI or the To URI (URL-encoded, as a header part or as a parameter)
    rules, or the header field that a caller makes of it (RFC 3261 §19.1.5); then `room_name`, the room's
    `sip.display_name`; then the caller's own name, or user part.
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
