"""Pairs of UDP ports: an even one for RTP and the next one for RTCP (RFC 3550 §11)."""

from __future__ import annotations

import os
import socket
from itertools import cycle

from simulator.errors import SimulatorError

_FIRST, _LAST = 61_000, 65_534
"""Above Linux's ephemeral ports, and above those of the user agents."""


class NoFreePorts(SimulatorError):
    """All ports for the relay are in use on this machine."""


class PortPair:
    """Two bound, non-blocking sockets, RTP on `port` and RTCP on the next one. Raises OSError when a port is in use."""

    def __init__(self, host: str, port: int) -> None:
        self.port = port
        self.rtp = _bound_socket(host, port)
        try:
            self.rtcp = _bound_socket(host, port + 1)
        except OSError:
            self.rtp.close()
            raise

    def close(self) -> None:
        """Close both sockets."""
        self.rtp.close()
        self.rtcp.close()


class PortAllocator:
    """Hands out port pairs in turn, so that a port is not used again soon."""

    def __init__(self, host: str) -> None:
        self._host = host
        count = (_LAST - _FIRST) // 2
        start = os.getpid() * 97 % count
        self._next = cycle(_FIRST + 2 * ((start + step) % count) for step in range(count))
        self._count = count

    def two_pairs(self) -> tuple[PortPair, PortPair]:
        """A pair for each side of a call. Raises NoFreePorts."""
        first = self.pair()
        try:
            return first, self.pair()
        except NoFreePorts:
            first.close()
            raise

    def pair(self) -> PortPair:
        """The next free pair. Raises NoFreePorts."""
        for _ in range(self._count):
            try:
                return PortPair(self._host, next(self._next))
            except OSError:
                continue
        raise NoFreePorts(f"no pair of UDP ports from {_FIRST} to {_LAST} of {self._host} is free for the RTP relay")


def _bound_socket(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
