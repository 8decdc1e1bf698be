"""Measures level, silence and clipping, and the directions in which audio passes. `samples` defines 0 dBFS."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from simulator.audio.samples import DIGITAL_SILENCE_DBFS, FRAME_MS, FULL_SCALE, RATE, Signal, Sound, as_signal

SILENCE_DBFS = -50.0
"""Audio below this level counts as silence: far above the idle noise of G.711, far below speech."""

Directions = Literal["both ways", "one way: only here", "one way: only there", "neither way"]


def level_dbfs(sound: Sound) -> float:
    """The level of the whole sound in dBFS; -100 for digital silence and without samples."""
    power = float(np.mean(as_signal(sound) ** 2)) if len(sound) else 0.0
    return _power_dbfs(power)


def frame_levels(sound: Sound, rate: int = RATE, frame_ms: float = FRAME_MS) -> Signal:
    """The level of each frame in dBFS, oldest first; an incomplete frame at the end is ignored."""
    size = max(1, round(rate * frame_ms / 1000))
    frames = as_signal(sound)[: len(sound) // size * size].reshape(-1, size)
    power = np.maximum(np.mean(frames**2, axis=1) * 2, 10 ** (DIGITAL_SILENCE_DBFS / 10))
    return np.asarray(10 * np.log10(power))


def silence_ratio(sound: Sound, rate: int = RATE, *, below_dbfs: float = SILENCE_DBFS) -> float:
    """The fraction of frames, 0 to 1, that are quieter than `below_dbfs`; 1 without frames."""
    levels = frame_levels(sound, rate)
    return float(np.mean(levels < below_dbfs)) if len(levels) else 1.0


def longest_silence(sound: Sound, rate: int = RATE, *, below_dbfs: float = SILENCE_DBFS) -> float:
    """The longest time in seconds without a frame louder than `below_dbfs`."""
    return _longest(frame_levels(sound, rate) < below_dbfs) * FRAME_MS / 1000


def clipped_ratio(sound: Sound) -> float:
    """The fraction of samples, 0 to 1, on plateaus near full scale: three or more equal samples in a row.

    Not for audio decoded from G.711, which has so few values near full scale that any loud tone has plateaus.
    """
    samples = np.rint(as_signal(sound) * FULL_SCALE)
    if len(samples) < 3:
        return 0.0
    same = (np.diff(samples) == 0) & (np.abs(samples[1:]) >= 0.95 * FULL_SCALE)
    starts, ends = _runs(same)
    lengths = ends - starts + 1
    return float(lengths[lengths >= 3].sum() / len(samples))


def audio_directions(
    heard_here: Sound, heard_there: Sound, rate: int = RATE, *, below_dbfs: float = SILENCE_DBFS
) -> Directions:
    """The directions in which audio passes, judged by what two parties heard while both were talking."""
    here = silence_ratio(heard_here, rate, below_dbfs=below_dbfs) < 0.95
    there = silence_ratio(heard_there, rate, below_dbfs=below_dbfs) < 0.95
    if here and there:
        return "both ways"
    if here or there:
        return "one way: only here" if here else "one way: only there"
    return "neither way"


def _power_dbfs(power: float) -> float:
    return max(DIGITAL_SILENCE_DBFS, float(10 * np.log10(2 * power))) if power > 0 else DIGITAL_SILENCE_DBFS


def _longest(flags: npt.NDArray[np.bool_]) -> int:
    starts, ends = _runs(flags)
    return int((ends - starts).max(initial=0))


def _runs(flags: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Start and end indices of the runs of True."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
