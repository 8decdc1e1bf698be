"""Describes what was heard, section by section: what each contains, when it was heard, and the silence around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.audio.levels import SILENCE_DBFS, frame_levels, level_dbfs
from simulator.audio.samples import FRAME_MS, Sound
from simulator.audio.spectrum import strongest
from simulator.audio.speech_detector import has_speech

_DESCRIBED_SECONDS = 2
"""Seconds at the end of a section that are examined for frequencies."""
_STANDS_OUT_DB = 18.0
"""Frequencies more than this below the level of the audio are not mentioned."""
_GAP_SECONDS = 0.3
"""Silence at least this long divides the audio; the pauses of speech are shorter."""
_SHOWN = 4
"""How many of the last sections are described."""


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of audio between two silences; times are in seconds."""

    begin: float
    end: float


def describe(sound: Sound, rate: int) -> str:
    """Describe the content (silence, speech, noise, or the strongest frequencies), its times and level."""
    if len(sound) == 0:
        return "nothing at all"
    found = sections(sound, rate)
    level = level_dbfs(sound)
    if level < SILENCE_DBFS or not found:
        return f"silence ({level:.0f} dBFS)"
    seconds = len(sound) / rate
    silent_end = seconds - found[-1].end >= _GAP_SECONDS
    if len(found) == 1 and not silent_end and found[0].begin < _GAP_SECONDS:
        return f"{_content(sound, rate)} (level {level:.0f} dBFS)"
    parts = [f"… {len(found) - _SHOWN} earlier sounds"] if len(found) > _SHOWN else []
    for section in found[-_SHOWN:]:
        piece = sound[round(section.begin * rate) : round(section.end * rate)]
        parts.append(f"{_content(piece, rate)} from {section.begin:.1f} to {section.end:.1f} s")
    return ", then ".join(parts + ["silence"] * silent_end)


def sections(sound: Sound, rate: int) -> list[Section]:
    """The pieces that are not silent, in order."""
    frame_s = FRAME_MS / 1000
    loud = np.flatnonzero(frame_levels(sound, rate) >= SILENCE_DBFS)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > _GAP_SECONDS / frame_s) + 1
    return [Section(float(run[0]) * frame_s, float(run[-1] + 1) * frame_s) for run in np.split(loud, breaks)]


def _content(sound: Sound, rate: int) -> str:
    end = sound[-_DESCRIBED_SECONDS * rate :]
    if has_speech(end, rate):
        return "speech"
    peaks = strongest(end, rate, count=3, above_dbfs=max(SILENCE_DBFS, level_dbfs(end) - _STANDS_OUT_DB))
    return ", ".join(map(str, peaks)) or "noise"
