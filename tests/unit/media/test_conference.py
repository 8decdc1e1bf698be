"""Legs that join, leave and fail in a conference, what is played to them, and what each of them hears."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import numpy as np
import pytest

from fake_daily_server.media.audio_frame import FRAME_SAMPLES
from fake_daily_server.media.conference import Conference
from fake_daily_server.media.leg import Leg
from tests.unit.media.fakes import FakeLeg, Frame, ManualClock, constant


async def test_each_leg_hears_the_sum_of_the_others() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    legs = [FakeLeg(1), FakeLeg(20), FakeLeg(300)]
    for name, leg in zip("abc", legs, strict=True):
        conference.add(name, leg)
    clock.tick(2)
    assert [leg.heard for leg in legs] == [[320, 320], [301, 301], [21, 21]]


async def test_the_clock_ticks_a_conference_only_while_it_has_a_leg() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    assert clock.on == []
    conference.add("a", FakeLeg())
    conference.add("b", FakeLeg())
    assert clock.on == [conference]
    conference.remove("a")
    assert clock.on == [conference]
    conference.remove("b")
    assert clock.on == []


async def test_a_leg_hears_and_is_heard_from_joining_to_leaving() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    early, late = FakeLeg(1), FakeLeg(20)
    conference.add("early", early)
    clock.tick()
    conference.add("late", late)
    clock.tick()
    assert conference.remove("late") is late
    clock.tick()
    assert early.heard == [0, 20, 0]
    assert late.heard == [1]
    assert late.closed == 1


async def test_silence_after_audio_is_mixed_as_zeros() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    speaker, listener = FakeLeg(7), FakeLeg()
    conference.add("speaker", speaker)
    conference.add("listener", listener)
    clock.tick()
    speaker.sends = None
    clock.tick(2)
    speaker.sends = 8
    clock.tick()
    assert listener.heard == [7, 0, 0, 8]


async def test_another_leg_with_the_same_key_replaces_the_first() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    first, second, listener = FakeLeg(1), FakeLeg(2), FakeLeg()
    conference.add("x", first)
    conference.add("listener", listener)
    clock.tick()
    conference.add("x", second)
    clock.tick()
    assert listener.heard == [1, 2]
    assert (first.closed, second.closed) == (1, 0)


async def test_a_changed_rule_applies_after_rule_changed() -> None:
    clock = ManualClock()
    blocked: set[tuple[str, str]] = set()
    conference = Conference(clock, lambda: lambda one, other: (one, other) not in blocked)
    a, b = FakeLeg(1), FakeLeg(20)
    conference.add("a", a)
    conference.add("b", b)
    clock.tick()
    blocked.add(("a", "b"))
    clock.tick()
    conference.rule_changed()
    clock.tick()
    blocked.clear()
    conference.rule_changed()
    clock.tick()
    assert a.heard == [20, 20, 0, 20]
    assert b.heard == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", ["gone", "bug"])
async def test_a_failing_leg_is_removed_and_the_others_continue(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    lost: list[tuple[str, Leg]] = []
    conference = Conference(clock, on_lost=lambda key, leg: lost.append((key, leg)))
    fine, other, broken = FakeLeg(1), FakeLeg(20), FakeLeg(300)
    for name, leg in (("fine", fine), ("broken", broken), ("other", other)):
        conference.add(name, leg)
    clock.tick()
    if kind == "gone":
        broken.be_gone()
    else:
        broken.failure = ZeroDivisionError("a bug")
    clock.tick(2)
    await asyncio.sleep(0)
    clock.tick()
    assert lost == [("broken", broken)]
    assert broken.closed == 1
    assert set(conference.legs) == {"fine", "other"}
    assert fine.heard == [320, 20, 20, 20]
    assert [record.message for record in caplog.records] == (
        [] if kind == "gone" else ["leg broken failed and is removed from the mix"]
    )


async def test_a_failed_leg_that_was_replaced_meanwhile_does_not_remove_its_successor() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    broken, successor = FakeLeg(), FakeLeg(5)
    conference.add("x", broken)
    broken.be_gone()
    clock.tick()
    conference.add("x", successor)
    await asyncio.sleep(0)
    assert conference.legs == {"x": successor}
    assert (broken.closed, successor.closed) == (1, 0)


async def test_samples_are_played_to_one_leg_or_to_all() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    a, b = FakeLeg(1), FakeLeg(2)
    conference.add("a", a)
    conference.add("b", b)
    conference.play(np.concatenate([constant(100), constant(200)]), to="a")
    everybody = conference.play(constant(1000))
    clock.tick(3)
    assert a.heard == [2 + 100 + 1000, 2 + 200, 2]
    assert b.heard == [1 + 1000, 1, 1]
    assert everybody.ended


async def test_playing_waits_for_the_leg_and_ends_after_the_last_frame() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    other, hearer = FakeLeg(), FakeLeg()
    conference.add("other", other)
    playing = conference.play(constant(100), to="hearer")
    clock.tick(3)
    conference.add("hearer", hearer)
    clock.tick()
    assert not playing.ended
    clock.tick()
    async with asyncio.timeout(1):
        await playing.wait()
    assert hearer.heard == [100, 0]
    assert other.heard == [0] * 5


async def test_a_loop_is_played_until_it_is_stopped() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    hearer = FakeLeg()
    conference.add("hearer", hearer)
    playing = conference.play(np.concatenate([constant(1), constant(2)]), to="hearer", loop=True)
    clock.tick(5)
    conference.stop_playing("another leg")
    clock.tick()
    conference.stop_playing("hearer")
    clock.tick(2)
    assert hearer.heard == [1, 2, 1, 2, 1, 2, 0, 0]
    async with asyncio.timeout(1):
        await playing.wait()


class Recorder(FakeLeg):
    """Keeps every sample that it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.samples: list[Frame] = []

    def write(self, frame: Frame) -> None:
        self.samples.append(frame.copy())


