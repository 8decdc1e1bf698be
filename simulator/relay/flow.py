"""One direction of one port of a relay: what comes in at one socket goes out at another, later or never."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import socket
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from simulator.relay.faults import Faults, Impairment

Address = tuple[str, int]
_BURST = 32
"""Packets that are read before other work has its turn."""
_LARGEST = 2048
_EARLY = 200
"""Packets kept while it is not known where they go."""
_FROZEN = 3000
"""Packets that a frozen line keeps: a minute of 20 ms."""


class Passing(NamedTuple):
    """A packet on its way through."""

    came_at: float
    source: Address
    data: bytes


class Flow:
    """Reads `entrance`, writes to `target` through `exit`. Times are `time.monotonic()`, which is the loop's clock.

    `arrived` is told of each packet and the moments when it leaves (none: lost), `left` of each one that goes out.
    """

    def __init__(
        self,
        entrance: socket.socket,
        exit_: socket.socket,
        *,
        arrived: Callable[[Passing, tuple[float, ...]], None],
        left: Callable[[Passing, float], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.target: Address | None = None
        self.rewrite: Callable[[bytes], bytes | None] | None = None
        """What becomes of a packet before anything else sees it; None for nothing."""
        self._entrance = entrance
        self._exit = exit_
        self._arrived = arrived
        self._left = left
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._impairment: Impairment | None = None
        self._early: deque[Passing] = deque(maxlen=_EARLY)
        self._kept: deque[Passing] = deque(maxlen=_FROZEN)
        self._queue: list[tuple[float, int, Passing]] = []
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None
        self._loop.add_reader(entrance, self._readable)

    def lead_to(self, target: Address) -> None:
        """From now on packets go there; those that came too early too."""
        self.target = target
        while self._early:
            self._send(self._early.popleft())

    def impair(self, faults: Faults, *, seed: int | str) -> None:
        """From now on the line is like this; what a frozen one kept goes out when it is frozen no more."""
        self._impairment = None if faults.clean else Impairment(faults, seed=seed)
        if not faults.frozen:
            while self._kept:
                self._send(self._kept.popleft())

    def inject(self, data: bytes, source: Address) -> None:
        """Take a packet as if it had come in."""
        self._pass(Passing(time.monotonic(), source, data))

    def close(self) -> None:
        """Read and send no more."""
        self._loop.remove_reader(self._entrance)
        if self._timer is not None:
            self._timer.cancel()
        self._queue.clear()

    def _readable(self) -> None:
        try:
            for _ in range(_BURST):
                data, source = self._entrance.recvfrom(_LARGEST)
                self._take(Passing(time.monotonic(), source, data))
        except BlockingIOError:
            return
        except Exception as error:  # noqa: BLE001  # whoever looks at the timeline has to hear of it
            self._failed(error)

    def _take(self, packet: Passing) -> None:
        if self.rewrite is not None:
            data = self.rewrite(packet.data)
            if data is None:
                return
            packet = packet._replace(data=data)
        self._pass(packet)

    def _pass(self, packet: Passing) -> None:
        impairment = self._impairment
        if impairment is None:
            self._arrived(packet, (packet.came_at,))
            if self._queue:
                self._send_at(packet.came_at, packet)
            else:
                self._send(packet)
            return
        if impairment.faults.frozen:
            self._arrived(packet, (packet.came_at,))
            self._kept.append(packet)
            return
        moments = impairment.schedule(packet.came_at, len(packet.data))
        self._arrived(packet, moments)
        for moment in moments:
            if moment <= packet.came_at and not self._queue:
                self._send(packet)
            else:
                self._send_at(moment, packet)

    def _send_at(self, moment: float, packet: Passing) -> None:
        heapq.heappush(self._queue, (moment, next(self._order), packet))
        self._arm()

    def _arm(self) -> None:
        first = self._queue[0][0]
        if self._timer is not None:
            if self._timer.when() <= first:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(first, self._due)

    def _due(self) -> None:
        self._timer = None
        now = time.monotonic()
        while self._queue and self._queue[0][0] <= now:
            self._send(heapq.heappop(self._queue)[2])
        if self._queue:
            self._arm()

    def _send(self, packet: Passing) -> None:
        if self.target is None:
            self._early.append(packet)
            return
        try:
            with contextlib.suppress(BlockingIOError):
                self._exit.sendto(packet.data, self.target)
            self._left(packet, time.monotonic())
        except Exception as error:  # noqa: BLE001  # as above
            self._failed(error)
