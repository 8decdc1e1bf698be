"""The front door's sockets: UDP, and a TCP listener on the same port."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from typing import Protocol, cast

from simulator.errors import ConfigurationError
from simulator.front_door.stream import Splitter
from simulator.front_door.wire import Hop

logger = logging.getLogger(__name__)

_RECEIVE_BUFFER = 4 * 1024 * 1024
_PORT_TRIES = 50
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux. PJSIP leaves Nagle's algorithm on, so that a delayed TCP ACK of its SIP ACK holds its next request 40 ms."""


class Receiver(Protocol):
    """Who gets what comes in."""

    def received(self, data: bytes, source: Hop) -> None:
        """A message came in."""

    def joined(self, connection: Connection) -> int:
        """A TCP connection is open; returns its number."""

    def parted(self, number: int) -> None:
        """A TCP connection is closed."""


class Datagrams(asyncio.DatagramProtocol):
    """Every datagram but keep-alives is a message."""

    def __init__(self, door: Receiver) -> None:
        self._door = door

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data.strip(b"\r\n\0 "):
            self._door.received(data, Hop(addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        logger.debug("UDP: %s", exc)


class Connection(asyncio.Protocol):
    """A TCP peer, whoever opened the connection."""

    def __init__(self, door: Receiver) -> None:
        self._door = door
        self._splitter = Splitter()
        self._transport: asyncio.Transport
        self._source: Hop
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._number = self._door.joined(self)
        host, port = transport.get_extra_info("peername")[:2]
        self._source = Hop(host, port, self._number)

    def data_received(self, data: bytes) -> None:
        self._acknowledge()
        for message in self._splitter.feed(data):
            self._door.received(message, self._source)
        for _ in range(self._splitter.pings):
            self._transport.write(b"\r\n")
        self._splitter.pings = 0
        if self._splitter.broken:
            self._transport.close()

    def _acknowledge(self) -> None:
        """At once; the option holds only until the kernel thinks better of it."""
        if _QUICK_ACK is not None:
            self._transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.parted(self._number)

    def send(self, data: bytes) -> None:
        """Write a whole message."""
        self._transport.write(data)

    def close(self) -> None:
        """Cut the connection."""
        self._transport.abort()


def bind(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP socket and a listening TCP socket on one port; port 0 is any that is free for both.

    Raises ConfigurationError when the port is in use or the host is none of this machine.
    """
    for attempt in range(_PORT_TRIES):
        # asyncio turns Nagle's algorithm off only on sockets that name their protocol, and accepted ones inherit it
        stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            stream.bind((host, port))
            datagrams.bind((host, stream.getsockname()[1]))
        except OSError as error:
            stream.close()
            datagrams.close()
            if port == 0 and error.errno == errno.EADDRINUSE and attempt < _PORT_TRIES - 1:
                continue
            raise _unusable(host, port, error) from error
        datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        datagrams.setblocking(False)
        stream.listen(256)
        stream.setblocking(False)
        return datagrams, stream
    raise AssertionError


def _unusable(host: str, port: int, error: OSError) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        way_out = f"a port of {host} that is free for UDP and TCP ({port} is in use), or 0 for any free one"
        return ConfigurationError("port", port, way_out)
    return ConfigurationError("host", f"{host}:{port}", f"an address that can be bound ({error.strerror})")
