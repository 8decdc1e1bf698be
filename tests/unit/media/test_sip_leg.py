"""The leg of a SIP call; the test plays the part of the worker at the other end of the PCM channel."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from fake_daily_server.media.audio_frame import FRAME_BYTES, FRAME_SAMPLES
from fake_daily_server.media.clock import MOST_CAUGHT_UP, TICK_NS
from fake_daily_server.media.leg import LegCounts, LegGone
from fake_daily_server.media.sip_leg import SipLeg
from tests.unit.media.fakes import constant

MS = 1_000_000


@dataclass
class Channel:
    """The two ends of a PCM channel; frames are constant and stand for a value."""

    leg: SipLeg
    worker: socket.socket

    def send(self, *values: int) -> None:
        for value in values:
            self.worker.send(constant(value).tobytes())

    def read(self) -> int | None:
        frame = self.leg.read()
        assert frame is None or ((frame == frame[0]).all() and frame.shape == (FRAME_SAMPLES,))
        return None if frame is None else int(frame[0])

    def fetch(self) -> int | None:
        try:
            return int(np.frombuffer(self.worker.recv(2000), np.int16)[0])
        except BlockingIOError:
            return None


def channel(worker_ms: float | None) -> Channel:
    """A channel whose worker handles its frames so many ms after a tick, or None when that is unknown."""
    mine, worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    worker.setblocking(False)
    worker_ns = None if worker_ms is None else round(worker_ms * MS) + 7 * TICK_NS
    return Channel(SipLeg(mine, worker_ns=worker_ns), worker)


@pytest.fixture
def halfway() -> Iterator[Channel]:
    """The worker handles its frames halfway between two ticks, so neither direction needs a longer queue."""
    made = channel(worker_ms=10)
    yield made
    made.worker.close()
    made.leg.close()


def test_frames_travel_both_ways_in_order(halfway: Channel) -> None:
    for value in range(1, 6):
        halfway.send(value)
        assert halfway.read() == value
        halfway.leg.write(constant(100 * value))
        assert halfway.fetch() == 100 * value
    assert halfway.leg.counts == LegCounts(read=5, written=5)


@pytest.mark.parametrize(("worker_ms", "ahead"), [(10, 0), (7, 0), (13, 0), (3, 1), (19, 0), (None, 1)])
def test_a_worker_that_fetches_near_the_tick_gets_silence_first(worker_ms: float | None, ahead: int) -> None:
    made = channel(worker_ms)
    with made.worker:
        made.leg.write(constant(5))
        assert [made.fetch() for _ in range(ahead + 2)] == [*[0] * ahead, 5, None]
        made.leg.close()


@pytest.mark.parametrize(("worker_ms", "needed"), [(10, 1), (3, 1), (13, 1), (15, 2), (19.9, 2), (None, 2)])
def test_a_worker_that_sends_near_the_tick_gets_one_more_frame_of_queue(worker_ms: float | None, needed: int) -> None:
    made = channel(worker_ms)
    with made.worker:
        made.send(*range(1, needed))
        assert made.read() is None
        made.send(needed)
        assert made.read() == 1
        made.leg.close()


def test_frames_sent_before_the_first_read_are_dropped(halfway: Channel) -> None:
    halfway.send(1, 2, 3, 4)
    assert halfway.read() == 4
    assert halfway.leg.counts.overruns == 0


def test_a_late_frame_is_one_underrun_and_makes_the_queue_longer(halfway: Channel) -> None:
    halfway.send(1)
    assert halfway.read() == 1
    assert halfway.read() is None
    halfway.send(2, 3)
    assert [halfway.read(), halfway.read()] == [2, 3]
    assert halfway.leg.counts.underruns == 1


def test_a_full_queue_drops_the_oldest_frames(halfway: Channel) -> None:
    halfway.send(0)
    halfway.read()
    halfway.send(*range(1, MOST_CAUGHT_UP + 3))
    assert halfway.read() == 3, "as many are queued as the mixer makes up for"
    assert halfway.leg.counts.overruns == 2


def test_a_queue_that_stays_too_long_is_trimmed_to_one_frame(halfway: Channel) -> None:
    halfway.send(0)
    halfway.read()
    halfway.send(1, 2, 3)
    value = 3
    for _ in range(250):
        value += 1
        halfway.send(value)
        heard = halfway.read()
    assert heard == value - 1
    assert halfway.leg.counts.trimmed == 2
    assert halfway.leg.counts.clean


def test_a_held_call_hears_nothing_and_is_heard_while_its_peer_sends(halfway: Channel) -> None:
    halfway.send(1)
    halfway.read()
    halfway.leg.write(constant(10))
    halfway.leg.hold(True)
    for value in range(2, 50):
        halfway.send(value)
        assert halfway.read() == value
        halfway.leg.write(constant(11))
    assert [halfway.read() for _ in range(50)] == [None] * 50
    halfway.leg.hold(False)
    halfway.send(100)
    assert halfway.read() == 100
    halfway.leg.write(constant(12))
    assert [halfway.fetch() for _ in range(3)] == [10, 12, None]
    assert halfway.leg.counts == LegCounts(read=50, written=2)


def test_reading_restarts_after_a_long_gap(halfway: Channel) -> None:
    halfway.send(1)
    halfway.read()
    assert [halfway.read() for _ in range(6)] == [None] * 6
    halfway.send(2, 3, 4, 5)
    assert halfway.read() == 5
    assert halfway.read() is None


def test_frames_that_the_worker_does_not_fetch_are_counted_and_never_block(halfway: Channel) -> None:
    started = time.monotonic()
    for value in range(50):
        halfway.leg.write(constant(value))
    assert time.monotonic() - started < 1
    counts = halfway.leg.counts
    assert counts.overruns >= 20
    assert counts.written + counts.overruns + counts.trimmed == 50


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much the peer has not fetched")
def test_frames_that_the_worker_never_needs_are_trimmed(halfway: Channel) -> None:
    for value in range(3):
        halfway.leg.write(constant(value))
    for value in range(3, 400):
        halfway.leg.write(constant(value))
        halfway.fetch()
    assert halfway.leg.counts.trimmed == 2
    assert halfway.leg.counts.overruns == 0


def test_a_closed_worker_ends_the_leg(halfway: Channel) -> None:
    halfway.send(1)
    halfway.read()
    halfway.worker.close()
    with pytest.raises(LegGone):
        halfway.leg.write(constant(1))


@pytest.mark.parametrize("size", [1, FRAME_BYTES - 2])
def test_a_frame_of_another_size_ends_the_leg(halfway: Channel, size: int) -> None:
    halfway.worker.send(bytes(size))
    with pytest.raises(LegGone, match=f"{size} bytes"):
        halfway.read()
