"""Waits for audio that a party should receive. Unless stated otherwise, only audio received after the call counts.

All raise ExpectationFailed if the audio does not arrive in time. The error describes the received audio, and names the
WAV file and the spectrogram that were kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from statistics import median
from typing import TypeVar

from simulator.audio import delay
from simulator.audio.audio_line import AudioLine
from simulator.audio.dtmf_detector import DetectedDigit, detect_digits
from simulator.audio.evidence import keep_evidence
from simulator.audio.levels import SILENCE_DBFS, frame_levels
from simulator.audio.noise import silence
from simulator.audio.party import AudioParty
from simulator.audio.samples import FRAME_MS, Pcm, Sound, joined
from simulator.audio.sound_misses import Compare, known, silence_missed, speech_missed, tones_missed
from simulator.audio.speech_detector import has_speech
from simulator.audio.tone_detector import TOLERANCE_HZ, detect_tones, match_tones
from simulator.audio.tones import CHIRP_FROM_HZ, CHIRP_TO_HZ, check_hz, chirp
from simulator.audio.words_pattern import words_pattern
from simulator.differences import MISSING, Difference, because, differing
from simulator.dtmf import check_digits
from simulator.errors import ConfigurationError, ExpectationFailed
from simulator.received_digits import digits_match, digits_missed, digits_text

T = TypeVar("T")

TONE_SECONDS = 0.3
"""Minimum duration of expected tones."""
SPEECH_SECONDS = 0.8
"""Length of the pieces of audio that are examined for speech."""
SILENCE_START_SECONDS = 3.0
"""Time within which silence must begin, unless the caller sets a time limit."""
CHIRPS = 3
"""Number of chirps in a latency measurement."""
_WORDS_SECONDS = 1.0
"""New audio after which it is transcribed again."""
_HOP_SECONDS = 0.06
"""Time between the starts of examined pieces of audio."""
_DIGIT_ENDED_SECONDS = 0.04
"""Time without the tones after which a digit has ended."""
_LONGEST_DIGIT_SECONDS = 5.0
"""Maximum age of the start of a digit that has not ended; older audio is no longer examined."""
DIGITS_KEPT_SECONDS = 20.0
"""Age up to which received in-band digits can be matched."""


async def expect_tones(
    line: AudioLine,
    frequencies: Iterable[float],
    *,
    alone: bool,
    within: float,
    seconds: float = TONE_SECONDS,
    tolerance_hz: float = TOLERANCE_HZ,
) -> None:
    """Wait until all these tones sound together for `seconds`; with `alone`, without any other tone."""
    wanted = frozenset(check_hz(hz, line.rate) for hz in frequencies)

    def matches(piece: Pcm) -> bool:
        found, extra = match_tones(detect_tones(piece, line.rate), wanted, tolerance_hz=tolerance_hz)
        return found == wanted and not (alone and extra)

    only = "nothing but " if alone else ""
    names = " + ".join(f"{hz:g}" for hz in sorted(wanted))
    expected = f"{line.name} hears {only}{names} Hz" if wanted else f"{line.name} hears no tone"
    start = line.received.position
    if not await _wait_for_piece(line, seconds, matches, within):
        missed = partial(tones_missed, wanted=wanted, alone=alone, seconds=seconds, tolerance_hz=tolerance_hz)
        raise await failure(line, start, f"{expected}  within {within:g} s", missed)


async def expect_silence(
    line: AudioLine, seconds: float, *, within: float | None = None, below_dbfs: float = SILENCE_DBFS
) -> None:
    """Wait for `seconds` of audio without a frame louder than `below_dbfs`.

    Without `within`, the silence must begin within 3 s.
    """
    limit = seconds + SILENCE_START_SECONDS if within is None else within
    if not 0 < seconds <= limit:
        raise ConfigurationError("seconds", seconds, f"more than 0, at most the {limit:g} s of within")

    start = line.received.position
    if not await silence_heard(line, seconds, within=limit, below_dbfs=below_dbfs):
        expected = f"{line.name} hears {seconds:g} s of silence (below {below_dbfs:g} dBFS)  within {limit:g} s"
        raise await failure(line, start, expected, partial(silence_missed, seconds=seconds, below_dbfs=below_dbfs))


async def silence_heard(line: AudioLine, seconds: float, *, within: float, below_dbfs: float = SILENCE_DBFS) -> bool:
    """Wait for `seconds` of audio without a frame louder than `below_dbfs`; return whether it came."""

    def is_silent(piece: Pcm) -> bool:
        return bool(frame_levels(piece, line.rate).max(initial=-100) < below_dbfs)

    return await _wait_for_piece(line, seconds, is_silent, within, hop=FRAME_MS / 1000)


async def speech_heard(line: AudioLine, *, within: float) -> bool:
    """Wait until speech is received; return whether it was."""
    return await _wait_for_piece(line, SPEECH_SECONDS, lambda piece: has_speech(piece, line.rate), within)


async def expect_speech(line: AudioLine, *, within: float) -> None:
    """Wait until speech is received."""
    start = line.received.position
    if not await speech_heard(line, within=within):
        missed = partial(speech_missed, seconds=SPEECH_SECONDS)
        raise await failure(line, start, f"{line.name} hears speech  within {within:g} s", missed)


async def expect_words(line: AudioLine, words: str, *, within: float) -> str:
    """Wait until the transcription of what is received has these words; return the transcription.

    `words` is a text, in any case, or `/pattern/` or `/pattern/i`. Raises ConfigurationError without a transcriber.
    """
    pattern = words_pattern(words)
    start, deadline = line.received.position, time.monotonic() + within
    heard, transcribed = "", start
    if line.speech is None:
        raise ConfigurationError("transcriber", None, "a server with this setting")
    while True:
        now = line.received.position
        is_over = time.monotonic() >= deadline or line.close_reason is not None
        if now > transcribed:
            transcribed = now
            heard = await line.speech.transcribe(line.received.between(start, now), line.rate)
        if pattern.search(heard):
            return heard
        if is_over:
            expected = f"{line.name} hears the words {words}  within {within:g} s"
            raise await failure(line, start, expected, known([Difference("words", words, heard or MISSING)]))
        enough = transcribed + round(_WORDS_SECONDS * line.rate)

        def has_more(enough: int = enough) -> bool | None:
            return True if line.received.position >= enough or line.close_reason is not None else None

        await line.received.changes.until(has_more, within=max(0, deadline - time.monotonic()))


async def expect_in_band_digits(line: AudioLine, digits: str, *, within: float) -> list[DetectedDigit]:
    """Wait until the next in-band digits are exactly these; fail at the first different one.

    Digits received since the line was opened, at most 20 s ago, count; each is matched by one expectation only.
    """
    check_digits(digits)
    start = max(line.in_band_position, line.received.position - round(line.rate * DIGITS_KEPT_SECONDS))
    detected: list[DetectedDigit] = []
    line.in_band_position, examined = start, -line.rate

    def outcome() -> bool | None:
        nonlocal examined
        if line.received.position - examined >= _HOP_SECONDS * line.rate or line.close_reason is not None:
            examined = line.received.position
            detected.extend(_next_digits(line, start, at_most=len(digits) - len(detected)))
        matches = digits_match(digits, detected)
        return False if matches is None and line.close_reason is not None else matches

    if await _until_heard(line, outcome, within):
        return detected
    expected = f"{line.name} hears {digits} in-band  within {within:g} s"
    missed = known(digits_missed(digits, detected))
    raise await failure(line, start, expected, missed, heard=digits_text(detected))


def _next_digits(line: AudioLine, start: int, *, at_most: int) -> Iterator[DetectedDigit]:
    """Yield the digits that have ended and were not yielded before, with `at` relative to `start`."""
    begin = line.in_band_position
    sound = line.received.between(begin)
    ended_before = len(sound) / line.rate - _DIGIT_ENDED_SECONDS
    for digit in detect_digits(sound, line.rate)[:at_most]:
        end = digit.at + digit.duration_ms / 1000
        if end < ended_before:
            line.in_band_position = begin + round((end + _DIGIT_ENDED_SECONDS / 2) * line.rate)
            yield replace(digit, at=digit.at + (begin - start) / line.rate)
    oldest = line.received.position - round(_LONGEST_DIGIT_SECONDS * line.rate)
    line.in_band_position = max(line.in_band_position, oldest)


async def expect_latency(line: AudioLine, to: AudioParty, *, at_most_ms: float | None, within: float) -> float:
    """Measure how long audio takes from `line` to the party `to`: the median of three chirps, in milliseconds.

    The time starts when the chirp is passed to the sender and ends when it is received; no microphone fills a frame
    first. The chirps end a hum. Fails if the median is above `at_most_ms`, or a chirp does not arrive within `within`
    seconds.
    """
    receiver = await to.audio_line()
    measured = [await _chirp_latency(line, to, receiver, within=within) for _ in range(CHIRPS)]
    middle = median(measured)
    if at_most_ms is not None and middle > at_most_ms:
        each = ", ".join(f"{ms:.0f}" for ms in measured)
        raise ExpectationFailed(
            f"audio of {line.name} is heard by {receiver.name} within {at_most_ms:g} ms",
            nearest=f"it took {middle:.0f} ms (the median of {each})",
            because=because([Difference("latency", f"at most {at_most_ms:g} ms", f"{middle:.0f} ms")]),
            happened=receiver.latest_records(),
        )
    return middle


async def _chirp_latency(line: AudioLine, to: AudioParty, receiver: AudioLine, *, within: float) -> float:
    """Measure the latency of one chirp in milliseconds.

    If the chirp does not arrive, it is repeated once, falling instead of rising, so that the two are distinguishable.
    """
    start = receiver.received.position
    for from_hz, to_hz in ((CHIRP_FROM_HZ, CHIRP_TO_HZ), (CHIRP_TO_HZ, CHIRP_FROM_HZ)):
        sound, pattern = (chirp(from_hz=from_hz, to_hz=to_hz, rate=rate) for rate in (line.rate, receiver.rate))
        since = receiver.received.position
        sent = line.send_queue.add(joined(sound, silence(0.1, rate=line.rate)))
        arrived = await to.owner_loop.run(_arrival_time(receiver, pattern, since, within / 2))
        if arrived is not None and sent.began is not None:
            await line.all_sent(within=within)
            return (arrived - sent.began) * 1000
    expected = f"a chirp of {line.name} is heard by {receiver.name}  within {within:g} s"
    raise await failure(receiver, start, expected, partial(_chirp_missed, pattern), also=line.close_reason)


def _chirp_missed(pattern: Sound, sound: Sound, rate: int) -> list[Difference]:
    match = delay.best_match(pattern, sound)
    correlation = MISSING if match is None else f"{match.correlation:.2f}"
    return [Difference("correlation with the chirp", f"at least {delay.CERTAIN:g}", correlation)]


async def _arrival_time(line: AudioLine, pattern: Sound, start: int, within: float) -> float | None:
    """Wait for `pattern`; return when its beginning arrived (`time.monotonic()`), or None."""
    examined = 0

    def found() -> float | None:
        nonlocal examined
        if line.received.position - examined < _HOP_SECONDS * line.rate:
            return None
        examined = line.received.position
        match = delay.best_match(pattern, line.received.between(start))
        if match is None or match.correlation < delay.CERTAIN:
            return None
        return line.received.arrival_time(start + match.at)

    return await _until_heard(line, found, within)


async def _until_heard(line: AudioLine, found: Callable[[], T | None], within: float) -> T | None:
    """Wait until `found` returns something; None once `within` seconds have passed and as much audio was received.

    What a busy machine delivers late counts. Missing audio is received as silence, so the wait has an end.
    """
    start, deadline = line.received.position, time.monotonic() + within

    def outcome() -> tuple[T | None] | None:
        result = found()
        heard = (line.received.position - start) / line.rate
        is_over = time.monotonic() >= deadline and (heard >= within or line.close_reason is not None)
        return None if result is None and not is_over else (result,)

    ended = await line.received.changes.until(outcome, within=None)
    return None if ended is None else ended[0]


async def _wait_for_piece(
    line: AudioLine, seconds: float, matches: Callable[[Pcm], bool], within: float, *, hop: float = _HOP_SECONDS
) -> bool:
    """Wait for a piece of `seconds` of audio for which `matches` is true; return whether there was one."""
    size, step = round(seconds * line.rate), round(hop * line.rate)
    at = line.received.position

    def outcome() -> bool | None:
        nonlocal at
        while at + size <= line.received.position:
            if matches(line.received.between(at, at + size)):
                return True
            at += step
        return None if line.close_reason is None else False

    return bool(await _until_heard(line, outcome, within))


async def failure(
    line: AudioLine, start: int, expected: str, missed: Compare, *, heard: str | None = None, also: str | None = None
) -> ExpectationFailed:
    """Keep the audio received since position `start` as files; build an error that describes it.

    `missed` says what differs in the audio from what was expected. `heard` stands before the description of the
    audio, `also` is another reason.
    """
    sound = line.received.between(start)
    nearest, kept = heard or "it heard nothing at all", None
    if len(sound):
        evidence = await asyncio.to_thread(keep_evidence, sound, line.rate, expected.partition("  within")[0])
        nearest = f"{heard}, in {evidence.description}" if heard else f"it heard {evidence.description}"
        kept = str(evidence)
    differences = await asyncio.to_thread(missed, sound, line.rate)
    reasons = filter(None, (line.close_reason, also, line.played(), because(differences)))
    return ExpectationFailed(
        expected,
        nearest=nearest,
        because="; ".join(reasons) or None,
        kept=kept,
        happened=line.latest_records(),
        compared=differing(differences),
    )
