"""The leg of a SIP call: reads and writes the call's PCM channel at the pace of the media clock."""

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

from fake_daily_server.media.audio_frame import FRAME_BYTES, FRAME_SAMPLES
from fake_daily_server.media.clock import MOST_CAUGHT_UP, TICK_NS
from fake_daily_server.media.frame_queue import UnderrunCounter
from fake_daily_server.media.gil_socket import GilSocket
from fake_daily_server.media.leg import LegCounts, LegGone

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame
    from simulator.useragent.handle import Call

MARGIN_NS = 6_000_000
"""The least time between a tick and the worker's handling of a frame, without an additional frame of queue."""
_SLOTS = 32
"""Frames in the ring buffer."""
_MOST_QUEUED = MOST_CAUGHT_UP
"""The most frames that wait for the mixer, which makes up for as many. One more drops the oldest."""
_WINDOW = 100
"""Length of the observation window in ticks, 2 s. A queue is shortened if it was too long at all of them."""
_MISSES_TO_RESTART = 5
"""Consecutive ticks without a frame after which the queue is filled to its initial length again before reading."""
_PROBE = 10
"""Writes between two measurements of the outgoing queue's length."""
_SEND_BUFFER = 14_400
"""Size of the send buffer in bytes: on Linux 23 frames. PJSIP makes up for 25 of its ticks."""
_FRAMES_OBSERVED = 4
"""How many frames are observed to learn the worker's offset from the ticks."""
_OBSERVE_LIMIT_S = 0.25
"""The longest observation: a call on hold sends no frames."""


