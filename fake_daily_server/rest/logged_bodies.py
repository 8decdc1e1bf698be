"""What the API log keeps of bodies: no passwords of SIP clients and trunks."""

from __future__ import annotations

import re

_PASSWORD = re.compile(rb'("password"\s*:\s*)"(?:[^"\\]|\\.)*"?')
HIDDEN = b"(not shown)"


def without_passwords(path: str, body: bytes) -> bytes:
    """A body of `/sip-clients` or `/sip-trunk` without the value of its `password`; any other body as it is."""
    if not any(route in path for route in ("/sip-clients", "/sip-trunk")):
        return body
    return _PASSWORD.sub(rb'\1"' + HIDDEN + b'"', body)
