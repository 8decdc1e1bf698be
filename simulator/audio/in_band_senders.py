"""Senders of in-band digits, good and bad, as data: what each sends, and what a receiver must make of it.

The limits are those of ITU-T Q.24: 40 ms and more is a key and 23 ms is not, 40 ms apart are two, a frequency 1.5% off
is right and 3.5% off is not. A receiver gives one key per key press; what is in between the limits it may take or not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.audio.dtmf_tones import dtmf, key_frequencies
from simulator.audio.noise import noise, silence
from simulator.audio.samples import RATE, Signal, faded, joined, mixed
from simulator.audio.speech import babble
from simulator.audio.tones import tone

_KEYS = "159#"


@dataclass(frozen=True, slots=True)
class InBandSender:
    """`sound` makes what it sends; `yields` are the keys that a receiver must hear, in this order."""

    name: str
    why: str
    yields: str
    make: Callable[[], Signal]

    def sound(self) -> Signal:
        """What it sends: half a second of silence, then its keys, at 16 kHz."""
        return joined(silence(0.5), self.make(), silence(0.3))

    def __str__(self) -> str:
        return self.name


def _over(keys: Signal, other: Signal) -> Signal:
    return mixed(keys, other[: len(keys)])


def _with_dropouts() -> Signal:
    """Each key loses 10 ms in its middle, as by a packet that was concealed badly."""
    sound = dtmf(_KEYS, duration_ms=120)
    for number in range(len(_KEYS)):
        start = round(RATE * (0.220 * number + 0.055))
        sound[start : start + RATE // 100] = 0
    return sound


def _single_tones() -> Signal:
    rows = (key_frequencies(key) for key in _KEYS)
    return joined(*(faded(tone(hz, 0.2, -10), RATE) for pair in rows for hz in pair))


def _clipped() -> Signal:
    return np.clip(dtmf(_KEYS, dbfs=-3, twist_db=0), -0.5, 0.5)


IN_BAND_SENDERS = (
    InBandSender("plain", "100 ms each", _KEYS, lambda: dtmf(_KEYS)),
    InBandSender("shortest", "40 ms, 40 ms apart", _KEYS, lambda: dtmf(_KEYS, duration_ms=40, gap_ms=40)),
    InBandSender("too short", "23 ms bursts are no keys", "", lambda: dtmf(_KEYS, duration_ms=23)),
    InBandSender("long", "a key held for 2 s is one key", "5", lambda: dtmf("5", duration_ms=2000)),
    InBandSender("repeated", "one key four times", "7777", lambda: dtmf("7777", duration_ms=60, gap_ms=45)),
    InBandSender("quiet", "36 dB below full scale", _KEYS, lambda: dtmf(_KEYS, dbfs=-38)),
    InBandSender("clipped", "overdriven, with harmonics", _KEYS, _clipped),
    InBandSender("high tone weak", "8 dB of reverse twist", _KEYS, lambda: dtmf(_KEYS, twist_db=-8)),
    InBandSender("high tone strong", "8 dB of twist", _KEYS, lambda: dtmf(_KEYS, dbfs=-18, twist_db=8)),
    InBandSender("flat", "all frequencies 1.5% low", _KEYS, lambda: dtmf(_KEYS, off_by=-0.015)),
    InBandSender("out of tune", "3.5% off is no key", "", lambda: dtmf(_KEYS, off_by=0.035)),
    InBandSender("dropouts", "10 ms missing in each", _KEYS, _with_dropouts),
    InBandSender("noisy", "15 dB above noise", _KEYS, lambda: _over(dtmf(_KEYS), noise(2, -24, seed=5))),
    InBandSender(
        "while talking", "over a voice 10 dB below", _KEYS, lambda: _over(dtmf(_KEYS), babble(2, -20, seed=8))
    ),
    InBandSender("single tones", "one tone is no key", "", _single_tones),
    InBandSender("talk-off", "speech is no key", "", lambda: babble(20, -12, seed=11)),
    InBandSender("dial tone", "350 + 440 Hz is no key", "", lambda: tone(350, 2, -13) + tone(440, 2, -13)),
)
