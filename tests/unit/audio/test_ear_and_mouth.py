"""What is heard has its place in time, what is said its turn; on a clock that the test turns."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from simulator.audio.dtmf_tones import dtmf
from simulator.audio.ear import Ear
from simulator.audio.expectations import expect_keys
from simulator.audio.line import Line
from simulator.audio.mouth import Mouth
from simulator.audio.noise import silence
from simulator.audio.samples import Pcm, as_pcm, joined
from simulator.audio.spectrum import strongest
from simulator.audio.tones import tone
from simulator.errors import ConfigurationError, ExpectationFailed


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(time, "monotonic", turned)
    return turned


def frame(value: int) -> Pcm:
    return np.full(320, value, np.int16)


def test_the_latest_is_kept_and_the_oldest_forgotten() -> None:
    ear = Ear(kept_seconds=0.1)
    for value in range(1, 9):
        ear.hear(frame(value))
    assert ear.position == 8 * 320
    assert list(ear.between(0)[::320]) == [4, 5, 6, 7, 8]
    assert list(ear.between(6 * 320, 7 * 320)[::320]) == [7]
    assert len(ear.between(8 * 320)) == 0
    ear.hear(np.arange(5000, dtype=np.int16))
    assert list(ear.between(0)) == list(range(3400, 5000))


def test_a_moment_is_told_by_the_frames_that_were_not_late(clock: Clock) -> None:
    ear = Ear()
    delays = [0.004, 0.050, 0.030, 0.004, 0.004, 0.120, 0.100]
    for number, late in enumerate(delays):
        ear.hear(frame(1), at=1000 + 0.02 * number + late)
    for position in (0, 100, 2000):
        assert ear.moment(position) == pytest.approx(1000.004 + position / 16000)


def test_silence_is_heard_when_nothing_comes(clock: Clock) -> None:
    ear = Ear()
    ear.hear(frame(9))
    clock.now += 0.2
    ear.tick()
    assert ear.position == 320
    clock.now += 0.3
    ear.tick()
    assert ear.position == 0.5 * 16000
    assert not ear.between(320).any()


def test_frames_in_a_burst_are_no_reason_for_silence(clock: Clock) -> None:
    ear = Ear()
    clock.now += 0.24
    for _ in range(12):
        ear.hear(frame(1))
    ear.tick()
    assert ear.position == 12 * 320
    assert ear.between(0).all()


def test_sounds_take_turns_and_the_last_frame_is_filled_up() -> None:
    mouth = Mouth()
    first = mouth.say(as_pcm(np.full(400, 0.5)))
    second = mouth.say(as_pcm(np.full(320, 0.25)))
    frames = [mouth.frame() for _ in range(4)]
    assert [int(each[0]) for each in frames] == [16384, 16384, 8192, 0]
    assert not frames[1][80:].any()
    assert first.over
    assert second.began is not None
    assert first.began is not None
    assert first.began <= second.began


def test_a_hum_has_no_end_and_no_seam_until_something_else_is_said() -> None:
    mouth = Mouth()
    hum = mouth.hum(443.7, -10)
    said = np.concatenate([mouth.frame() for _ in range(100)])
    assert np.abs(said - as_pcm(tone(443.7, 2, -10))).max() <= 1
    mouth.say(as_pcm(np.full(320, 0.5)))
    mouth.frame()
    assert hum.over
    assert int(mouth.frame()[0]) == 16384
    assert not mouth.frame().any()


def test_hush_forgets_what_waits() -> None:
    mouth = Mouth()
    waiting = [mouth.hum(440, -20), mouth.say(frame(5))]
    mouth.hush()
    assert not mouth.talking
    assert all(each.over for each in waiting)
    assert not mouth.frame().any()


async def test_a_line_says_one_frame_for_each_that_it_hears() -> None:
    said: list[Pcm] = []
    line = Line("ann", said.append)
    line.hear(frame(0))
    assert said == []
    line.hum(440)
    line.hear(frame(0))
    line.hear(np.zeros(5 * 320, np.int16))
    assert len(said) == 2
    line.muted = True
    line.hear(frame(0))
    assert not said[-1].any()
    line.muted = False
    line.hear(frame(0))
    spoken = np.concatenate([*said[:2], said[3]])
    assert np.abs(spoken - as_pcm(tone(440, 0.06))).max() <= 1
    line.close("gone")
    line.hear(frame(0))
    assert len(said) == 4


async def test_a_line_that_is_closed_has_nothing_more_to_say() -> None:
    line = Line("ann", lambda _: None)
    line.start()
    await line.say("This takes a while, and nobody will hear it.")
    assert not await line.finish_talking(within=0.05)
    asyncio.get_running_loop().call_later(0.05, line.close, "gone")
    assert await line.finish_talking(within=2)
    line.close("once more")
    assert line.closed == "gone"


@pytest.mark.parametrize("what", ["", "  ", 0, -1.0])
async def test_nothing_to_say_is_a_mistake(what: str | float) -> None:
    with pytest.raises(ConfigurationError):
        await Line("ann", lambda _: None).say(what)


async def test_text_and_seconds_are_said() -> None:
    line = Line("ann", lambda _: None)
    await line.say(0.5)
    line.hum(1000, 0.2)
    line.press("5", 100, 0)
    said = np.concatenate([line.mouth.frame() for _ in range(25 + 10 + 5)])
    assert strongest(said[8000 + 640 : 8000 + 2560])[0].hz == pytest.approx(1000, abs=1)
    assert {round(each.hz, -1) for each in strongest(said[11200:], count=2)} == {770, 1340}


async def pressed(line: Line, keys: str) -> None:
    """Let the line hear keys, then half a second of silence."""
    for part in np.array_split(as_pcm(joined(dtmf(keys), silence(0.5))), 20):
        line.hear(part)
        await asyncio.sleep(0)


async def test_keys_are_handed_out_once_and_in_order() -> None:
    line = Line("ann", lambda _: None)
    await pressed(line, "123")
    await line.expect_keys("12", within=1)
    waiting = asyncio.create_task(line.expect_keys("345", within=5))
    await pressed(line, "45")
    await waiting
    await pressed(line, "55")
    heard = await expect_keys(line, "55", within=1)
    assert [round(key.at, 1) for key in heard] == [0.6, 0.8]


async def test_a_key_that_is_not_over_is_waited_for() -> None:
    line = Line("ann", lambda _: None)
    sound = as_pcm(joined(dtmf("7", duration_ms=300), silence(0.2)))
    line.hear(sound[:3200])
    waiting = asyncio.create_task(expect_keys(line, "7", within=5))
    await asyncio.sleep(0)
    assert not waiting.done()
    line.hear(sound[3200:])
    (key,) = await waiting
    assert key.duration_ms == pytest.approx(300, abs=15)


async def test_a_wrong_key_fails_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = Line("ann", lambda _: None)
    await pressed(line, "13")
    with pytest.raises(ExpectationFailed, match=r"ann hears 12 in-band[\s\S]*the keys were 1 \(.*3 \("):
        await line.expect_keys("12", within=30)
