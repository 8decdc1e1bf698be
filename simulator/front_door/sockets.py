"""The front door's sockets: UDP, and a TCP listener on the same port."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from typing import Protocol, cast

from simulator.errors import ConfigurationError
from simulator.front_door.framing import StreamFramer
from simulator.sip_requests.hop import Hop

logger = logging.getLogger(__name__)

_RECEIVE_BUFFER = 4 * 1024 * 1024
_PORT_TRIES = 50
MAX_UNSENT = 1024 * 1024
"""Bytes that may wait for a TCP peer, beside those in the sockets' own buffers."""
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux only. PJSIP leaves Nagle's algorithm on, so a delayed TCP ACK of one message holds up its next one by 40 ms."""


class MessageReceiver(Protocol):
    """Gets the messages of all sockets and keeps the TCP connections."""

    def message_received(self, data: bytes, source: Hop) -> None:
        """A whole message came from `source`."""

    def connection_opened(self, connection: TcpConnection, host: str) -> int:
        """A TCP connection with a host is open. Returns the number that `Hop.connection` has for it."""

    def connection_overflowed(self, connection: TcpConnection) -> None:
        """A TCP connection is being aborted, because its peer does not read."""

    def connection_closed(self, number: int) -> None:
        """A TCP connection is closed."""


class UdpProtocol(asyncio.DatagramProtocol):
    """Passes every datagram on as a message, except keep-alives."""

    def __init__(self, receiver: MessageReceiver) -> None:
        self._receiver = receiver

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data.strip(b"\r\n\0 "):
            self._receiver.message_received(data, Hop(addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        logger.debug("UDP socket error: %s", exc)


class TcpConnection(asyncio.Protocol):
    """A TCP connection to a peer, opened by either side, or with `tls` one of TLS, opened by the peer."""

    def __init__(self, receiver: MessageReceiver, *, tls: bool = False) -> None:
        self._receiver = receiver
        self._tls = tls
        self._framer = StreamFramer()
        self._transport: asyncio.Transport
        self._source: Hop
        self._number = 0
        self.useful = False
        """Whether a whole message has come, or was sent."""
        self.last_used = time.monotonic()
        """When bytes came or were sent last (`time.monotonic()`)."""
        self.peer = ""
        """`host:port`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        host, port = transport.get_extra_info("peername")[:2]
        self.peer = f"{host}:{port}"
        self._number = self._receiver.connection_opened(self, host)
        self._source = Hop(host, port, self._number, self._tls)

    def data_received(self, data: bytes) -> None:
        self._acknowledge_at_once()
        self.last_used = time.monotonic()
        for message in self._framer.feed(data):
            self.useful = True
            self._receiver.message_received(message, self._source)
        if self._framer.unanswered_pings:
            self._write(b"\r\n" * self._framer.unanswered_pings)
        self._framer.unanswered_pings = 0
        if self._framer.broken:
            self._transport.close()

    def _acknowledge_at_once(self) -> None:
        """Have the kernel acknowledge received data at once; it resets the option after each segment."""
        if _QUICK_ACK is not None:
            self._transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._receiver.connection_closed(self._number)

    def send(self, data: bytes) -> None:
        """Send a whole message; abort the connection when too much waits for a peer that does not read."""
        self.useful, self.last_used = True, time.monotonic()
        self._write(data)

    def _write(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            self._receiver.connection_overflowed(self)
            self.close()

    def close(self) -> None:
        """Abort the connection at once."""
        self._transport.abort()


def bind_udp_and_tcp(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP socket and a listening TCP socket on one port; port 0 takes any that is free for both.

    Raises ConfigurationError when the port is in use or `host` is not an address of this machine.
    """
    for attempt in range(_PORT_TRIES):
        # asyncio disables Nagle's algorithm only on sockets with an explicit protocol, which accepted ones inherit
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
            raise _bind_error(host, port, error) from error
        datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        datagrams.setblocking(False)
        stream.listen(256)
        stream.setblocking(False)
        return datagrams, stream
    raise AssertionError


def _bind_error(host: str, port: int, error: OSError) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        allowed = f"a port of {host} that is free for UDP and TCP ({port} is in use), or 0 for any free one"
        return ConfigurationError("sip_port", port, allowed)
    return ConfigurationError("host", f"{host}:{port}", f"an address that can be bound ({error.strerror})")
