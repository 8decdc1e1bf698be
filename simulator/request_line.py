"""The start line of a SIP request (RFC 3261 §7.1): METHOD URI SIP/2.0 with single spaces, and which error it has.

    400  another form; a Request-URI with characters that no URI has, or without scheme, host or a valid port
    505  another version than SIP/2.0          416  another URI scheme than sip and sips

The front door and the workers answer with these.
"""

from __future__ import annotations

import re

from simulator.sip_bytes import host_and_port, is_token, shown

_URI_FORBIDDEN = re.compile(rb'[\x00-\x20\x7f<>"]')


class RequestLineError(Exception):
    """The final response that a request with an invalid start line gets."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{status} {reason}")


def parse_request_line(start: bytes) -> tuple[bytes, bytes]:
    """Return method and Request-URI of a start line; raises RequestLineError. The URI is not checked."""
    parts = start.split(b" ")
    if len(parts) != 3 or not parts[1] or not is_token(parts[0]):
        raise RequestLineError(400, f"Bad Request: the start line {shown(start)} is not METHOD URI SIP/2.0")
    method, uri, version = parts
    if version.upper() != b"SIP/2.0":
        raise RequestLineError(505, f"Version Not Supported: {shown(version)}, only SIP/2.0 is supported")
    return method, uri


def check_request_uri(uri: bytes) -> None:
    """Raise RequestLineError for a Request-URI that cannot be used."""
    if has_forbidden(uri):
        raise _bad_uri(uri, "contains a character that is not allowed in a URI")
    scheme, colon, _ = uri.partition(b":")
    if not colon or not is_token(scheme):
        raise _bad_uri(uri, "has no scheme")
    if scheme.lower() not in (b"sip", b"sips"):
        raise RequestLineError(416, f"Unsupported URI Scheme: {shown(scheme)}, supported are sip and sips")
    if host_and_port(uri) is None:
        raise _bad_uri(uri, "has no host or no valid port")


def has_forbidden(uri: bytes) -> bool:
    """Whether a URI contains a character that no URI may have."""
    return _URI_FORBIDDEN.search(uri) is not None


def _bad_uri(uri: bytes, what: str) -> RequestLineError:
    return RequestLineError(400, f"Bad Request: the Request-URI {shown(uri)} {what}")
