"""The front door's shell: one UDP and one TCP socket on the same port, a timer, and the core."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from itertools import count
from types import TracebackType
from typing import Any, Self

from simulator.errors import ConfigurationError
from simulator.front_door.forwarder import Forwarder
from simulator.front_door.invite import Switch
from simulator.front_door.pacing import Destination, Group
from simulator.front_door.rewriting import Own
from simulator.front_door.sockets import Connection, Datagrams, bind
from simulator.front_door.wire import Hop, Out, is_ipv4
from simulator.timeline import Timeline

logger = logging.getLogger(__name__)

MOST_CONNECTIONS = 500
"""TCP connections at a time; a process may often have no more than 1,024 descriptors."""
CONNECT_WITHIN = 1.0
"""Seconds for a connection to a TCP peer whose own one is gone."""

Wiretap = Callable[[float, bytes, Hop, bool], None]
"""`time.monotonic()`, the message, where it comes from or goes to, and whether it was sent."""


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
        if not is_ipv4(host) or host == "0.0.0.0":  # noqa: S104 - it is what is refused
            raise ConfigurationError("host", host, "one IPv4 address of this machine, such as 127.0.0.1")
        if not 0 <= port < 65536:
            raise ConfigurationError("port", port, "0 (any free one) to 65535")
        self.host = host
        self.port = port
        self.wiretap: Wiretap | None = None
        """Told of every message, in and out."""
        self._switch = switch
        self._timeline = timeline
        self._core: Forwarder
        self._loop: asyncio.AbstractEventLoop
        self._udp: asyncio.DatagramTransport
        self._server: asyncio.Server
        self._connections: dict[int, Connection] = {}
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
        datagrams, stream = bind(self.host, self.port)
        self.port = datagrams.getsockname()[1]
        self._core = Forwarder(
            Own(self.host, self.port), self._switch, record=self._record, grow=self._grow, wake=self._wake
        )
        transport, _ = await self._loop.create_datagram_endpoint(lambda: Datagrams(self), sock=datagrams)
        self._udp = transport
        self._server = await self._loop.create_server(lambda: Connection(self), sock=stream)
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
        if self.wiretap is not None:
            self.wiretap(time.monotonic(), data, source, False)
        self._send(self._core.received(data, source, time.monotonic()))

    def joined(self, connection: Connection) -> int:
        """A TCP connection is open; returns its number."""
        number = next(self._numbers)
        self._connections[number] = connection
        if len(self._connections) > MOST_CONNECTIONS:
            self._record({"dropped": f"a connection beyond {MOST_CONNECTIONS}", "count": 1})
            connection.close()
        return number

    def parted(self, number: int) -> None:
        """A TCP connection is closed."""
        self._connections.pop(number, None)

    # --- out ------------------------------------------------------------------------------------------------

    def _send(self, out: Iterable[Out]) -> None:
        if self._udp.is_closing():
            return
        for data, hop in out:
            if not is_ipv4(hop.host):
                self._record({"dropped": "the next hop is no IPv4 address", "peer": str(hop), "count": 1})
                continue
            if self.wiretap is not None:
                self.wiretap(time.monotonic(), data, hop, True)
            if hop.connection is None:
                self._udp.sendto(data, (hop.host, hop.port))
            elif (connection := self._connections.get(hop.connection)) is not None:
                connection.send(data)
            else:
                self._start(self._send_anew(data, hop))
        self._arm()

    async def _send_anew(self, data: bytes, hop: Hop) -> None:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                _, connection = await self._loop.create_connection(lambda: Connection(self), hop.host, hop.port)
        except OSError:
            self._send(self._core.undeliverable(data, hop, time.monotonic()))
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

    def _record(self, fields: dict[str, Any]) -> None:
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
