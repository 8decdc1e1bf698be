"""Checks meeting URLs: malformed ones raise daily-python's errors, those of the real Daily are refused."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from .errors import VerbError, quoted


def check_url(url: str) -> None:
    """Raise VerbError, with daily-python's text, if `url` is malformed."""
    problem = _problem(url)
    if problem is not None:
        raise VerbError(f"Failed to parse url: InvalidUrl({quoted(url)}, {problem})")
    if "://" not in url:
        raise VerbError("Failed to parse url: OpaqueOrigin(Opaque(OpaqueOrigin(0)))")


def check_host(url: str) -> None:
    """Raise ConnectionError unless the host of `url` is this machine or the host of DAILY_API_URL, but never daily.co.

    A bot that is given a room of the real Daily by mistake fails instead of reaching real people.
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
