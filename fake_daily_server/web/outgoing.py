"""Decides which servers may receive requests: those on this machine, and hosts that the user has allowed by name."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Iterable


def may_request(url: str, allow_hosts: Iterable[str]) -> bool:
    """Whether the host of a URL is this machine or one of `allow_hosts`."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback or host in allow_hosts
    except ValueError:
        return host == "localhost" or host in allow_hosts