class SipLeg:
    """Exchanges one frame per tick and direction with the worker process of a call.

    The worker also reads and writes every 20 ms, at some offset from the ticks. A frame that arrives or is fetched
    close to a tick would be early one time and late the next, so a direction with an offset of less than 6 ms starts
    with one more frame in its queue. After that the queues adapt: a late frame makes them longer, and a frame that was
    not needed for 2 s is dropped.
    """

    def __init__(self, sock: socket.socket, *, worker_ns: int | None = None) -> None:
        """Take over `sock`. `worker_ns` is the monotonic time, in ns, at which the worker handled a frame."""
        self.counts = LegCounts()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self._sock = sock
        self._io = GilSocket(sock)
        self._underruns = UnderrunCounter(self.counts)
        self._ring = np.zeros((_SLOTS, FRAME_SAMPLES), np.int16)
        self._rows = list(self._ring)
        self._addresses = [row.ctypes.data for row in self._rows]
        self._first = 0
        """The slot of the oldest queued frame."""
        self._queued = 0
        before_tick_ns = 0 if worker_ns is None else -worker_ns % TICK_NS
        """The time from the worker's handling of a frame to the next tick, in ns."""
        self._frames_to_start = 1 + (before_tick_ns < MARGIN_NS)
        """Frames that must be queued before the first one is read."""
        self._reading = False
        self._misses = 0
        self._least_queued = _SLOTS
        self._reads = 0
        self._needs_lead = worker_ns is None or TICK_NS - before_tick_ns < MARGIN_NS
        """Whether a frame of silence is sent ahead of the first one, so that the worker always finds a frame."""
        self._lead_due = self._needs_lead
        self._held = False
        self._writes = 0
        self._least_unfetched = _SLOTS
        self._silence = np.zeros(FRAME_SAMPLES, np.int16)

    @classmethod
    async def open(cls, call: Call) -> SipLeg:
        """Open the call's PCM channel and measure the worker's offset (80 ms). Raises as `Call.open_pcm` does."""
        sock = await call.open_pcm(16000)
        try:
            return cls(sock, worker_ns=await _observe_worker(sock))
        except BaseException:
            sock.close()
            raise

    def read(self) -> Frame | None:
        """Return the next frame from the call; None if no frame has arrived in time.

        A call on hold is heard as long as its peer sends, such as music (`a=sendonly`, RFC 3264 §8.4).
        """
        self._receive_all()
        if self._held and self._queued == 0:
            self._restart_reading()
            return None
        if not self._reading:
            if self._queued < self._frames_to_start:
                return None
            self._drop(self._queued - self._frames_to_start)
            self._reading = True
            self._restart_window()
        if self._queued == 0:
            self._underruns.frame_missing()
            self._misses += 1
            self._least_queued = 0
            self._reading = self._misses < _MISSES_TO_RESTART
            return None
        self._misses = 0
        self._underruns.frame_read()
        frame = self._rows[self._first]
        self._drop(1)
        self._trim_queue()
        return frame

    def write(self, frame: Frame) -> None:
        """Send the next frame to the call, unless the call is on hold."""
        if self._held:
            return
        if self._lead_due:
            self._lead_due = False
            self._send(self._silence)
        if self._writes % _PROBE == 0 and self._unfetched_too_long():
            self.counts.trimmed += 1
        else:
            self._send(frame)
        self._writes += 1

    def hold(self, held: bool) -> None:
        """Put the call on hold or resume it. A call on hold hears nothing; it is heard if its peer sends."""
        self._held = held
        self._lead_due = self._needs_lead

    def close(self) -> None:
        """Close the PCM channel; the call continues and hears silence."""
        self._sock.close()

    # --- from the call ---------------------------------------------------------------------------------------

    def _receive_all(self) -> None:
        try:
            while True:
                slot = (self._first + self._queued) % _SLOTS
                size = self._io.receive(self._addresses[slot], FRAME_BYTES)
                if size < 0:
                    return
                if size != FRAME_BYTES:
                    raise LegGone(f"the call's worker sent a frame of {size} bytes instead of {FRAME_BYTES}")
                self._queued += 1
                if self._queued > _MOST_QUEUED:
                    self._drop(1)
                    self.counts.overruns += self._reading
        except OSError as gone:
            raise LegGone(f"the call's PCM channel is closed: {gone.strerror}") from gone

    def _restart_reading(self) -> None:
        self._drop(self._queued)
        self._reading = False
        self._misses = 0
        self._underruns.stopped()

    def _drop(self, frames: int) -> None:
        self._first = (self._first + frames) % _SLOTS
        self._queued -= frames

    def _restart_window(self) -> None:
        self._reads = 0
        self._least_queued = _SLOTS

    def _trim_queue(self) -> None:
        """At the end of a window, drop the frames that were always queued beyond the first: they are only delay."""
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
            if self._io.send(frame.ctypes.data, FRAME_BYTES):
                self.counts.written += 1
            else:
                self.counts.overruns += 1
        except OSError as gone:
            raise LegGone(f"the call's PCM channel is closed: {gone.strerror}") from gone

    def _unfetched_too_long(self) -> bool:
        """Whether a window ends now at whose every probe the worker had more than one frame left to fetch."""
        self._least_unfetched = min(self._least_unfetched, frames_unfetched(self._sock))
        if self._writes % _WINDOW:
            return False
        excess, self._least_unfetched = self._least_unfetched - 1, _SLOTS
        return excess > 0


def frames_unfetched(sock: socket.socket) -> int:
    """Frames sent on `sock` that the peer has not fetched yet; 0 if the system does not report it."""
    return _bytes_unfetched(sock) // _bytes_per_queued_frame()


def _bytes_unfetched(sock: socket.socket) -> int:
    """Bytes sent and not fetched yet, including the system's overhead per datagram; 0 if not reported."""
    with contextlib.suppress(OSError):
        return int(struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))[0])
    return 0


@cache
def _bytes_per_queued_frame() -> int:
    """How many bytes `_bytes_unfetched` reports for one frame on this system."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.send(bytes(FRAME_BYTES))
        return _bytes_unfetched(one) or 1


async def _observe_worker(sock: socket.socket) -> int | None:
    """Return the monotonic time, in ns, at which the worker sent a frame; None if none arrived.

    Derived from the frame with the least delay.
    """
    loop = asyncio.get_running_loop()
    moments: list[int] = []
    try:
        async with asyncio.timeout(_OBSERVE_LIMIT_S):
            while len(moments) < _FRAMES_OBSERVED:
                await loop.sock_recv(sock, FRAME_BYTES)
                moments.append(time.monotonic_ns())
    except TimeoutError:
        return None
    return min(moment - TICK_NS * number for number, moment in enumerate(moments))
