"""A SIP call in the mixer: its PCM channel, read and written at the clock's pace."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import socket
import struct
import termios
import time
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.clock import TICK_NS
from fake_daily_server.media.gil_socket import GilSocket
from fake_daily_server.media.legs import FRAME_BYTES, SAMPLES, Gaps, LegCounts, LegGone

if TYPE_CHECKING:
    from fake_daily_server.media.legs import Frame
    from simulator.useragent.handle import Call

MARGIN_NS = 6_000_000
"""How close to a tick a call's own clock may beat before its frames get 20 ms more time to arrive."""
_SLOTS = 8
_MOST_QUEUED = 5
"""Frames that may wait for the mixer: 100 ms. One more drops the oldest."""
_WINDOW = 100
"""Ticks over which a queue must have been too long all the time before it is shortened."""
_RESTART = 5
"""Ticks without a frame after which the next ones are taken as a new beginning."""
_PROBE = 10
"""Every so many writes the length of the outgoing queue is looked at."""
_SEND_BUFFER = 4608
"""Bytes, the least that Linux allows: eight frames."""
_LISTENED = 4
"""Frames whose arrival tells when the call's clock beats."""
_PATIENCE = 0.25
"""Seconds to wait for those: a held call sends none."""


class SipLeg:
    """Two frames of 20 ms each tick, one each way, between the mixer and a call in its worker process.

    The worker reads and writes at its own beat of 20 ms, which has any phase to the mixer's. A frame that arrives
    (or is fetched) just at a tick would be early one time and late the next, so the side where the two beats are
    less than 6 ms apart gets one frame more of queue. Later the queues settle by themselves: what comes too late makes
    them longer, and what is never needed is trimmed.
    """

    def __init__(self, sock: socket.socket, *, beat_ns: int | None = None) -> None:
        """Takes the socket over. `beat_ns` is a moment, in monotonic ns, at which the worker handled a frame."""
        self.counts = LegCounts()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self._sock = sock
        self._quick = GilSocket(sock)
        self._gaps = Gaps(self.counts)
        self._ring = np.zeros((_SLOTS, SAMPLES), np.int16)
        self._rows = list(self._ring)
        self._addresses = [row.ctypes.data for row in self._rows]
        self._first = 0
        self._queued = 0
        early_ns = 0 if beat_ns is None else -beat_ns % TICK_NS
        """How long before a tick the worker handles its frame."""
        self._needed = 1 + (early_ns < MARGIN_NS)
        """Frames that must be there before the first is read."""
        self._reading = False
        self._missed = 0
        self._least_queued = _SLOTS
        self._reads = 0
        self._goes_ahead = beat_ns is None or TICK_NS - early_ns < MARGIN_NS
        """Whether one frame of silence goes first."""
        self._ahead = self._goes_ahead
        self._held = False
        self._writes = 0
        self._least_unsent = _SLOTS
        self._silence = np.zeros(SAMPLES, np.int16)

    @classmethod
    async def open(cls, call: Call) -> SipLeg:
        """Open the call's PCM channel and listen to its beat, which takes about 80 ms. Raises as `Call.open_pcm`."""
        sock = await call.open_pcm(16000)
        try:
            return cls(sock, beat_ns=await _beat(sock))
        except BaseException:
            sock.close()
            raise

    def read(self) -> Frame | None:
        """What the far end says."""
        self._drain()
        if self._held:
            self._begin_anew()
            return None
        if not self._reading:
            if self._queued < self._needed:
                return None
            self._drop(self._queued - self._needed)
            self._reading = True
            self._restart_window()
        if self._queued == 0:
            self._gaps.missed()
            self._missed += 1
            self._least_queued = 0
            self._reading = self._missed < _RESTART
            return None
        self._missed = 0
        self._gaps.came()
        frame = self._rows[self._first]
        self._drop(1)
        self._trim_reading()
        return frame

    def write(self, frame: Frame) -> None:
        """What the far end hears."""
        if self._held:
            return
        if self._ahead:
            self._ahead = False
            self._send(self._silence)
        if self._writes % _PROBE == 0 and self._too_far_ahead():
            self.counts.trimmed += 1
        else:
            self._send(frame)
        self._writes += 1

    def hold(self, held: bool) -> None:
        """While the call is held it neither says nor hears anything, whatever the far end plays to itself."""
        self._held = held
        self._ahead = self._goes_ahead

    def close(self) -> None:
        """Give the channel back; the call goes on and hears silence."""
        self._sock.close()

    # --- from the call ---------------------------------------------------------------------------------------

    def _drain(self) -> None:
        try:
            while True:
                slot = (self._first + self._queued) % _SLOTS
                size = self._quick.receive(self._addresses[slot], FRAME_BYTES)
                if size < 0:
                    return
                if size != FRAME_BYTES:
                    raise LegGone(f"a frame of {size} bytes came where {FRAME_BYTES} are one")
                self._queued += 1
                if self._queued > _MOST_QUEUED:
                    self._drop(1)
                    self.counts.overruns += self._reading
        except OSError as gone:
            raise LegGone(f"the call's audio has ended: {gone.strerror}") from gone

    def _begin_anew(self) -> None:
        self._drop(self._queued)
        self._reading = False
        self._missed = 0
        self._gaps.stopped()

    def _drop(self, frames: int) -> None:
        self._first = (self._first + frames) % _SLOTS
        self._queued -= frames

    def _restart_window(self) -> None:
        self._reads = 0
        self._least_queued = _SLOTS

    def _trim_reading(self) -> None:
        """One frame in reserve is allowed; what more was there all through a window is delay for nothing."""
        self._least_queued = min(self._least_queued, self._queued)
        self._reads += 1
        if self._reads >= _WINDOW:
            excess = self._least_queued - 1
            if excess > 0:
                self._drop(excess)
                self.counts.trimmed += excess
            self._restart_window()

    # --- to the call -----------------------------------------------------------------------------------------

    def _send(self, frame: Frame) -> None:
        try:
            if self._quick.send(frame.ctypes.data, FRAME_BYTES):
                self.counts.written += 1
            else:
                self.counts.overruns += 1
        except OSError as gone:
            raise LegGone(f"the call's audio has ended: {gone.strerror}") from gone

    def _too_far_ahead(self) -> bool:
        """Whether the worker had more than one frame unread at every probe of a window."""
        self._least_unsent = min(self._least_unsent, frames_unread(self._sock))
        if self._writes % _WINDOW:
            return False
        excess, self._least_unsent = self._least_unsent - 1, _SLOTS
        return excess > 0


def frames_unread(sock: socket.socket) -> int:
    """Frames that were sent and that the other end has not fetched yet; 0 on a system that does not say."""
    return _unread(sock) // _size_in_queue()


def _unread(sock: socket.socket) -> int:
    """Bytes that the other end has not fetched, with what the system adds to each datagram; 0 where nobody says."""
    with contextlib.suppress(OSError):
        return int(struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))[0])
    return 0


@cache
def _size_in_queue() -> int:
    """What one frame counts in `_unread` on this system."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.send(bytes(FRAME_BYTES))
        return _unread(one) or 1


async def _beat(sock: socket.socket) -> int | None:
    """A moment at which the worker sent a frame, by the frame that was the least delayed on its way to us."""
    loop = asyncio.get_running_loop()
    moments: list[int] = []
    try:
        async with asyncio.timeout(_PATIENCE):
            while len(moments) < _LISTENED:
                await loop.sock_recv(sock, FRAME_BYTES)
                moments.append(time.monotonic_ns())
    except TimeoutError:
        return None
    return min(moment - TICK_NS * number for number, moment in enumerate(moments))
