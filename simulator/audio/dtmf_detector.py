"""Detects DTMF digits in audio: which digits, when, and how long, within the limits of ITU-T Q.24.

Windows of 26 ms, one every 2.5 ms, are compared with the eight DTMF frequencies at once. A window contains a digit if

- one low and one high frequency clearly dominate their groups and carry most of the power (rejects noise and music),
- neither is much louder than the other (twist),
- their frequencies, measured by phase rotation, are within 2.5% of the nominal ones,
- the high one has no strong second harmonic (rejects voices).

A digit counts if its windows pass for 28 ms continuously: digits of 40 ms are detected, bursts of 23 ms are not.
Speech often passes one test or another, but not all of them for that long (talk-off).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.audio.dtmf_tones import COLUMNS_HZ, KEYPAD, ROWS_HZ
from simulator.audio.samples import DIGITAL_SILENCE_DBFS, RATE, Signal, Sound, as_signal

WINDOW_MS = 26.0
HOP_MS = 2.5
_PHASE_STEP = 2
"""Number of windows over which the phase rotation is measured."""
SHORTEST_MS = 28.0
LONGEST_DROPOUT_MS = 20.0
"""Longest interruption within one digit; after a longer one, the same digit is a second digit."""
QUIETEST_DBFS = -45.0
LEAD_DB = 8.0
"""Minimum lead of a frequency over the others in its group."""
TWIST_DB = 10.0
"""Maximum level difference of the two frequencies; Q.24 requires 4 and 8 dB, and bad paths add to it."""
SHARE = 0.6
"""Minimum share of a window's power that the two frequencies carry."""
FREQUENCY_TOLERANCE = 0.025
HARMONIC_DB = -14.0
"""A second harmonic above this level, relative to its fundamental, indicates a voice."""

_FREQUENCIES = np.array([*ROWS_HZ, *COLUMNS_HZ])
_CHUNK = 4096
"""Number of windows analysed at once, which bounds the memory used."""
_PADDING = 12
"""Number of windows of silence before and after the audio."""
_EDGE_MS = 9.5
"""Average time by which the first and the last window of a digit extend beyond it."""


@dataclass(frozen=True, slots=True)
class DetectedDigit:
    """A digit in the audio. Times are accurate to about 10 ms."""

    digit: str
    at: float
    """Seconds from the beginning of the audio."""
    duration_ms: float
    dbfs: float
    """Level of the louder frequency."""
    twist_db: float
    """How much louder the high frequency is than the low one."""

    def __str__(self) -> str:
        return f"{self.digit} ({self.duration_ms:.0f} ms at +{self.at:.2f} s, {self.dbfs:.0f} dBFS)"


def detect_digits(sound: Sound, rate: int = RATE) -> list[DetectedDigit]:
    """The DTMF digits in the audio, oldest first."""
    size, hop = round(rate * WINDOW_MS / 1000), round(rate * HOP_MS / 1000)
    padding = np.zeros(_PADDING * hop)  # digits at the very beginning and end need windows before and after them, too
    signal = np.concatenate([padding, as_signal(sound), padding])
    windows = np.lib.stride_tricks.sliding_window_view(signal, size)[::hop]
    chunks = [
        _classify(windows[max(0, at - _PHASE_STEP) : at + _CHUNK], rate, hop, at > 0)
        for at in range(0, len(windows), _CHUNK)
    ]
    return list(_digits(*(np.concatenate(part) for part in zip(*chunks, strict=True))))


def digits_in(sound: Sound, rate: int = RATE) -> str:
    """The DTMF digits in the audio as one string, such as `"12#"`."""
    return "".join(detected.digit for detected in detect_digits(sound, rate))


