"""Bounded queues, and what counts as missing."""

from __future__ import annotations

from fake_daily_server.media.legs import FrameQueue, Gaps, LegCounts
from tests.unit.media.parties import level


def queue(limit: int = 3) -> tuple[FrameQueue, LegCounts]:
    counts = LegCounts()
    return FrameQueue(counts, limit=limit), counts


def emptied(frames: FrameQueue) -> list[int]:
    taken = []
    while (frame := frames.get()) is not None:
        taken.append(int(frame[0]))
    return taken


def test_first_in_first_out() -> None:
    frames, counts = queue()
    for value in (1, 2, 3):
        frames.put(level(value))
    assert emptied(frames) == [1, 2, 3]
    assert counts == LegCounts(read=3)


def test_a_full_queue_drops_the_oldest_and_counts_it() -> None:
    frames, counts = queue(limit=3)
    for value in range(5):
        frames.put(level(value))
    assert len(frames) == 3
    assert emptied(frames) == [2, 3, 4]
    assert counts.overruns == 2


def test_silence_before_the_first_frame_and_after_the_last_is_no_underrun() -> None:
    frames, counts = queue()
    for _ in range(10):
        assert frames.get() is None
    frames.put(level(1))
    frames.get()
    for _ in range(200):
        assert frames.get() is None
    frames.put(level(1))
    frames.get()
    assert counts.underruns == 0


def test_a_gap_in_the_middle_is_counted_frame_by_frame() -> None:
    counts = LegCounts()
    gaps = Gaps(counts)
    gaps.came()
    gaps.missed()
    gaps.missed()
    assert counts.underruns == 0, "whether it was a gap is only known when sound goes on"
    gaps.came()
    gaps.missed()
    gaps.came()
    assert counts.underruns == 3
    assert not counts.clean


def test_a_pause_that_is_meant_counts_nothing() -> None:
    counts = LegCounts()
    gaps = Gaps(counts)
    gaps.came()
    gaps.missed()
    gaps.stopped()
    gaps.missed()
    gaps.came()
    assert counts.clean


def test_forgetting_what_is_queued() -> None:
    frames, counts = queue()
    frames.put(level(1))
    frames.clear()
    assert frames.get() is None
    assert counts.clean
