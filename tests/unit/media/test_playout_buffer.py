"""Audio that arrives at irregular times, for a mixer that reads a frame every 20 ms."""

from __future__ import annotations

import numpy as np

from fake_daily_server.media.audio_frame import FRAME_SAMPLES
from fake_daily_server.media.leg import LegCounts
from fake_daily_server.media.playout_buffer import PlayoutBuffer, PlayoutLimits


def frames(*values: int) -> np.ndarray:
    """One frame for each value, constant throughout."""
    return np.repeat(np.array(values, np.int16), FRAME_SAMPLES)


def taken(buffer: PlayoutBuffer, count: int) -> list[int | None]:
    return [None if (frame := buffer.take()) is None else int(frame[0]) for _ in range(count)]


def test_playing_starts_once_two_frames_are_buffered() -> None:
    buffer = PlayoutBuffer(LegCounts())
    buffer.put(frames(1))
    assert taken(buffer, 1) == [None]
    buffer.put(frames(2))
    assert taken(buffer, 3) == [1, 2, None]


def test_samples_in_pieces_of_any_size_become_frames() -> None:
    buffer = PlayoutBuffer(counts := LegCounts())
    sound = np.arange(FRAME_SAMPLES * 3, dtype=np.int16)
    for piece in (sound[:304], sound[304:624], sound[624:]):
        buffer.put(piece)
    first = [frame for _ in range(2) if (frame := buffer.take()) is not None]
    assert np.array_equal(np.concatenate(first), sound[FRAME_SAMPLES:]), "playing starts from the newest two frames"
    assert counts.read == 2


def test_late_frames_are_underruns_and_make_the_buffer_longer() -> None:
    buffer = PlayoutBuffer(counts := LegCounts())
    buffer.put(frames(1, 2))
    assert taken(buffer, 3) == [1, 2, None]
    buffer.put(frames(3, 4))
    assert taken(buffer, 1) == [3]
    assert counts.underruns == 1


def test_silence_is_no_underrun_and_playing_starts_again_with_two_frames() -> None:
    buffer = PlayoutBuffer(counts := LegCounts())
    buffer.put(frames(1, 2))
    taken(buffer, 100)
    buffer.put(frames(3))
    assert taken(buffer, 1) == [None]
    buffer.put(frames(4))
    assert taken(buffer, 2) == [3, 4]
    assert counts.underruns == 0


def test_frames_that_were_never_needed_are_trimmed() -> None:
    buffer = PlayoutBuffer(counts := LegCounts())
    buffer.put(frames(0, 0))
    for _ in range(4):
        buffer.put(frames(0))
    buffer.take()
    buffer.put(frames(*range(6)))
    for number in range(400):
        buffer.put(frames(number))
        buffer.take()
    assert counts.trimmed == 3
    assert counts.underruns == 0


def test_frames_beyond_the_limit_drop_the_oldest_and_are_counted() -> None:
    buffer = PlayoutBuffer(counts := LegCounts())
    buffer.put(frames(1, 2))
    buffer.take()
    buffer.put(frames(*range(3, 15)))
    assert counts.overruns == 3
    assert taken(buffer, 1) == [5]


def test_a_buffer_with_limits_of_its_own_starts_drops_and_trims_by_them() -> None:
    buffer = PlayoutBuffer(counts := LegCounts(), PlayoutLimits(reserve=1, most=3, window=4))
    buffer.put(frames(1))
    assert taken(buffer, 1) == [1]
    buffer.put(frames(2, 3, 4, 5))
    assert counts.overruns == 1
    assert taken(buffer, 1) == [3]
    for value in (6, 7):
        buffer.put(frames(value))
        taken(buffer, 1)
    assert counts.trimmed == 0
    buffer.put(frames(8, 9))
    for value in (10, 11, 12, 13):
        taken(buffer, 1)
        buffer.put(frames(value))
    assert counts.trimmed >= 1
