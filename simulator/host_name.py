"""What a setting may have as a host: a name or an address, and nothing beside it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from simulator.errors import ConfigurationError

HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*")
"""A host name or an IPv4 address, without a port; names of containers may have underscores."""


def check_host(host: str, *, name: str) -> str:
    """A host name or an IPv4 address. `name` is that of the setting. Raises ConfigurationError for anything else."""
    if not HOST_NAME.fullmatch(host):
        raise ConfigurationError(name, host, "a host name or an IPv4 address")
    return host


def check_hosts(hosts: Iterable[str], *, name: str) -> tuple[str, ...]:
    """The hosts, each a name or an IP address. `name` is that of the setting.

    Raises ConfigurationError for anything else, such as a URL, a host with a port, or one text instead of a list.
    """
    if isinstance(hosts, str):
        raise ConfigurationError(name, hosts, "a list of hosts")
    return tuple(_checked(host, name) for host in hosts)


def _checked(host: str, name: str) -> str:
    if not HOST_NAME.fullmatch(host.removesuffix(".")) and not _is_ipv6(host):
        raise ConfigurationError(name, host, "a host name or an IP address, without scheme, port and path")
    return host


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
