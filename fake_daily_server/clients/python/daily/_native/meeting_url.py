"""Meeting URLs as daily-python reads them."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from .errors import VerbError, quoted


def checked(url: str) -> str:
    """The URL, of a room on whatever host. Raises VerbError in daily-python's words when it is none."""
    problem = _problem(url)
    if problem is not None:
        raise VerbError(f"Failed to parse url: InvalidUrl({quoted(url)}, {problem})")
    if "://" not in url:
        raise VerbError("Failed to parse url: OpaqueOrigin(Opaque(OpaqueOrigin(0)))")
    return url


def refuse_other_machines(url: str) -> None:
    """Raises ConnectionError unless the room is on this machine, or on the host of DAILY_API_URL, if that is no Daily.

    So a bot that was given a room of the real Daily by mistake says so, and reaches nobody.
    """
    host = urlsplit(url).hostname or ""
    allowed = urlsplit(os.environ.get("DAILY_API_URL", "")).hostname
    if not _is_loopback(host) and (host != allowed or f".{host}".endswith(".daily.co")):
        raise ConnectionError(
            f"{url} is not on this machine; this stand-in for daily-python joins rooms of a fake Daily, "
            "on loopback or on the host of DAILY_API_URL"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


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
