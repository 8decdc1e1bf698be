"""DTMF in sound: which keys were pressed, when, and how long, along the limits of ITU-T Q.24.

Windows of 26 ms, one each 2.5 ms, are compared with the eight tones at once. A window has a key when

- one low and one high tone lead their groups clearly and carry most of the power (noise, music),
- neither is much louder than the other (twist),
- their frequencies, measured by how fast their phase turns, are right within 2.5%,
- the high one has no strong second harmonic (voices have).

A key counts when its windows say so for 28 ms on end: keys of 40 ms are found, bursts of 23 ms are not.
Speech passes one test or another all the time; it does not pass all of them for so long (talk-off).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.audio.dtmf_tones import COLUMNS_HZ, KEYS, ROWS_HZ
from simulator.audio.samples import NOTHING_DBFS, RATE, Signal, Sound, as_signal

WINDOW_MS = 26.0
HOP_MS = 2.5
_TURN = 2
"""Windows between which the turning of the phase is measured."""
SHORTEST_MS = 28.0
LONGEST_DROPOUT_MS = 20.0
"""A key that is back so soon is the same key press."""
QUIETEST_DBFS = -45.0
LEAD_DB = 8.0
"""By which a tone leads the others of its group."""
TWIST_DB = 10.0
"""The most that one of the two may be louder; Q.24 asks for 4 and 8, bad lines add some."""
SHARE = 0.6
"""Of the power of a window, in its two tones."""
OFF_BY = 0.025
HARMONIC_DB = -14.0
"""A second harmonic above this, compared with its tone, is a voice."""

_TONES = np.array([*ROWS_HZ, *COLUMNS_HZ])
_CHUNK = 4096
_BEFORE = 12
"""Windows before the beginning of the sound."""
_EDGE_MS = 9.5
"""How much of a window at the edge of a key is outside it, on average, when the window still passes."""


@dataclass(frozen=True, slots=True)
class HeardKey:
    """A key press in the sound. `at` is seconds from the sound's beginning; times are right within 10 ms."""

    digit: str
    at: float
    duration_ms: float
    dbfs: float
    """Of the louder tone."""
    twist_db: float
    """How much louder the high tone is."""

    def __str__(self) -> str:
        return f"{self.digit} ({self.duration_ms:.0f} ms at +{self.at:.2f} s, {self.dbfs:.0f} dBFS)"


def find_keys(sound: Sound, rate: int = RATE) -> list[HeardKey]:
    """The keys pressed in it, oldest first."""
    size, hop = round(rate * WINDOW_MS / 1000), round(rate * HOP_MS / 1000)
    around = np.zeros(_BEFORE * hop)  # keys at the very beginning and end have windows before and after them, too
    signal = np.concatenate([around, as_signal(sound), around])
    windows = np.lib.stride_tricks.sliding_window_view(signal, size)[::hop]
    judged = [
        _judge(windows[max(0, at - _TURN) : at + _CHUNK], rate, hop, at > 0) for at in range(0, len(windows), _CHUNK)
    ]
    return list(_keys(*(np.concatenate(part) for part in zip(*judged, strict=True))))


def digits(sound: Sound, rate: int = RATE) -> str:
    """The same as a text."""
    return "".join(key.digit for key in find_keys(sound, rate))


