"""Sound that arrives at any moments, for a mixer that takes it every 20 ms."""

from __future__ import annotations

import numpy as np

from fake_daily_server.media.legs import SAMPLES, LegCounts
from fake_daily_server.media.playout import Playout


def frames(*values: int) -> np.ndarray:
    return np.repeat(np.array(values, np.int16), SAMPLES)


def taken(playout: Playout, count: int) -> list[int | None]:
    return [None if (frame := playout.take()) is None else int(frame[0]) for _ in range(count)]


def test_begins_with_two_frames_and_gives_them_in_order() -> None:
    playout = Playout(LegCounts())
    playout.put(frames(1))
    assert taken(playout, 1) == [None]
    playout.put(frames(2))
    assert taken(playout, 3) == [1, 2, None]


def test_pieces_of_any_size_become_frames() -> None:
    playout = Playout(counts := LegCounts())
    sound = np.arange(SAMPLES * 3, dtype=np.int16)
    for piece in (sound[:304], sound[304:624], sound[624:]):
        playout.put(piece)
    first = [frame for _ in range(2) if (frame := playout.take()) is not None]
    assert np.array_equal(np.concatenate(first), sound[SAMPLES:]), "the newest two are the beginning"
    assert counts.read == 2


def test_late_frames_are_underruns_and_then_a_longer_queue() -> None:
    playout = Playout(counts := LegCounts())
    playout.put(frames(1, 2))
    assert taken(playout, 3) == [1, 2, None]
    playout.put(frames(3, 4))
    assert taken(playout, 1) == [3]
    assert counts.underruns == 1


def test_silence_is_no_underrun_and_sound_begins_anew() -> None:
    playout = Playout(counts := LegCounts())
    playout.put(frames(1, 2))
    taken(playout, 100)
    playout.put(frames(3))
    assert taken(playout, 1) == [None]
    playout.put(frames(4))
    assert taken(playout, 2) == [3, 4]
    assert counts.underruns == 0


def test_what_was_never_needed_is_left_out() -> None:
    playout = Playout(counts := LegCounts())
    playout.put(frames(0, 0))
    for _ in range(4):
        playout.put(frames(0))
    playout.take()
    playout.put(frames(*range(6)))
    for number in range(400):
        playout.put(frames(number))
        playout.take()
    assert counts.trimmed == 3
    assert counts.underruns == 0


def test_too_much_is_dropped_from_the_front_and_counted() -> None:
    playout = Playout(counts := LegCounts())
    playout.put(frames(1, 2))
    playout.take()
    playout.put(frames(*range(3, 15)))
    assert counts.overruns == 3
    assert taken(playout, 1) == [5]
