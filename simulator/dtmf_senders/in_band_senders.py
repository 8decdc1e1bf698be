"""Good and bad senders of in-band DTMF digits as data: the audio of each, and the digits that a receiver must detect.

The limits are those of ITU-T Q.24. Tones of 40 ms and more are a digit, those of 23 ms are not. Tones that are 40 ms
apart are two digits. A frequency may be 1.5% off, but not 3.5%. Between these limits, either is allowed. It must
report each digit once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.audio.babble import babble
from simulator.audio.dtmf_tones import digit_frequencies, dtmf
from simulator.audio.noise import noise, silence
from simulator.audio.samples import RATE, Signal, faded, joined, mixed
from simulator.audio.tones import tone

_DIGITS = "159#"


@dataclass(frozen=True, slots=True)
class InBandSender:
    """A way of sending in-band digits."""

    name: str
    about: str
    """What distinguishes this sender."""
    expected: str
    """The digits that a receiver must detect, in this order."""
    make: Callable[[], Signal]
    """Generates the audio of the digits."""

    def sound(self) -> Signal:
        """The audio at 16 kHz: half a second of silence, the digits, and 0.3 s of silence."""
        return joined(silence(0.5), self.make(), silence(0.3))

    def __str__(self) -> str:
        return self.name


def _mixed_with(digits: Signal, other: Signal) -> Signal:
    return mixed(digits, other[: len(digits)])


def _with_dropouts() -> Signal:
    """Generate digits that each lack 10 ms in the middle, as after badly concealed packet loss."""
    sound = dtmf(_DIGITS, duration_ms=120)
    for number in range(len(_DIGITS)):
        start = round(RATE * (0.220 * number + 0.055))
        sound[start : start + RATE // 100] = 0
    return sound


def _single_tones() -> Signal:
    pairs = (digit_frequencies(digit) for digit in _DIGITS)
    return joined(*(faded(tone(hz, 0.2, -10), RATE) for pair in pairs for hz in pair))


def _clipped() -> Signal:
    return np.clip(dtmf(_DIGITS, dbfs=-3, twist_db=0), -0.5, 0.5)


IN_BAND_SENDERS = (
    InBandSender("plain", "100 ms each", _DIGITS, lambda: dtmf(_DIGITS)),
    InBandSender("shortest", "40 ms, 40 ms apart", _DIGITS, lambda: dtmf(_DIGITS, duration_ms=40, gap_ms=40)),
    InBandSender("too short", "bursts of 23 ms are not digits", "", lambda: dtmf(_DIGITS, duration_ms=23)),
    InBandSender("long", "a digit of 2 s is one digit", "5", lambda: dtmf("5", duration_ms=2000)),
    InBandSender("repeated", "one digit four times", "7777", lambda: dtmf("7777", duration_ms=60, gap_ms=45)),
    InBandSender("quiet", "38 dB below full scale", _DIGITS, lambda: dtmf(_DIGITS, dbfs=-38)),
    InBandSender("clipped", "overdriven, with harmonics", _DIGITS, _clipped),
    InBandSender("high tone weak", "8 dB of reverse twist", _DIGITS, lambda: dtmf(_DIGITS, twist_db=-8)),
    InBandSender("high tone strong", "8 dB of twist", _DIGITS, lambda: dtmf(_DIGITS, dbfs=-18, twist_db=8)),
    InBandSender("flat", "all frequencies 1.5% too low", _DIGITS, lambda: dtmf(_DIGITS, off_by=-0.015)),
    InBandSender("out of tune", "a deviation of 3.5% is not a digit", "", lambda: dtmf(_DIGITS, off_by=0.035)),
    InBandSender("dropouts", "10 ms missing in each digit", _DIGITS, _with_dropouts),
    InBandSender("noisy", "15 dB above noise", _DIGITS, lambda: _mixed_with(dtmf(_DIGITS), noise(2, -24, seed=5))),
    InBandSender(
        "while talking", "over a voice 10 dB below", _DIGITS, lambda: _mixed_with(dtmf(_DIGITS), babble(2, -20, seed=8))
    ),
    InBandSender("single tones", "one tone is not a digit", "", _single_tones),
    InBandSender("talk-off", "speech is not a digit", "", lambda: babble(20, -12, seed=11)),
    InBandSender("dial tone", "350 + 440 Hz is not a digit", "", lambda: tone(350, 2, -13) + tone(440, 2, -13)),
)
