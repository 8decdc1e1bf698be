"""Bounded queues of frames, and which missing frames count as underruns."""

from __future__ import annotations

from fake_daily_server.media.frame_queue import FrameQueue, UnderrunCounter
from fake_daily_server.media.leg import LegCounts
from tests.unit.media.fakes import constant


def queue(limit: int = 3) -> tuple[FrameQueue, LegCounts]:
    counts = LegCounts()
    return FrameQueue(counts, limit=limit), counts


def emptied(frames: FrameQueue) -> list[int]:
    taken = []
    while (frame := frames.get()) is not None:
        taken.append(int(frame[0]))
    return taken


def test_frames_are_read_in_the_order_they_were_put() -> None:
    frames, counts = queue()
    for value in (1, 2, 3):
        frames.put(constant(value))
    assert emptied(frames) == [1, 2, 3]
    assert counts == LegCounts(read=3)


def test_a_full_queue_drops_the_oldest_and_counts_it() -> None:
    frames, counts = queue(limit=3)
    for value in range(5):
        frames.put(constant(value))
    assert len(frames) == 3
    assert emptied(frames) == [2, 3, 4]
    assert counts.overruns == 2


def test_silence_before_the_first_frame_and_after_the_last_is_no_underrun() -> None:
    frames, counts = queue()
    for _ in range(10):
        assert frames.get() is None
    frames.put(constant(1))
    frames.get()
    for _ in range(200):
        assert frames.get() is None
    frames.put(constant(1))
    frames.get()
    assert counts.underruns == 0


def test_a_gap_in_the_middle_counts_one_underrun_per_missing_frame() -> None:
    counts = LegCounts()
    underruns = UnderrunCounter(counts)
    underruns.frame_read()
    underruns.frame_missing()
    underruns.frame_missing()
    assert counts.underruns == 0, "a gap counts only once audio continues"
    underruns.frame_read()
    underruns.frame_missing()
    underruns.frame_read()
    assert counts.underruns == 3
    assert not counts.clean


def test_a_deliberate_pause_is_no_underrun() -> None:
    counts = LegCounts()
    underruns = UnderrunCounter(counts)
    underruns.frame_read()
    underruns.frame_missing()
    underruns.stopped()
    underruns.frame_missing()
    underruns.frame_read()
    assert counts.clean
