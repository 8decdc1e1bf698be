"""Where messages come from and go to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from simulator.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Hop:
    """A neighbour: an address, and for TCP the number of the connection.

    A TCP message goes to that connection while it is open, else to a new one to `host` and `port`.
    """

    host: str
    port: int
    connection: int | None = None

    @property
    def transport(self) -> str:
        """`UDP` or `TCP`."""
        return "UDP" if self.connection is None else "TCP"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


Out = tuple[bytes, Hop]
"""A message to send, and where to."""


def parse_address(text: str, name: str) -> tuple[str, int]:
    """`host:port` with an IPv4 host; anything else is a ConfigurationError about the field `name`."""
    host, _, port = text.rpartition(":")
    if port.isdigit() and 0 < int(port) < 65536 and is_ipv4(host):
        return host, int(port)
    raise ConfigurationError(name, text, 'an IPv4 address and a port, such as "127.0.0.1:5070"')


def is_ipv4(host: str) -> bool:
    """Whether `host` is an IPv4 address in figures."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether packets to `host` stay on this machine."""
    return is_ipv4(host) and ipaddress.IPv4Address(host).is_loopback
