"""Neighbours of the front door: where a message comes from, and where it is sent to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from simulator.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Hop:
    """The address of a neighbour and, for TCP and TLS, the number of the connection to it.

    A TCP message is sent on that connection while it is open, and otherwise on a new one to `host` and `port`. A TLS
    message is sent on that connection, or not at all.
    """

    host: str
    port: int
    connection: int | None = None
    tls: bool = False
    """Whether that connection is one of TLS."""

    @property
    def transport(self) -> str:
        """`UDP`, `TCP` or `TLS`."""
        if self.connection is None:
            return "UDP"
        return "TLS" if self.tls else "TCP"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


Outgoing = tuple[bytes, Hop]
"""A message to send, and the hop to send it to."""


def parse_address(text: str, name: str) -> tuple[str, int]:
    """Split `host:port`, where the host is an IPv4 address.

    Raises ConfigurationError, which names the field `name`, for anything else.
    """
    host, _, port = text.rpartition(":")
    if port.isdigit() and 0 < int(port) < 65536 and is_ipv4(host):
        return host, int(port)
    raise ConfigurationError(name, text, 'an IPv4 address and a port, such as "127.0.0.1:5070"')


def is_ipv4(host: str) -> bool:
    """Whether `host` is an IPv4 address in dotted decimal form."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether `host` is an IPv4 loopback address, so that packets to it stay on this machine."""
    return is_ipv4(host) and ipaddress.IPv4Address(host).is_loopback
