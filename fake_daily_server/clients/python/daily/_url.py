"""Meeting URLs as daily-python reads them."""

from __future__ import annotations

from urllib.parse import urlsplit

from ._errors import VerbError, quoted


def checked(url: str) -> str:
    """The URL, of a room on whatever host. Raises VerbError in daily-python's words when it is none."""
    problem = _problem(url)
    if problem is not None:
        raise VerbError(f"Failed to parse url: InvalidUrl({quoted(url)}, {problem})")
    if "://" not in url:
        raise VerbError("Failed to parse url: OpaqueOrigin(Opaque(OpaqueOrigin(0)))")
    return url


def _problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "InvalidIpv6Address"
    if not parts.scheme:
        return "RelativeUrlWithoutBase"
    if "://" in url and not parts.hostname:
        return "EmptyHost"
    try:
        _ = parts.port
    except ValueError:
        return "InvalidPort"
    return None
