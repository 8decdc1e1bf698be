"""The front door's shell: one UDP and one TCP socket on the same port, a timer, and the core."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Iterable
from itertools import count
from types import TracebackType
from typing import Self, cast

from simulator.errors import ConfigurationError
from simulator.front_door.forwarder import Forwarder, Switch
from simulator.front_door.pacing import Destination, Group
from simulator.front_door.rewriting import Own
from simulator.front_door.stream import Splitter
from simulator.front_door.wire import Hop, Out, is_ipv4
from simulator.timeline import Timeline

logger = logging.getLogger(__name__)

CONNECT_WITHIN = 1.0
"""Seconds for a connection to a TCP peer whose own one is gone."""
_RECEIVE_BUFFER = 4 * 1024 * 1024
_PORT_TRIES = 50


class FrontDoor:
    """One fixed SIP address, UDP and TCP, in front of many workers.

    `switch` says which group of workers takes a new call. Port 0 is any free one. What the front door itself
    refuses, ends or drops goes to the timeline as kind `sip`. Raises ConfigurationError when the port is in use.
    Use it as `async with`, and only on the loop that entered it.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 5060,
        *,
        switch: Switch,
        timeline: Timeline | None = None,
    ) -> None:
        host = "127.0.0.1" if host == "localhost" else host
        if not is_ipv4(host) or host == "0.0.0.0":  # noqa: S104 - it is refused here
            raise ConfigurationError("host", host, "one IPv4 address of this machine, such as 127.0.0.1")
        if not 0 <= port < 65536:
            raise ConfigurationError("port", port, "0 (any free one) to 65535")
        self.host = host
        self.port = port
        self._switch = switch
        self._timeline = timeline
        self._core: Forwarder
        self._loop: asyncio.AbstractEventLoop
        self._udp: asyncio.DatagramTransport
        self._server: asyncio.Server
        self._connections: dict[int, _Connection] = {}
        self._numbers = count(1)
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._growing: set[Group] = set()

    @property
    def address(self) -> str:
        """`host:port`"""
        return f"{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        datagrams, stream = _bind(self.host, self.port)
        self.port = datagrams.getsockname()[1]
        self._core = Forwarder(
            Own(self.host, self.port), self._switch, record=self._record, grow=self._grow, wake=self._wake
        )
        transport, _ = await self._loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=datagrams)
        self._udp = transport
        self._server = await self._loop.create_server(lambda: _Connection(self), sock=stream)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self._udp.close()
        for connection in tuple(self._connections.values()):
            connection.close()
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        await asyncio.sleep(0)

    def ended(self, call_id: str, destination: Destination | None = None) -> None:
        """A worker reported the end of a call: its slot is free. With `destination` only that worker's part."""
        self._send(self._core.ended(call_id, time.monotonic(), destination))

    def lost(self, destination: Destination) -> None:
        """A worker died: pending calls get 480 and talking ones BYE, at the peers."""
        self._send(self._core.lost(destination, time.monotonic()))

    # --- used by the sockets --------------------------------------------------------------------------------

    def received(self, data: bytes, source: Hop) -> None:
        """A message came in."""
        self._send(self._core.received(data, source, time.monotonic()))

    def joined(self, connection: _Connection) -> int:
        """A TCP connection is open; returns its number."""
        number = next(self._numbers)
        self._connections[number] = connection
        return number

    def parted(self, number: int) -> None:
        """A TCP connection is closed."""
        self._connections.pop(number, None)

    # --- out ------------------------------------------------------------------------------------------------

    def _send(self, out: Iterable[Out]) -> None:
        for data, hop in out:
            if not is_ipv4(hop.host):
                self._record({"dropped": "the next hop is no IPv4 address", "peer": str(hop), "count": 1})
            elif hop.connection is None:
                self._udp.sendto(data, (hop.host, hop.port))
            elif (connection := self._connections.get(hop.connection)) is not None:
                connection.send(data)
            else:
                self._start(self._send_anew(data, hop))
        self._arm()

    async def _send_anew(self, data: bytes, hop: Hop) -> None:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                _, connection = await self._loop.create_connection(
                    lambda: _Connection(self), hop.host, hop.port
                )
        except OSError as error:
            self._record({"dropped": f"TCP peer is gone: {error}", "peer": str(hop), "count": 1})
        else:
            connection.send(data)

    # --- time -----------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        deadline = self._core.next_deadline(time.monotonic())
        if deadline is None:
            return
        when = self._loop.time() + deadline - time.monotonic()
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._send(self._core.tick(time.monotonic()))

    def _wake(self) -> None:
        self._loop.call_soon(self._tick_now)

    def _tick_now(self) -> None:
        self._send(self._core.tick(time.monotonic()))

    # --- owners ---------------------------------------------------------------------------------------------

    def _record(self, fields: dict[str, object]) -> None:
        if self._timeline is not None:
            self._timeline.append("sip", **fields)

    def _grow(self, group: Group) -> None:
        if group.grow is not None and group not in self._growing:
            self._growing.add(group)
            self._start(self._growth(group))

    async def _growth(self, group: Group) -> None:
        try:
            if group.grow is not None:
                await group.grow()
        except Exception:
            logger.exception("no further worker for the group %s", group.name)
        finally:
            self._growing.discard(group)

    def _start(self, work: asyncio._CoroutineLike[None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, door: FrontDoor) -> None:
        self._door = door

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data.strip(b"\r\n\0 "):
            self._door.received(data, Hop(addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        logger.debug("UDP: %s", exc)


class _Connection(asyncio.Protocol):
    def __init__(self, door: FrontDoor) -> None:
        self._door = door
        self._splitter = Splitter()
        self._transport: asyncio.Transport
        self._source: Hop
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._number = self._door.joined(self)
        host, port = transport.get_extra_info("peername")[:2]
        self._source = Hop(host, port, self._number)

    def data_received(self, data: bytes) -> None:
        for message in self._splitter.feed(data):
            self._door.received(message, self._source)
        for _ in range(self._splitter.pings):
            self._transport.write(b"\r\n")
        self._splitter.pings = 0
        if self._splitter.broken:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.parted(self._number)

    def send(self, data: bytes) -> None:
        self._transport.write(data)

    def close(self) -> None:
        self._transport.abort()


def _bind(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP socket and a listening TCP socket on one port."""
    for attempt in range(_PORT_TRIES):
        stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
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
