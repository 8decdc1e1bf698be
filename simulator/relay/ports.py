"""Pairs of UDP ports, RTP on the even one and RTCP one above (RFC 3550 §11)."""

from __future__ import annotations

import os
import socket
from itertools import cycle

from simulator.errors import SimulatorError

_FIRST, _LAST = 61_000, 65_534
"""Above the ports that Linux gives to sockets which ask for any, and above those of the user agents."""


class NoPorts(SimulatorError):
    """All relay ports of this machine are in use."""


class Pair:
    """Two bound, non-blocking sockets."""

    def __init__(self, host: str, port: int) -> None:
        self.port = port
        self.rtp = _bound(host, port)
        try:
            self.rtcp = _bound(host, port + 1)
        except OSError:
            self.rtp.close()
            raise

    def close(self) -> None:
        """Give the ports free."""
        self.rtp.close()
        self.rtcp.close()


class Ports:
    """Gives pairs one after the other, so that a port is not used again soon."""

    def __init__(self, host: str) -> None:
        self._host = host
        count = (_LAST - _FIRST) // 2
        start = os.getpid() * 97 % count
        self._next = cycle(_FIRST + 2 * ((start + step) % count) for step in range(count))
        self._count = count

    def two_pairs(self) -> tuple[Pair, Pair]:
        """For the two sides of a call. Raises NoPorts."""
        first = self.pair()
        try:
            return first, self.pair()
        except NoPorts:
            first.close()
            raise

    def pair(self) -> Pair:
        """The next one that is free. Raises NoPorts."""
        for _ in range(self._count):
            try:
                return Pair(self._host, next(self._next))
            except OSError:
                continue
        raise NoPorts(f"no pair of UDP ports from {_FIRST} to {_LAST} of {self._host} is free for the RTP relay")


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
