"""One direction of one port of a relay: packets received on one socket are sent on from another, perhaps later."""

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

from simulator.relay.faults import Faults
from simulator.relay.impairment import Impairment

Address = tuple[str, int]
_MAX_BURST = 32
"""Packets read at a time before the loop serves other sockets."""
_MAX_BYTES = 2048
_MAX_EARLY = 200
"""Packets kept while there is no target."""
_EARLY_S = 0.5
"""Seconds for which such a packet is worth sending: an answer may take that long to get here."""
_MAX_FROZEN = 3000
"""Packets kept while frozen: a minute at 20 ms a packet."""


class ReceivedPacket(NamedTuple):
    """A datagram that the relay has received and is to send on."""

    received_at: float
    source: Address
    data: bytes
    rtcp_on_rtp_port: bool = False
    """Whether it is RTCP that was sent to the port for RTP (RFC 5761 §4)."""


class Flow:
    """Sends packets that `entrance` receives on to `target` from `exit_`.

    Times are `time.monotonic()`, which is the loop's clock. `on_received` gets each packet with the moments when it
    will be sent (none if it is lost), `on_sent` each packet and the moment when it was sent. `permitted` turns each new
    target into the address to send to, or into None: then nothing is sent.
    """

    def __init__(
        self,
        entrance: socket.socket,
        exit_: socket.socket,
        *,
        on_received: Callable[[ReceivedPacket, tuple[float, ...]], None],
        on_sent: Callable[[ReceivedPacket, float], None],
        on_error: Callable[[Exception], None],
        permitted: Callable[[Address], Address | None],
    ) -> None:
        self.target: Address | None = None
        self.rewrite: Callable[[bytes], bytes | None] | None = None
        """Replaces the bytes of a packet before anything else happens to it, or drops it by returning None."""
        self.divert: Callable[[ReceivedPacket], bool] | None = None
        """Takes packets that belong to another flow: returns whether it has taken this one."""
        self._unwanted = False
        """Whether the receiver wants no packets."""
        self._entrance = entrance
        self._exit = exit_
        self._on_received = on_received
        self._on_sent = on_sent
        self._on_error = on_error
        self._permitted = permitted
        self._loop = asyncio.get_running_loop()
        self._impairment: Impairment | None = None
        self._early: deque[ReceivedPacket] = deque(maxlen=_MAX_EARLY)
        self._frozen: deque[ReceivedPacket] = deque(maxlen=_MAX_FROZEN)
        self._scheduled: list[tuple[float, int, ReceivedPacket]] = []
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None
        self._loop.add_reader(entrance, self._on_readable)

    def set_target(self, target: Address | None) -> None:
        """Send packets to this address; None drops them, because the receiver wants none.

        Packets received a moment before the first target was known are sent too; older ones belong to no call yet.
        """
        self.target = None if target is None else self._permitted(target)
        self._unwanted = self.target is None
        latest = time.monotonic() - _EARLY_S
        while self._early:
            packet = self._early.popleft()
            if packet.received_at >= latest:
                self._send(packet)

    def impair(self, faults: Faults, *, seed: int | str) -> None:
        """Apply these faults to packets received from now on; packets kept while frozen are sent unless it still is."""
        self._impairment = None if faults.clean else Impairment(faults, seed=seed)
        if not faults.frozen:
            while self._frozen:
                self._send(self._frozen.popleft())

    def inject(self, data: bytes, source: Address) -> None:
        """Handle a packet as if it had been received from `source`; it is not rewritten."""
        self.take(ReceivedPacket(time.monotonic(), source, data))

    def take(self, packet: ReceivedPacket) -> None:
        """Handle a packet that was received elsewhere; it is neither rewritten nor diverted."""
        self._pass(packet)

    def close(self) -> None:
        """Stop reading, and discard scheduled packets. The sockets stay open."""
        self._loop.remove_reader(self._entrance)
        if self._timer is not None:
            self._timer.cancel()
        self._scheduled.clear()

    def _on_readable(self) -> None:
        try:
            for _ in range(_MAX_BURST):
                data, source = self._entrance.recvfrom(_MAX_BYTES)
                self._receive(ReceivedPacket(time.monotonic(), source, data))
        except BlockingIOError:
            return
        except Exception as error:  # noqa: BLE001  # any error has to reach the timeline
            self._on_error(error)

    def _receive(self, packet: ReceivedPacket) -> None:
        if self.divert is not None and self.divert(packet):
            return
        if self.rewrite is not None:
            data = self.rewrite(packet.data)
            if data is None:
                return
            packet = packet._replace(data=data)
        self._pass(packet)

    def _pass(self, packet: ReceivedPacket) -> None:
        impairment = self._impairment
        if impairment is None:
            self._on_received(packet, (packet.received_at,))
            if self._scheduled:
                self._send_at(packet.received_at, packet)
            else:
                self._send(packet)
            return
        if impairment.faults.frozen:
            self._on_received(packet, (packet.received_at,))
            self._frozen.append(packet)
            return
        moments = impairment.schedule(packet.received_at, len(packet.data))
        self._on_received(packet, moments)
        for moment in moments:
            if moment <= packet.received_at and not self._scheduled:
                self._send(packet)
            else:
                self._send_at(moment, packet)

    def _send_at(self, moment: float, packet: ReceivedPacket) -> None:
        heapq.heappush(self._scheduled, (moment, next(self._order), packet))
        self._set_timer()

    def _set_timer(self) -> None:
        first = self._scheduled[0][0]
        if self._timer is not None:
            if self._timer.when() <= first:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(first, self._send_due)

    def _send_due(self) -> None:
        self._timer = None
        now = time.monotonic()
        while self._scheduled and self._scheduled[0][0] <= now:
            self._send(heapq.heappop(self._scheduled)[2])
        if self._scheduled:
            self._set_timer()

    def _send(self, packet: ReceivedPacket) -> None:
        if self.target is None:
            if not self._unwanted:
                self._early.append(packet)
            return
        try:
            with contextlib.suppress(BlockingIOError):
                self._exit.sendto(packet.data, self.target)
            self._on_sent(packet, time.monotonic())
        except Exception as error:  # noqa: BLE001  # any error has to reach the timeline
            self._on_error(error)
