"""The media clock ticks every 20 ms for an hour, and catches up after the machine was busy."""

from __future__ import annotations

import random
import threading

from fake_daily_server.media.clock import MOST_CAUGHT_UP, TICK_NS, ClockCounts, MediaClock, TickSchedule

HOUR_NS = 3600 * 1_000_000_000
HOUR_TICKS = 180_000


def simulate(delays: list[int], *, started: int = 123_456_789) -> tuple[list[int], ClockCounts]:
    """Return when each tick was done, if each wait took longer by one of `delays` (ns)."""
    counts = ClockCounts()
    now = started
    schedule = TickSchedule(now, counts)
    done = []
    for delay in delays:
        now += max(0, schedule.until_next(now)) + delay
        schedule.begin_tick(now)
        done.append(now)
    return done, counts


def test_ticks_do_not_drift_in_an_hour() -> None:
    seeded = random.Random(1)
    done, counts = simulate([seeded.randrange(9_000_000) for _ in range(HOUR_TICKS)])
    assert counts == ClockCounts(ticks=HOUR_TICKS, late=0, skipped=0, latest_ns=counts.latest_ns)
    offsets = [moment % TICK_NS for moment in done]
    assert max(offsets) < 9_000_000, "a tick was done before it was due, or its delay was carried over"
    assert abs((done[-1] - done[0]) - (HOUR_NS - TICK_NS)) < 9_000_000
    assert [moment // TICK_NS for moment in done] == list(range(done[0] // TICK_NS, done[0] // TICK_NS + HOUR_TICKS))


def test_ticks_are_due_at_whole_20_ms_of_the_clock() -> None:
    done, _ = simulate([0, 0, 0], started=7)
    assert done == [TICK_NS, 2 * TICK_NS, 3 * TICK_NS]


def test_ticks_missed_in_a_short_stall_are_done_late() -> None:
    done, counts = simulate([0, MOST_CAUGHT_UP * TICK_NS, *[0] * (MOST_CAUGHT_UP + 5)], started=0)
    assert counts.skipped == 0
    assert counts.late == MOST_CAUGHT_UP
    assert done[-1] == (MOST_CAUGHT_UP + 7) * TICK_NS, "the ticks after the stall are not back on time"


def test_ticks_missed_in_a_long_stall_are_skipped_and_counted() -> None:
    second = 1_000_000_000
    done, counts = simulate([0, second, *[0] * (MOST_CAUGHT_UP + 5)], started=0)
    assert counts.skipped == second // TICK_NS - MOST_CAUGHT_UP
    assert counts.latest_ns == second
    assert done[-1] == 2 * TICK_NS + second + 5 * TICK_NS


class InstantTime:
    """Time for a `MediaClock` in which waiting takes no time, for so many ticks."""

    def __init__(self, ticks: int) -> None:
        self.now_ns = 0
        self.left = ticks
        self.finished = threading.Event()

    def now(self) -> int:
        return self.now_ns

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.now_ns += round(seconds * 1e9)
        self.left -= 1
        if self.left < 0:
            self.finished.set()
            return stop.wait(5)
        return False


class Counter:
    """Counts its ticks, and with `fails` raises in each."""

    def __init__(self, fails: bool = False) -> None:
        self.ticks = 0
        self.fails = fails

    def tick(self) -> None:
        self.ticks += 1
        if self.fails:
            raise RuntimeError("on purpose")


def test_the_thread_does_every_tick_of_an_hour() -> None:
    time, counter = InstantTime(HOUR_TICKS), Counter()
    clock = MediaClock(now=time.now, wait=time.wait)
    clock.add(counter)
    assert time.finished.wait(20)
    clock.remove(counter)
    assert counter.ticks == HOUR_TICKS == time.now_ns // TICK_NS - 1
    assert clock.counts.skipped == clock.counts.late == 0


def test_the_thread_exists_only_while_there_is_something_to_tick() -> None:
    before = set(threading.enumerate())
    clock = MediaClock()
    assert not clock.running
    one, other = Counter(), Counter()
    clock.add(one)
    clock.add(other)
    (thread,) = set(threading.enumerate()) - before
    clock.remove(one)
    assert clock.running
    clock.remove(other)
    clock.remove(other)
    assert not clock.running
    thread.join(1)
    assert not thread.is_alive()


def test_a_failing_tick_is_removed_and_the_others_continue() -> None:
    time, broken, fine = InstantTime(10), Counter(fails=True), Counter()
    clock = MediaClock(now=time.now, wait=time.wait)
    clock.add(broken)
    clock.add(fine)
    assert time.finished.wait(5)
    clock.remove(fine)
    assert broken.ticks == 1
    assert fine.ticks >= 9
