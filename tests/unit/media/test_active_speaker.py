"""Who talks, by frames that are made by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fake_daily_server.media.active_speaker import EVERY_TICKS, LOOKS, ActiveSpeaker
from fake_daily_server.media.conference import Conference
from tests.unit.media.parties import HandClock, Party, level

LOUD, SOFT, NOISE = 3000, 1000, 100


class Room:
    """An active speaker that is shown what people say, as often as is asked for."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.speaker = ActiveSpeaker(self.told.append)

    def hears(self, says: Mapping[str, int], *, looks: int = LOOKS) -> list[str]:
        for _ in range(looks):
            self.speaker.look((who, level(loud)) for who, loud in says.items())
        return self.told


def test_somebody_who_talks_for_long_enough_is_the_active_speaker() -> None:
    room = Room()
    assert room.hears({"ann": LOUD}, looks=LOOKS - 1) == []
    assert room.hears({}, looks=1) == [], "silence begins the count anew"
    assert room.hears({"ann": LOUD}) == ["ann"]
    assert room.hears({"ann": LOUD}, looks=50) == ["ann"]


def test_noise_is_no_talk_and_silence_changes_nothing() -> None:
    room = Room()
    assert room.hears({"ann": NOISE}, looks=50) == []
    room.hears({"ann": LOUD})
    assert room.hears({}, looks=50) == ["ann"]
    assert room.hears({"bob": SOFT}) == ["ann", "bob"], "nobody else talks"


def test_who_is_not_clearly_louder_does_not_take_the_place() -> None:
    room = Room()
    room.hears({"ann": SOFT})
    assert room.hears({"ann": SOFT, "bob": SOFT * 13 // 10}, looks=50) == ["ann"]
    assert room.hears({"ann": SOFT, "bob": LOUD}) == ["ann", "bob"]
    room.hears({"bob": SOFT, "ann": LOUD}, looks=LOOKS - 1)
    room.hears({"bob": SOFT, "eve": LOUD}, looks=1)
    assert room.hears({"bob": SOFT, "ann": LOUD}, looks=LOOKS - 1) == ["ann", "bob"], "never three times in a row"


def test_who_has_gone_may_become_the_active_speaker_again() -> None:
    room = Room()
    room.hears({"ann": LOUD})
    room.speaker.gone("ann")
    assert room.hears({"ann": LOUD}) == ["ann", "ann"]


async def test_a_conference_tells_who_of_those_that_can_be_heard() -> None:
    clock, told = HandClock(), list[str]()
    conference = Conference(
        clock, lambda: lambda listener, speaker: speaker not in (listener, "muted"), on_speaker=told.append
    )
    for key, says in (("ann", SOFT), ("bob", None), ("muted", LOUD)):
        conference.add(key, Party(says))
    clock.tick(EVERY_TICKS * LOOKS)
    await asyncio.sleep(0)
    assert told == ["ann"]
    conference.close()
