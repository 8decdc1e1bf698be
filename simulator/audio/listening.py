"""Divides what a party hears into speech, tones, noise and silence, as it comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from simulator.audio.audio_line import AudioLine
from simulator.audio.levels import SILENCE_DBFS, frame_levels
from simulator.audio.samples import FRAME_MS, Pcm
from simulator.audio.speech_detector import has_speech
from simulator.audio.tone_detector import TOLERANCE_HZ, detect_tones

PAUSE_S = 0.5
"""Silence after which a sound has ended; the pauses within speech are shorter."""
LONGEST_S = 15.0
"""Length after which a sound that goes on is reported in parts."""
SILENCE_EVERY_S = 2.0
"""Silence after which it is reported, and reported again."""

_PIECE_S = 0.2
"""Length of the pieces in which tones are looked for: lost packets spoil a piece, not the whole sound."""
_TONE_SHARE = 1 / 8
"""Least share of the pieces, which overlap, with a tone; special information tones have three tones in turn."""

_FOREVER_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class HeardSound:
    """A sound between two silences, or a silence so far."""

    kind: Literal["speech", "tone", "noise", "silence"]
    seconds: float
    hz: tuple[float, ...] = ()
    """The frequencies of a tone, loudest first."""
    sound: Pcm | None = None
    """Its samples; None for silence."""


class Listening:
    """Examines what a line receives from now on."""

    def __init__(self, line: AudioLine) -> None:
        self._line = line
        self._frame = line.rate * FRAME_MS // 1000
        self._at = self._quiet_since = line.received.position
        self._reported_silence = 0.0
        self._begin: int | None = None
        self._end = self._at

    def begin_silence(self) -> None:
        """Count silence from now on: the party has said something itself."""
        self._quiet_since = self._line.received.position
        self._reported_silence = 0.0

    async def next(self) -> HeardSound | None:
        """Wait for the end of a sound, or for silence; None once the line is closed."""
        found = await self._line.received.changes.until(self._found, within=_FOREVER_S)
        return found if isinstance(found, HeardSound) else None

    def _found(self) -> HeardSound | bool | None:
        received = self._line.received
        while self._at + self._frame <= received.position:
            frame = received.between(self._at, self._at + self._frame)
            self._at += self._frame
            is_loud = bool(frame_levels(frame, self._line.rate).max(initial=-100) >= SILENCE_DBFS)
            if (heard := self._after_frame(is_loud=is_loud)) is not None:
                return heard
        return None if self._line.close_reason is None else False

    def _after_frame(self, *, is_loud: bool) -> HeardSound | None:
        rate = self._line.rate
        if is_loud:
            self._begin = self._at - self._frame if self._begin is None else self._begin
            self._end = self._at
        if self._begin is not None:
            if self._at - self._end < PAUSE_S * rate and self._at - self._begin < LONGEST_S * rate:
                return None
            sound = self._line.received.between(self._begin, self._end)
            self._begin, self._quiet_since, self._reported_silence = None, self._end, 0.0
            return _classified(sound, rate)
        silence = (self._at - self._quiet_since) / rate
        if silence < self._reported_silence + SILENCE_EVERY_S:
            return None
        self._reported_silence = silence
        return HeardSound("silence", silence)


def _classified(sound: Pcm, rate: int) -> HeardSound:
    seconds = len(sound) / rate
    if has_speech(sound, rate):
        return HeardSound("speech", seconds, sound=sound)
    tones = tuple(_tones(sound, rate))
    return HeardSound("tone" if tones else "noise", seconds, tones, sound)


def _tones(sound: Pcm, rate: int) -> Iterator[float]:
    """The frequencies that are tones in enough of the pieces of a sound, the most frequent first."""
    size = round(_PIECE_S * rate)
    pieces = [sound[at : at + size] for at in range(0, max(len(sound) - size, 0) + 1, size // 4)]
    left = sorted(peak.hz for piece in pieces for peak in detect_tones(piece, rate))
    while left:
        near = max(([hz for hz in left if abs(hz - middle) <= TOLERANCE_HZ] for middle in left), key=len)
        if len(near) < _TONE_SHARE * len(pieces):
            return
        yield near[len(near) // 2]
        left = [hz for hz in left if hz not in near]
