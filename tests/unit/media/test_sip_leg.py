"""A call's PCM channel, with a worker's side that the test plays itself."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from fake_daily_server.media.clock import TICK_NS
from fake_daily_server.media.legs import FRAME_BYTES, SAMPLES, LegCounts, LegGone
from fake_daily_server.media.sip_leg import SipLeg
from tests.unit.media.parties import level

MS = 1_000_000


@dataclass
class Ends:
    leg: SipLeg
    worker: socket.socket

    def say(self, *values: int) -> None:
        for value in values:
            self.worker.send(level(value).tobytes())

    def read(self) -> int | None:
        frame = self.leg.read()
        assert frame is None or ((frame == frame[0]).all() and frame.shape == (SAMPLES,))
        return None if frame is None else int(frame[0])

    def fetch(self) -> int | None:
        try:
            return int(np.frombuffer(self.worker.recv(2000), np.int16)[0])
        except BlockingIOError:
            return None


def ends(beat_ms: float | None) -> Ends:
    mine, worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    worker.setblocking(False)
    return Ends(SipLeg(mine, beat_ns=None if beat_ms is None else round(beat_ms * MS) + 7 * TICK_NS), worker)


@pytest.fixture
def halfway() -> Iterator[Ends]:
    """The worker's beat is halfway between two ticks: nothing needs more time."""
    made = ends(beat_ms=10)
    yield made
    made.worker.close()
    made.leg.close()


def test_frames_go_both_ways_in_order(halfway: Ends) -> None:
    for value in range(1, 6):
        halfway.say(value)
        assert halfway.read() == value
        halfway.leg.write(level(100 * value))
        assert halfway.fetch() == 100 * value
    assert halfway.leg.counts == LegCounts(read=5, written=5)


@pytest.mark.parametrize(("beat_ms", "ahead"), [(10, 0), (7, 0), (13, 0), (3, 1), (19, 0), (None, 1)])
def test_a_worker_that_fetches_near_the_tick_gets_one_frame_ahead(beat_ms: float | None, ahead: int) -> None:
    made = ends(beat_ms)
    with made.worker:
        made.leg.write(level(5))
        assert [made.fetch() for _ in range(ahead + 2)] == [*[0] * ahead, 5, None]
        made.leg.close()


@pytest.mark.parametrize(("beat_ms", "needed"), [(10, 1), (3, 1), (13, 1), (15, 2), (19.9, 2), (None, 2)])
def test_a_worker_that_sends_near_the_tick_gets_more_time(beat_ms: float | None, needed: int) -> None:
    made = ends(beat_ms)
    with made.worker:
        made.say(*range(1, needed))
        assert made.read() is None
        made.say(needed)
        assert made.read() == 1
        made.leg.close()


def test_what_was_said_before_the_first_read_is_not_delay_for_ever(halfway: Ends) -> None:
    halfway.say(1, 2, 3, 4)
    assert halfway.read() == 4
    assert halfway.leg.counts.overruns == 0


def test_a_late_frame_is_one_underrun_and_then_a_longer_queue(halfway: Ends) -> None:
    halfway.say(1)
    assert halfway.read() == 1
    assert halfway.read() is None
    halfway.say(2, 3)
    assert [halfway.read(), halfway.read()] == [2, 3]
    assert halfway.leg.counts.underruns == 1


def test_the_queue_is_bounded(halfway: Ends) -> None:
    halfway.say(0)
    halfway.read()
    halfway.say(*range(1, 8))
    assert halfway.read() == 3, "five frames are kept"
    assert halfway.leg.counts.overruns == 2


def test_a_queue_that_stays_too_long_is_trimmed_but_for_one_frame(halfway: Ends) -> None:
    halfway.say(0)
    halfway.read()
    halfway.say(1, 2, 3)
    value = 3
    for _ in range(250):
        value += 1
        halfway.say(value)
        heard = halfway.read()
    assert heard == value - 1
    assert halfway.leg.counts.trimmed == 2
    assert halfway.leg.counts.clean


def test_hold_is_silence_both_ways(halfway: Ends) -> None:
    halfway.say(1)
    halfway.read()
    halfway.leg.write(level(10))
    halfway.leg.hold(True)
    for value in range(2, 100):
        halfway.say(value)
        assert halfway.read() is None
        halfway.leg.write(level(11))
    halfway.leg.hold(False)
    halfway.say(100)
    assert halfway.read() == 100
    halfway.leg.write(level(12))
    assert [halfway.fetch() for _ in range(3)] == [10, 12, None]
    assert halfway.leg.counts == LegCounts(read=2, written=2)


def test_after_a_long_gap_it_begins_anew(halfway: Ends) -> None:
    halfway.say(1)
    halfway.read()
    assert [halfway.read() for _ in range(6)] == [None] * 6
    halfway.say(2, 3, 4, 5)
    assert halfway.read() == 5
    assert halfway.read() is None


def test_a_worker_that_does_not_fetch_is_counted_and_never_blocks(halfway: Ends) -> None:
    began = time.monotonic()
    for value in range(50):
        halfway.leg.write(level(value))
    assert time.monotonic() - began < 1
    counts = halfway.leg.counts
    assert counts.overruns >= 30
    assert counts.written + counts.overruns + counts.trimmed == 50


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much the other end has not fetched")
def test_frames_that_the_worker_never_needs_are_left_out(halfway: Ends) -> None:
    for value in range(3):
        halfway.leg.write(level(value))
    for value in range(3, 400):
        halfway.leg.write(level(value))
        halfway.fetch()
    assert halfway.leg.counts.trimmed == 2
    assert halfway.leg.counts.overruns == 0


def test_a_worker_that_is_gone(halfway: Ends) -> None:
    halfway.say(1)
    halfway.read()
    halfway.worker.close()
    with pytest.raises(LegGone):
        halfway.leg.write(level(1))


@pytest.mark.parametrize("size", [1, FRAME_BYTES - 2])
def test_a_frame_of_another_size_ends_the_leg(halfway: Ends, size: int) -> None:
    halfway.worker.send(bytes(size))
    with pytest.raises(LegGone, match=f"{size} bytes"):
        halfway.read()
