"""What is expected of what a party hears. Each looks at what comes after it was asked, unless it says otherwise.

All raise ExpectationFailed when it does not come true in time: the text says what was heard instead, and names the
WAV file and the spectrogram that were kept of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from simulator.audio import delay
from simulator.audio.dtmf_finder import HeardKey, find_keys
from simulator.audio.evidence import kept
from simulator.audio.levels import SILENCE_DBFS, frame_levels
from simulator.audio.noise import silence
from simulator.audio.party import AudioParty
from simulator.audio.samples import FRAME_MS, Pcm, Sound, joined
from simulator.audio.spectrum import Peak
from simulator.audio.speech_finder import has_speech
from simulator.audio.tone_finder import TOLERANCE_HZ, find_tones, matched
from simulator.audio.tones import CHIRP_FROM_HZ, CHIRP_TO_HZ, check_hz, chirp
from simulator.dtmf import check_digits
from simulator.errors import ConfigurationError, ExpectationFailed

if TYPE_CHECKING:
    from simulator.audio.line import Line

TONE_SECONDS = 0.3
"""How long tones have to sound."""
SPEECH_SECONDS = 0.8
"""The length of the pieces that are looked at for speech."""
CHIRPS = 3
_HOP_SECONDS = 0.06
_KEY_IS_OVER = 0.04
_LONGEST_KEY_SECONDS = 5.0
"""How far back a key may have begun that is not over yet."""
KEYS_KEPT_SECONDS = 20.0


async def expect_tones(
    line: Line,
    frequencies: Iterable[float],
    *,
    alone: bool,
    within: float,
    seconds: float = TONE_SECONDS,
    tolerance_hz: float = TOLERANCE_HZ,
) -> None:
    """All of these tones sound at once, `seconds` long; `alone`: and no others."""
    wanted = frozenset(check_hz(hz, line.rate) for hz in frequencies)
    last: list[Peak] = []

    def judge(piece: Pcm) -> bool:
        last[:] = find_tones(piece, line.rate)
        found, extra = matched(last, wanted, tolerance_hz=tolerance_hz)
        return found == wanted and not (alone and extra)

    only = "nothing but " if alone else ""
    names = " + ".join(f"{hz:g}" for hz in sorted(wanted))
    expected = f"{line.name} hears {only}{names} Hz" if wanted else f"{line.name} hears no tone"
    start = line.ear.position
    if not await _piece(line, seconds, judge, within):
        tones = f"the tones at the end were {', '.join(map(str, last))}" if last else None
        raise await failure(line, start, f"{expected}  within {within:g} s", because=tones)


async def expect_silence(line: Line, seconds: float, *, within: float, below_dbfs: float = SILENCE_DBFS) -> None:
    """For `seconds` on end nothing louder than `below_dbfs` is heard."""
    if not 0 < seconds <= within:
        raise ConfigurationError("seconds", seconds, f"more than 0, at most the {within:g} s of within")

    def judge(piece: Pcm) -> bool:
        return bool(frame_levels(piece, line.rate).max(initial=-100) < below_dbfs)

    start = line.ear.position
    if not await _piece(line, seconds, judge, within, hop=FRAME_MS / 1000):
        expected = f"{line.name} hears {seconds:g} s of silence (below {below_dbfs:g} dBFS)  within {within:g} s"
        raise await failure(line, start, expected)


async def expect_speech(line: Line, *, within: float) -> None:
    """Somebody talks."""
    start = line.ear.position
    if not await _piece(line, SPEECH_SECONDS, lambda piece: has_speech(piece, line.rate), within):
        raise await failure(line, start, f"{line.name} hears speech  within {within:g} s")


async def expect_keys(line: Line, digits: str, *, within: float) -> list[HeardKey]:
    """The next keys in the sound are these, each once, since the line was opened; a wrong one fails at once."""
    check_digits(digits)
    start = max(line.keys_until, line.ear.position - round(line.rate * KEYS_KEPT_SECONDS))
    heard: list[HeardKey] = []
    line.keys_until, seen = start, -line.rate

    def found() -> bool | None:
        nonlocal seen
        if line.ear.position - seen >= _HOP_SECONDS * line.rate or line.closed is not None:
            seen = line.ear.position
            heard.extend(_next_keys(line, start, at_most=len(digits) - len(heard)))
        text = "".join(key.digit for key in heard)
        if not digits.startswith(text):
            return False
        return True if text == digits else None if line.closed is None else False

    if await line.ear.changes.until(found, within=within):
        return heard
    keys = f"the keys were {' '.join(map(str, heard))}" if heard else "no key was heard"
    raise await failure(line, start, f"{line.name} hears {digits} in-band  within {within:g} s", because=keys)


def _next_keys(line: Line, start: int, *, at_most: int) -> Iterator[HeardKey]:
    """The keys that are over and were not taken yet; they are taken. `at` is counted from `start`."""
    begin = line.keys_until
    sound = line.ear.between(begin)
    over = len(sound) / line.rate - _KEY_IS_OVER
    for key in find_keys(sound, line.rate)[:at_most]:
        end = key.at + key.duration_ms / 1000
        if end < over:
            line.keys_until = begin + round((end + _KEY_IS_OVER / 2) * line.rate)
            yield replace(key, at=key.at + (begin - start) / line.rate)
    line.keys_until = max(line.keys_until, line.ear.position - round(_LONGEST_KEY_SECONDS * line.rate))


async def expect_latency(line: Line, to: AudioParty, *, at_most_ms: float | None, within: float) -> float:
    """What the line says is heard by `to` no more than `at_most_ms` later: the median of three chirps, which end a hum.

    Milliseconds from handing the sound over to getting it; no microphone has to fill a frame first.
    """
    theirs = await to.audio_line()
    measured = [await _chirp(line, to, theirs, within=within) for _ in range(CHIRPS)]
    middle = median(measured)
    if at_most_ms is not None and middle > at_most_ms:
        each = ", ".join(f"{ms:.0f}" for ms in measured)
        raise ExpectationFailed(
            f"what {line.name} says is heard by {theirs.name} within {at_most_ms:g} ms",
            nearest=f"it took {middle:.0f} ms (the median of {each})",
            happened=theirs.told(),
        )
    return middle


async def _chirp(line: Line, to: AudioParty, theirs: Line, *, within: float) -> float:
    """One that was damaged on the way is said again, falling instead of rising, so that the two are told apart."""
    start = theirs.ear.position
    for from_hz, to_hz in ((CHIRP_FROM_HZ, CHIRP_TO_HZ), (CHIRP_TO_HZ, CHIRP_FROM_HZ)):
        sound, pattern = (chirp(from_hz=from_hz, to_hz=to_hz, rate=rate) for rate in (line.rate, theirs.rate))
        since = theirs.ear.position
        utterance = line.mouth.say(joined(sound, silence(0.1, rate=line.rate)))
        heard = await to.owner_loop.run(_listen(theirs, pattern, since, within / 2))
        if heard is not None and utterance.began is not None:
            await line.finish_talking(within=within)
            return (heard - utterance.began) * 1000
    expected = f"a chirp of {line.name} is heard by {theirs.name}  within {within:g} s"
    raise await failure(theirs, start, expected, because=line.closed)


async def _listen(line: Line, pattern: Sound, start: int, within: float) -> float | None:
    """When the beginning of `pattern` was heard, on `time.monotonic()`."""
    seen = 0

    def found() -> float | None:
        nonlocal seen
        if line.ear.position - seen < _HOP_SECONDS * line.rate:
            return None
        seen = line.ear.position
        place = delay.find(pattern, line.ear.between(start))
        return line.ear.moment(start + place.at) if place and place.likeness >= delay.SURE else None

    return await line.ear.changes.until(found, within=within)


async def _piece(
    line: Line, seconds: float, judge: Callable[[Pcm], bool], within: float, *, hop: float = _HOP_SECONDS
) -> bool:
    """Whether a piece of that length comes that `judge` agrees with."""
    size, step = round(seconds * line.rate), round(hop * line.rate)
    at = line.ear.position

    def found() -> bool | None:
        nonlocal at
        while at + size <= line.ear.position:
            if judge(line.ear.between(at, at + size)):
                return True
            at += step
        return None if line.closed is None else False

    return bool(await line.ear.changes.until(found, within=within))


async def failure(line: Line, start: int, expected: str, *, because: str | None = None) -> ExpectationFailed:
    """The error with what was heard since `start`, and where that was kept."""
    sound = line.ear.between(start)
    reasons = [reason for reason in (line.closed, because) if reason]
    nearest = "it heard nothing at all"
    if len(sound):
        evidence = await asyncio.to_thread(kept, sound, line.rate, expected.partition("  within")[0])
        nearest = f"it heard {evidence.words}"
        reasons.append(str(evidence))
    return ExpectationFailed(expected, nearest=nearest, because="; ".join(reasons) or None, happened=line.told())
