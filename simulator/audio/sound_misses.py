"""How far received audio was from what a wait expects: levels, frequencies and durations of its nearest piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from simulator.audio.levels import frame_levels
from simulator.audio.samples import FRAME_MS, Sound
from simulator.audio.spectrum import Peak
from simulator.audio.speech_detector import speech_features
from simulator.audio.tone_detector import QUIETEST_DBFS, detect_tones, level_above_neighbourhood, level_at, match_tones
from simulator.differences import MISSING, Difference

Compare = Callable[[Sound, int], Sequence[Difference]]
"""What differs between audio at a sample rate and what a wait expects."""

_PIECES = 200
"""At most this many pieces of the audio are compared, evenly spaced: a long wait costs no more than a short one."""


def known(differences: Sequence[Difference]) -> Compare:
    """Differences that are known without the audio."""
    return lambda _sound, _rate: differences


def tones_missed(
    sound: Sound, rate: int, wanted: frozenset[float], *, alone: bool, seconds: float, tolerance_hz: float
) -> list[Difference]:
    """The wanted tones that the nearest piece of `seconds` lacks, and with `alone` the others that it has.

    The nearest piece has the most of the wanted tones; of several, the one in which a missing one is loudest, then one
    that has any tones, the fewest others, the latest.
    """

    def rank(entry: tuple[float, Sound, list[Peak]]) -> tuple[int, float, bool, int, float]:
        at, piece, tones = entry
        found, extra = match_tones(tones, wanted, tolerance_hz=tolerance_hz)
        loudest = max((level_at(piece, hz, rate) for hz in wanted - found), default=QUIETEST_DBFS)
        return len(wanted) - len(found), -max(loudest, QUIETEST_DBFS), not tones, len(extra), -at

    pieces = [(at, piece, detect_tones(piece, rate)) for at, piece in _pieces(sound, rate, seconds)]
    if not pieces:
        return []
    at, piece, tones = min(pieces, key=rank)
    found, extra = match_tones(tones, wanted, tolerance_hz=tolerance_hz)
    missing = [
        Difference(
            f"{hz:g} Hz at {at:.1f} s",
            f"a steady tone of {seconds:g} s",
            f"{level_at(piece, hz, rate):.0f} dBFS, {level_above_neighbourhood(piece, hz, rate):.0f} dB above its "
            "neighbourhood",
        )
        for hz in sorted(wanted - found)
    ]
    return missing + [
        Difference(f"{tone.hz:.0f} Hz at {at:.1f} s", MISSING, f"{tone.dbfs:.0f} dBFS") for tone in extra if alone
    ]


def silence_missed(sound: Sound, rate: int, *, seconds: float, below_dbfs: float) -> list[Difference]:
    """How long the longest silence lasted, and how loud the frame is that ended it."""
    levels = frame_levels(sound, rate)
    if not len(levels):
        return []
    loud = np.flatnonzero(levels >= below_dbfs)
    edges = np.concatenate([[-1], loud, [len(levels)]])
    longest = int(np.diff(edges).argmax())
    begin, end = int(edges[longest]) + 1, int(edges[longest + 1])
    frame_s = FRAME_MS / 1000
    missed = [Difference(f"silence at {begin * frame_s:.1f} s", f"{seconds:g} s", f"{(end - begin) * frame_s:.2f} s")]
    if end < len(levels):
        level = f"{levels[end]:.0f} dBFS"
        missed.append(Difference(f"level at {end * frame_s:.1f} s", f"below {below_dbfs:g} dBFS", level))
    return missed


def speech_missed(sound: Sound, rate: int, *, seconds: float) -> list[Difference]:
    """The features that the nearest piece of `seconds` lacks to be speech, which is silent only if all are."""
    features = [speech_features(piece, rate) for _, piece in _pieces(sound, rate, seconds)]
    nearest = min(features, key=lambda each: (not each.loud_seconds, len(each.missed)), default=None)
    return [] if nearest is None else nearest.missed


def _pieces(sound: Sound, rate: int, seconds: float) -> Iterator[tuple[float, Sound]]:
    """Overlapping pieces of `seconds` of the sound, each with the second at which it begins."""
    size = round(seconds * rate)
    places = max(0, len(sound) - size + 1)
    step = max(size // 2, places // _PIECES, 1)
    for start in range(0, places, step):
        yield start / rate, sound[start : start + size]
