"""How loud it is: level, silence, clipping, and which way sound passes. See `samples` for what 0 dBFS is."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from simulator.audio.samples import FRAME_MS, FULL_SCALE, NOTHING_DBFS, RATE, Signal, Sound, as_signal

SILENCE_DBFS = -50.0
"""What is quieter than this counts as silence: far above G.711's idle noise, far below speech."""

Ways = Literal["both ways", "one way: only here", "one way: only there", "neither way"]


def level_dbfs(sound: Sound) -> float:
    """The level of the whole, -100 for nothing at all."""
    power = float(np.mean(as_signal(sound) ** 2)) if len(sound) else 0.0
    return _power_dbfs(power)


def frame_levels(sound: Sound, rate: int = RATE, frame_ms: float = FRAME_MS) -> Signal:
    """The level in dBFS of each frame, oldest first; an incomplete one at the end is left out."""
    size = max(1, round(rate * frame_ms / 1000))
    frames = as_signal(sound)[: len(sound) // size * size].reshape(-1, size)
    power = np.maximum(np.mean(frames**2, axis=1) * 2, 10 ** (NOTHING_DBFS / 10))
    return np.asarray(10 * np.log10(power))


def silence_ratio(sound: Sound, rate: int = RATE, *, below_dbfs: float = SILENCE_DBFS) -> float:
    """The part of the frames, 0 to 1, that is quieter than `below_dbfs`; 1 when there are none."""
    levels = frame_levels(sound, rate)
    return float(np.mean(levels < below_dbfs)) if len(levels) else 1.0


def longest_silence(sound: Sound, rate: int = RATE, *, below_dbfs: float = SILENCE_DBFS) -> float:
    """The longest stretch without a louder frame, in seconds."""
    return _longest(frame_levels(sound, rate) < below_dbfs) * FRAME_MS / 1000


def clipped_ratio(sound: Sound) -> float:
    """The part of the samples, 0 to 1, that lies on plateaus near full scale: three or more in a row that are equal.

    Of the sound as it is: G.711 has so few values near full scale that it makes plateaus of loud tones itself.
    """
    samples = np.rint(as_signal(sound) * FULL_SCALE)
    if len(samples) < 3:
        return 0.0
    same = (np.diff(samples) == 0) & (np.abs(samples[1:]) >= 0.95 * FULL_SCALE)
    starts, ends = _runs(same)
    lengths = ends - starts + 1
    return float(lengths[lengths >= 3].sum() / len(samples))


def ways(heard_here: Sound, heard_there: Sound, rate: int = RATE, *, below_dbfs: float = SILENCE_DBFS) -> Ways:
    """Which way sound passes, from what both parties heard while both were talking."""
    here = silence_ratio(heard_here, rate, below_dbfs=below_dbfs) < 0.95
    there = silence_ratio(heard_there, rate, below_dbfs=below_dbfs) < 0.95
    if here and there:
        return "both ways"
    if here or there:
        return "one way: only here" if here else "one way: only there"
    return "neither way"


def _power_dbfs(power: float) -> float:
    return max(NOTHING_DBFS, float(10 * np.log10(2 * power))) if power > 0 else NOTHING_DBFS


def _longest(flags: npt.NDArray[np.bool_]) -> int:
    starts, ends = _runs(flags)
    return int((ends - starts).max(initial=0))


def _runs(flags: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where the runs of True begin, and where they are over."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