def _judge(
    windows: npt.NDArray[np.float64], rate: int, hop: int, with_predecessors: bool
) -> tuple[npt.NDArray[np.int64], Signal, Signal]:
    """For each window: the index of its key or -1, and the levels of its low and its high tone in dBFS."""
    size = windows.shape[1]
    times = np.arange(size) / rate
    bank = np.exp(-2j * np.pi * np.outer(times, np.concatenate([_TONES, 2 * _TONES[4:]]))) * (2 / size)
    answers = windows @ bank
    magnitude = np.abs(answers[:, :8])
    low, high = magnitude[:, :4].argmax(axis=1), 4 + magnitude[:, 4:].argmax(axis=1)
    low_off, high_off = _off(answers, low, _TURN * hop / rate), _off(answers, high, _TURN * hop / rate)
    index = np.arange(len(windows))
    low_part = magnitude[index, low] / _response(low_off * size / rate)
    high_part = magnitude[index, high] / _response(high_off * size / rate)
    low_dbfs, high_dbfs = _dbfs(low_part), _dbfs(high_part)
    power = np.maximum(2 * np.mean(windows**2, axis=1), 1e-12)
    passes = (
        (np.maximum(low_dbfs, high_dbfs) >= QUIETEST_DBFS - 3)
        & (np.abs(high_dbfs - low_dbfs) <= TWIST_DB)
        & ((low_part**2 + high_part**2) / power >= SHARE)
        & _leads(magnitude[:, :4])
        & _leads(magnitude[:, 4:])
        & (np.abs(answers[index, high + 4]) <= high_part * 10 ** (HARMONIC_DB / 20))
        & (np.abs(low_off) <= OFF_BY * _TONES[low])
        & (np.abs(high_off) <= OFF_BY * _TONES[high])
    )
    keys = np.where(passes, low * 4 + high - 4, -1)
    first = _TURN if with_predecessors else 0
    return keys[first:], low_dbfs[first:], high_dbfs[first:]


def _leads(group: Signal) -> npt.NDArray[np.bool_]:
    ordered = np.sort(group, axis=1)
    return np.asarray(ordered[:, -1] >= ordered[:, -2] * 10 ** (LEAD_DB / 20))


def _off(answers: npt.NDArray[np.complex128], tones: npt.NDArray[np.int64], seconds: float) -> Signal:
    """By how many Hz each tone is off: its phase has turned, in the `seconds` since the window `_TURN` before."""
    index = np.arange(len(answers))
    now, before = answers[index, tones], answers[np.maximum(index - _TURN, 0), tones]
    wanted = 2 * np.pi * _TONES[tones] * seconds
    off = np.angle(now * np.conj(before) * np.exp(-1j * wanted)) / (2 * np.pi * seconds)
    off[:_TURN] = np.inf  # nothing to compare them with
    return np.asarray(off)


def _response(cycles: Signal) -> Signal:
    """What the window leaves of a tone that is off by so many cycles a window."""
    return np.sinc(np.clip(np.nan_to_num(cycles, posinf=0), -0.75, 0.75))


def _dbfs(magnitude: Signal) -> Signal:
    return np.asarray(20 * np.log10(np.maximum(magnitude, 10 ** (NOTHING_DBFS / 20))))


def _keys(keys: npt.NDArray[np.int64], low: Signal, high: Signal) -> Iterator[HeardKey]:
    starts = np.flatnonzero(np.diff(keys, prepend=-2))
    ends = np.append(starts[1:], len(keys))
    runs = [(int(a), int(b), int(keys[a])) for a, b in zip(starts, ends, strict=True) if keys[a] >= 0]
    for begin, end, key in _without_dropouts(runs):
        duration = (end - 1 - begin) * HOP_MS + WINDOW_MS - 2 * _EDGE_MS + HOP_MS
        if duration < SHORTEST_MS:
            continue
        at = max((begin - _BEFORE) * HOP_MS + _EDGE_MS, 0) / 1000
        middle = slice(begin, end)
        low_dbfs, high_dbfs = float(np.median(low[middle])), float(np.median(high[middle]))
        louder = max(low_dbfs, high_dbfs)
        if louder >= QUIETEST_DBFS:
            yield HeardKey(KEYS[key // 4][key % 4], at, duration, louder, high_dbfs - low_dbfs)


def _without_dropouts(runs: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """The runs, with those of one key joined that a short dropout has parted."""
    longest = LONGEST_DROPOUT_MS + WINDOW_MS - 2 * _EDGE_MS
    pending: tuple[int, int, int] | None = None
    for begin, end, key in runs:
        if pending and pending[2] == key and (begin - pending[1]) * HOP_MS <= longest:
            pending = (pending[0], end, key)
            continue
        if pending:
            yield pending
        pending = (begin, end, key)
    if pending:
        yield pending
