"""Generates DTMF digits as audio: two frequencies for each digit (ITU-T Q.23)."""

from __future__ import annotations

import numpy as np

from simulator.audio.noise import silence
from simulator.audio.samples import RATE, Signal, joined
from simulator.audio.tones import tone
from simulator.dtmf import PAUSE, PAUSE_MS, check_digits

ROWS_HZ = (697.0, 770.0, 852.0, 941.0)
COLUMNS_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
KEYPAD = ("123A", "456B", "789C", "*0#D")
"""The digits in rows and columns, as on a telephone's keypad."""


def digit_frequencies(digit: str) -> tuple[float, float]:
    """The low and the high frequency of a digit, in Hz."""
    check_digits(digit, longest=1)
    row = next(index for index, digits in enumerate(KEYPAD) if digit in digits)
    return ROWS_HZ[row], COLUMNS_HZ[KEYPAD[row].index(digit)]


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
    """The digits one after the other, each followed by a gap; `,` is a pause of 1 s.

    `dbfs` is the level of the low frequency, and `twist_db` is added to it for the high one (2 in telephones). `off_by`
    raises both frequencies by that fraction: 0.015 is 1.5%, the most that a receiver must accept (ITU-T Q.24).
    """
    check_digits(digits, pauses=True)
    return joined(
        *(
            silence(PAUSE_MS / 1000, rate=rate)
            if digit == PAUSE
            else joined(
                _digit(digit, duration_ms / 1000, dbfs, twist_db, 1 + off_by, rate),
                silence(gap_ms / 1000, rate=rate),
            )
            for digit in digits
        )
    )


def _digit(digit: str, seconds: float, dbfs: float, twist_db: float, factor: float, rate: int) -> Signal:
    low, high = digit_frequencies(digit)
    both = tone(low * factor, seconds, dbfs, rate=rate) + tone(high * factor, seconds, dbfs + twist_db, rate=rate)
    return np.asarray(both)
