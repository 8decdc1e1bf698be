"""Which servers may be called at all: those on this machine, and hosts that the user allowed by name."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Iterable


def may_call(url: str, allow_hosts: Iterable[str]) -> bool:
    """Whether a URL leads to this machine, or to one of `allow_hosts`."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback or host in allow_hosts
    except ValueError:
        return host == "localhost" or host in allow_hosts
