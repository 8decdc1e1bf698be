"""DTMF as sound (ITU-T Q.23): two tones a key."""

from __future__ import annotations

import numpy as np

from simulator.audio.noise import silence
from simulator.audio.samples import RATE, Signal, joined
from simulator.audio.tones import tone
from simulator.dtmf import PAUSE, PAUSE_MS, check_digits

ROWS_HZ = (697.0, 770.0, 852.0, 941.0)
COLUMNS_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = ("123A", "456B", "789C", "*0#D")
"""Row by row, as on the keypad."""


def key_frequencies(digit: str) -> tuple[float, float]:
    """The low and the high tone of a key, in Hz."""
    check_digits(digit, longest=1)
    row = next(index for index, keys in enumerate(KEYS) if digit in keys)
    return ROWS_HZ[row], COLUMNS_HZ[KEYS[row].index(digit)]


def dtmf(
    digits: str,
    *,
    duration_ms: float = 100,
    gap_ms: float = 100,
    dbfs: float = -12,
    twist_db: float = 2,
    off_by: float = 0,
    rate: int = RATE,
) -> Signal:
    """Keys one after the other, a gap after each; `,` pauses 1 s.

    `dbfs` is the level of the low tone, `twist_db` what the high one has more (telephones: 2), `off_by` the part by
    which both frequencies are too high (0.015 = 1.5%, the most that a receiver must take, ITU-T Q.24).
    """
    check_digits(digits, pauses=True)
    return joined(
        *(
            silence(PAUSE_MS / 1000, rate=rate)
            if digit == PAUSE
            else joined(
                _key(digit, duration_ms / 1000, dbfs, twist_db, 1 + off_by, rate),
                silence(gap_ms / 1000, rate=rate),
            )
            for digit in digits
        )
    )


def _key(digit: str, seconds: float, dbfs: float, twist_db: float, factor: float, rate: int) -> Signal:
    low, high = key_frequencies(digit)
    both = tone(low * factor, seconds, dbfs, rate=rate) + tone(high * factor, seconds, dbfs + twist_db, rate=rate)
    return np.asarray(both)
