"""Legs come, go and fail; sounds are played; and everybody hears what it should."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import numpy as np
import pytest

from fake_daily_server.media.conference import Conference
from fake_daily_server.media.legs import SAMPLES, Leg
from tests.unit.media.parties import Frame, HandClock, Party, level


async def test_everybody_hears_the_others() -> None:
    clock = HandClock()
    conference = Conference(clock)
    parties = [Party(1), Party(20), Party(300)]
    for name, party in zip("abc", parties, strict=True):
        conference.add(name, party)
    clock.tick(2)
    assert [party.heard for party in parties] == [[320, 320], [301, 301], [21, 21]]


async def test_it_is_on_the_clock_only_while_it_has_a_leg() -> None:
    clock = HandClock()
    conference = Conference(clock)
    assert clock.on == []
    conference.add("a", Party())
    conference.add("b", Party())
    assert clock.on == [conference]
    conference.remove("a")
    assert clock.on == [conference]
    conference.remove("b")
    assert clock.on == []


async def test_a_late_joiner_hears_from_then_on_and_a_leaver_is_heard_no_more() -> None:
    clock = HandClock()
    conference = Conference(clock)
    early, late = Party(1), Party(20)
    conference.add("early", early)
    clock.tick()
    conference.add("late", late)
    clock.tick()
    assert conference.remove("late") is late
    clock.tick()
    assert early.heard == [0, 20, 0]
    assert late.heard == [1]
    assert late.closed == 1


async def test_silence_after_sound_leaves_nothing_behind() -> None:
    clock = HandClock()
    conference = Conference(clock)
    speaker, listener = Party(7), Party()
    conference.add("speaker", speaker)
    conference.add("listener", listener)
    clock.tick()
    speaker.says = None
    clock.tick(2)
    speaker.says = 8
    clock.tick()
    assert listener.heard == [7, 0, 0, 8]


async def test_another_leg_of_the_same_name_takes_the_place() -> None:
    clock = HandClock()
    conference = Conference(clock)
    first, second, listener = Party(1), Party(2), Party()
    conference.add("x", first)
    conference.add("listener", listener)
    clock.tick()
    conference.add("x", second)
    clock.tick()
    assert listener.heard == [1, 2]
    assert (first.closed, second.closed) == (1, 0)


async def test_the_rule_may_change_in_the_middle() -> None:
    clock = HandClock()
    deaf: set[tuple[str, str]] = set()
    conference = Conference(clock, lambda: lambda one, other: (one, other) not in deaf)
    a, b = Party(1), Party(20)
    conference.add("a", a)
    conference.add("b", b)
    clock.tick()
    deaf.add(("a", "b"))
    clock.tick()
    conference.rearrange()
    clock.tick()
    deaf.clear()
    conference.rearrange()
    clock.tick()
    assert a.heard == [20, 20, 0, 20]
    assert b.heard == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", ["gone", "bug"])
async def test_a_leg_that_fails_is_let_go_of_and_the_others_go_on(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    lost: list[tuple[str, Leg]] = []
    conference = Conference(clock, on_lost=lambda key, leg: lost.append((key, leg)))
    fine, other, broken = Party(1), Party(20), Party(300)
    for name, party in (("fine", fine), ("broken", broken), ("other", other)):
        conference.add(name, party)
    clock.tick()
    if kind == "gone":
        broken.dies()
    else:
        broken.broken = ZeroDivisionError("a bug")
    clock.tick(2)
    await asyncio.sleep(0)
    clock.tick()
    assert lost == [("broken", broken)]
    assert broken.closed == 1
    assert set(conference.legs) == {"fine", "other"}
    assert fine.heard == [320, 20, 20, 20]
    assert [record.message for record in caplog.records] == (
        [] if kind == "gone" else ["the leg broken failed and is let go of"]
    )


async def test_a_failed_leg_that_was_replaced_meanwhile_costs_its_successor_nothing() -> None:
    clock = HandClock()
    conference = Conference(clock)
    broken, successor = Party(), Party(5)
    conference.add("x", broken)
    broken.dies()
    clock.tick()
    conference.add("x", successor)
    await asyncio.sleep(0)
    assert conference.legs == {"x": successor}
    assert (broken.closed, successor.closed) == (1, 0)


async def test_a_sound_for_one_and_a_sound_for_all() -> None:
    clock = HandClock()
    conference = Conference(clock)
    a, b = Party(1), Party(2)
    conference.add("a", a)
    conference.add("b", b)
    conference.play(np.concatenate([level(100), level(200)]), to="a")
    everybody = conference.play(level(1000))
    clock.tick(3)
    assert a.heard == [2 + 100 + 1000, 2 + 200, 2]
    assert b.heard == [1 + 1000, 1, 1]
    assert everybody.ended


async def test_a_sound_waits_for_its_hearer_and_tells_its_end() -> None:
    clock = HandClock()
    conference = Conference(clock)
    other, hearer = Party(), Party()
    conference.add("other", other)
    playing = conference.play(level(100), to="hearer")
    clock.tick(3)
    conference.add("hearer", hearer)
    clock.tick()
    assert not playing.ended
    clock.tick()
    async with asyncio.timeout(1):
        await playing.wait()
    assert hearer.heard == [100, 0]
    assert other.heard == [0] * 5


async def test_a_loop_goes_on_until_it_is_stopped() -> None:
    clock = HandClock()
    conference = Conference(clock)
    hearer = Party()
    conference.add("hearer", hearer)
    playing = conference.play(np.concatenate([level(1), level(2)]), to="hearer", loop=True)
    clock.tick(5)
    conference.stop_playing("somebody else")
    clock.tick()
    conference.stop_playing("hearer")
    clock.tick(2)
    assert hearer.heard == [1, 2, 1, 2, 1, 2, 0, 0]
    async with asyncio.timeout(1):
        await playing.wait()


class Recorder(Party):
    def __init__(self) -> None:
        super().__init__()
        self.samples: list[Frame] = []

    def write(self, frame: Frame) -> None:
        self.samples.append(frame.copy())


@pytest.mark.parametrize("length", [1, 100, SAMPLES - 1, SAMPLES, SAMPLES + 1, 3 * SAMPLES + 7])
async def test_loops_have_no_seam(length: int) -> None:
    clock = HandClock()
    conference = Conference(clock)
    hearer = Recorder()
    conference.add("hearer", hearer)
    pattern = np.arange(1, length + 1, dtype=np.int16)
    conference.play(pattern, loop=True)
    clock.tick(8)
    assert (np.concatenate(hearer.samples) == np.resize(pattern, 8 * SAMPLES)).all()


async def test_what_does_not_fill_the_last_frame_is_filled_up_with_silence() -> None:
    clock = HandClock()
    conference = Conference(clock)
    hearer = Recorder()
    conference.add("hearer", hearer)
    conference.play(np.full(SAMPLES + 10, 9, np.int16))
    clock.tick(3)
    heard = np.concatenate(hearer.samples)
    assert (heard[: SAMPLES + 10] == 9).all()
    assert not heard[SAMPLES + 10 :].any()
    with pytest.raises(ValueError, match="no samples"):
        conference.play(np.zeros(0, np.int16))


class Separate(Party):
    """Wants voices by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.voices: list[dict[str, int]] = []

    def write_voices(self, voices: Mapping[str, Frame]) -> None:
        self.voices.append({key: int(frame[0]) for key, frame in voices.items()})


async def test_voices_by_themselves_obey_the_rule_and_leave_out_the_silent() -> None:
    clock = HandClock()
    conference = Conference(clock, lambda: lambda one, other: other != "forbidden")
    ear = Separate()
    for name, party in {"ear": ear, "a": Party(1), "b": Party(2), "mute": Party(), "forbidden": Party(9)}.items():
        conference.add(name, party)
    clock.tick()
    assert ear.voices == [{"a": 1, "b": 2}]
    assert ear.heard == [3]


async def test_closing_lets_go_of_everything() -> None:
    clock = HandClock()
    conference = Conference(clock)
    party = Party(1)
    conference.add("a", party)
    playing = conference.play(level(1), loop=True)
    conference.close()
    assert party.closed == 1
    assert playing.ended
    assert clock.on == []