@pytest.mark.parametrize("length", [1, 100, FRAME_SAMPLES - 1, FRAME_SAMPLES, FRAME_SAMPLES + 1, 3 * FRAME_SAMPLES + 7])
async def test_a_loop_of_any_length_has_no_gap(length: int) -> None:
    clock = ManualClock()
    conference = Conference(clock)
    hearer = Recorder()
    conference.add("hearer", hearer)
    pattern = np.arange(1, length + 1, dtype=np.int16)
    conference.play(pattern, loop=True)
    clock.tick(8)
    assert (np.concatenate(hearer.samples) == np.resize(pattern, 8 * FRAME_SAMPLES)).all()


async def test_the_last_frame_is_filled_up_with_silence() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    hearer = Recorder()
    conference.add("hearer", hearer)
    conference.play(np.full(FRAME_SAMPLES + 10, 9, np.int16))
    clock.tick(3)
    heard = np.concatenate(hearer.samples)
    assert (heard[: FRAME_SAMPLES + 10] == 9).all()
    assert not heard[FRAME_SAMPLES + 10 :].any()
    with pytest.raises(ValueError, match="samples is empty"):
        conference.play(np.zeros(0, np.int16))


class PerSpeaker(FakeLeg):
    """Also keeps the first sample of each speaker in each tick."""

    def __init__(self) -> None:
        super().__init__()
        self.speakers: list[dict[str, int]] = []

    def write_speakers(self, frames: Mapping[str, Frame]) -> None:
        self.speakers.append({key: int(frame[0]) for key, frame in frames.items()})


async def test_separate_speakers_obey_the_rule_and_leave_out_silent_ones() -> None:
    clock = ManualClock()
    conference = Conference(clock, lambda: lambda one, other: other != "forbidden")
    listener = PerSpeaker()
    for name, leg in {
        "listener": listener,
        "a": FakeLeg(1),
        "b": FakeLeg(2),
        "mute": FakeLeg(),
        "forbidden": FakeLeg(9),
    }.items():
        conference.add(name, leg)
    clock.tick()
    assert listener.speakers == [{"a": 1, "b": 2}]
    assert listener.heard == [3]


async def test_closing_removes_all_legs_and_stops_all_playbacks() -> None:
    clock = ManualClock()
    conference = Conference(clock)
    leg = FakeLeg(1)
    conference.add("a", leg)
    playing = conference.play(constant(1), loop=True)
    conference.close()
    assert leg.closed == 1
    assert playing.ended
    assert clock.on == []