def _classify(
    windows: npt.NDArray[np.float64], rate: int, hop: int, with_predecessors: bool
) -> tuple[npt.NDArray[np.int64], Signal, Signal]:
    """For each window: the index of its digit or -1, and the levels of its low and high frequency in dBFS.

    If `with_predecessors`, the first `_PHASE_STEP` windows are only phase references, and omitted from the result.
    """
    size = windows.shape[1]
    times = np.arange(size) / rate
    bank = np.exp(-2j * np.pi * np.outer(times, np.concatenate([_FREQUENCIES, 2 * _FREQUENCIES[4:]]))) * (2 / size)
    answers = windows @ bank
    magnitude = np.abs(answers[:, :8])
    low, high = magnitude[:, :4].argmax(axis=1), 4 + magnitude[:, 4:].argmax(axis=1)
    seconds = _PHASE_STEP * hop / rate
    low_off, high_off = _frequency_error(answers, low, seconds), _frequency_error(answers, high, seconds)
    index = np.arange(len(windows))
    low_part = magnitude[index, low] / _window_response(low_off * size / rate)
    high_part = magnitude[index, high] / _window_response(high_off * size / rate)
    low_dbfs, high_dbfs = _dbfs(low_part), _dbfs(high_part)
    power = np.maximum(2 * np.mean(windows**2, axis=1), 1e-12)
    passes = (
        (np.maximum(low_dbfs, high_dbfs) >= QUIETEST_DBFS - 3)
        & (np.abs(high_dbfs - low_dbfs) <= TWIST_DB)
        & ((low_part**2 + high_part**2) / power >= SHARE)
        & _dominates(magnitude[:, :4])
        & _dominates(magnitude[:, 4:])
        & (np.abs(answers[index, high + 4]) <= high_part * 10 ** (HARMONIC_DB / 20))
        & (np.abs(low_off) <= FREQUENCY_TOLERANCE * _FREQUENCIES[low])
        & (np.abs(high_off) <= FREQUENCY_TOLERANCE * _FREQUENCIES[high])
    )
    digits = np.where(passes, low * 4 + high - 4, -1)
    first = _PHASE_STEP if with_predecessors else 0
    return digits[first:], low_dbfs[first:], high_dbfs[first:]


def _dominates(group: Signal) -> npt.NDArray[np.bool_]:
    """For each window: whether the loudest frequency of the group leads the second loudest by `LEAD_DB`."""
    ordered = np.sort(group, axis=1)
    return np.asarray(ordered[:, -1] >= ordered[:, -2] * 10 ** (LEAD_DB / 20))


def _frequency_error(answers: npt.NDArray[np.complex128], frequencies: npt.NDArray[np.int64], seconds: float) -> Signal:
    """Offset of each frequency in Hz, estimated from its phase rotation over `seconds` (`_PHASE_STEP` windows)."""
    index = np.arange(len(answers))
    now, before = answers[index, frequencies], answers[np.maximum(index - _PHASE_STEP, 0), frequencies]
    nominal = 2 * np.pi * _FREQUENCIES[frequencies] * seconds
    off = np.angle(now * np.conj(before) * np.exp(-1j * nominal)) / (2 * np.pi * seconds)
    off[:_PHASE_STEP] = np.inf  # these windows have no predecessor
    return np.asarray(off)


def _window_response(cycles: Signal) -> Signal:
    """Gain of a rectangular window for a frequency with an offset of `cycles` per window."""
    return np.sinc(np.clip(np.nan_to_num(cycles, posinf=0), -0.75, 0.75))


def _dbfs(magnitude: Signal) -> Signal:
    return np.asarray(20 * np.log10(np.maximum(magnitude, 10 ** (DIGITAL_SILENCE_DBFS / 20))))


def _digits(digits: npt.NDArray[np.int64], low: Signal, high: Signal) -> Iterator[DetectedDigit]:
    """Yield the digits: runs of windows with the same digit that are long and loud enough."""
    starts = np.flatnonzero(np.diff(digits, prepend=-2))
    ends = np.append(starts[1:], len(digits))
    runs = [(int(a), int(b), int(digits[a])) for a, b in zip(starts, ends, strict=True) if digits[a] >= 0]
    for begin, end, digit in _without_dropouts(runs):
        duration = (end - 1 - begin) * HOP_MS + WINDOW_MS - 2 * _EDGE_MS + HOP_MS
        if duration < SHORTEST_MS:
            continue
        at = max((begin - _PADDING) * HOP_MS + _EDGE_MS, 0) / 1000
        middle = slice(begin, end)
        low_dbfs, high_dbfs = float(np.median(low[middle])), float(np.median(high[middle]))
        louder = max(low_dbfs, high_dbfs)
        if louder >= QUIETEST_DBFS:
            yield DetectedDigit(KEYPAD[digit // 4][digit % 4], at, duration, louder, high_dbfs - low_dbfs)


def _without_dropouts(runs: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield the runs (begin, end, digit); runs of one digit are joined if only a short dropout separates them."""
    longest = LONGEST_DROPOUT_MS + WINDOW_MS - 2 * _EDGE_MS
    pending: tuple[int, int, int] | None = None
    for begin, end, digit in runs:
        if pending and pending[2] == digit and (begin - pending[1]) * HOP_MS <= longest:
            pending = (pending[0], end, digit)
            continue
        if pending:
            yield pending
        pending = (begin, end, digit)
    if pending:
        yield pending
