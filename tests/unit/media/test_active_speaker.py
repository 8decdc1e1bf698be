"""Which speaker is the active one, given the levels of frames."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fake_daily_server.media.active_speaker import CHECKS_TO_TAKE_OVER, TICKS_PER_CHECK, ActiveSpeaker
from fake_daily_server.media.conference import Conference
from tests.unit.media.fakes import FakeLeg, ManualClock, constant

LOUD, SOFT, NOISE = 3000, 1000, 100


class Levels:
    """An `ActiveSpeaker`, and the keys that it has reported."""

    def __init__(self) -> None:
        self.reported: list[str] = []
        self.speaker = ActiveSpeaker(self.reported.append)

    def check(self, amplitudes: Mapping[str, int], *, times: int = CHECKS_TO_TAKE_OVER) -> list[str]:
        """Run so many checks with frames of these amplitudes; return all keys reported so far."""
        for _ in range(times):
            self.speaker.check((key, constant(amplitude)) for key, amplitude in amplitudes.items())
        return self.reported


def test_a_participant_who_speaks_for_three_checks_becomes_the_active_speaker() -> None:
    levels = Levels()
    assert levels.check({"ann": LOUD}, times=CHECKS_TO_TAKE_OVER - 1) == []
    assert levels.check({}, times=1) == [], "silence restarts the count"
    assert levels.check({"ann": LOUD}) == ["ann"]
    assert levels.check({"ann": LOUD}, times=50) == ["ann"]


def test_noise_is_not_speech_and_silence_changes_nothing() -> None:
    levels = Levels()
    assert levels.check({"ann": NOISE}, times=50) == []
    levels.check({"ann": LOUD})
    assert levels.check({}, times=50) == ["ann"]
    assert levels.check({"bob": SOFT}) == ["ann", "bob"], "bob is the only one who speaks"


def test_a_speaker_who_is_not_clearly_louder_does_not_take_over() -> None:
    levels = Levels()
    levels.check({"ann": SOFT})
    assert levels.check({"ann": SOFT, "bob": SOFT * 13 // 10}, times=50) == ["ann"]
    assert levels.check({"ann": SOFT, "bob": LOUD}) == ["ann", "bob"]
    levels.check({"bob": SOFT, "ann": LOUD}, times=CHECKS_TO_TAKE_OVER - 1)
    levels.check({"bob": SOFT, "eve": LOUD}, times=1)
    assert levels.check({"bob": SOFT, "ann": LOUD}, times=CHECKS_TO_TAKE_OVER - 1) == ["ann", "bob"], (
        "ann never led three checks in a row"
    )


def test_a_speaker_who_was_removed_is_reported_again() -> None:
    levels = Levels()
    levels.check({"ann": LOUD})
    levels.speaker.remove("ann")
    assert levels.check({"ann": LOUD}) == ["ann", "ann"]


async def test_a_conference_reports_only_speakers_who_can_be_heard() -> None:
    clock, reported = ManualClock(), list[str]()
    conference = Conference(
        clock, lambda: lambda listener, speaker: speaker not in (listener, "muted"), on_speaker=reported.append
    )
    for key, sends in (("ann", SOFT), ("bob", None), ("muted", LOUD)):
        conference.add(key, FakeLeg(sends))
    clock.tick(TICKS_PER_CHECK * CHECKS_TO_TAKE_OVER)
    await asyncio.sleep(0)
    assert reported == ["ann"]
    conference.close()
