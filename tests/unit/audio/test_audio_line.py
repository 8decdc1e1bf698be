"""Received audio keeps its place in time, sent audio is queued, and a line does both; on a clock that the test sets."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from simulator.audio.audio_line import AudioLine
from simulator.audio.dtmf_tones import dtmf
from simulator.audio.expectations import expect_in_band_digits, expect_tones
from simulator.audio.noise import silence
from simulator.audio.received_audio import ReceivedAudio
from simulator.audio.samples import Pcm, as_pcm, joined
from simulator.audio.send_lead import SOUND_AHEAD
from simulator.audio.send_queue import SendQueue
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
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def frame(value: int) -> Pcm:
    return np.full(320, value, np.int16)


def test_the_newest_samples_are_kept_and_the_oldest_dropped() -> None:
    received = ReceivedAudio(kept_seconds=0.1)
    for value in range(1, 9):
        received.receive(frame(value))
    assert received.position == 8 * 320
    assert list(received.between(0)[::320]) == [4, 5, 6, 7, 8]
    assert list(received.between(6 * 320, 7 * 320)[::320]) == [7]
    assert len(received.between(8 * 320)) == 0
    received.receive(np.arange(5000, dtype=np.int16))
    assert list(received.between(0)) == list(range(3400, 5000))


def test_the_arrival_time_of_a_sample_follows_the_frames_that_were_not_late(clock: Clock) -> None:
    received = ReceivedAudio()
    delays = [0.004, 0.050, 0.030, 0.004, 0.004, 0.120, 0.100]
    for number, late in enumerate(delays):
        received.receive(frame(1), at=1000 + 0.02 * number + late)
    for position in (0, 100, 2000):
        assert received.arrival_time(position) == pytest.approx(1000.004 + position / 16000)


def test_missing_frames_are_received_as_silence(clock: Clock) -> None:
    received = ReceivedAudio()
    received.receive(frame(9))
    clock.now += 0.5
    received.tick()
    assert received.position == 320
    clock.now += 0.3
    received.tick()
    received.tick()
    assert received.position == 0.8 * 16000
    assert not received.between(320).any()


def test_a_burst_of_late_frames_is_not_preceded_by_silence(clock: Clock) -> None:
    received = ReceivedAudio()
    clock.now += 0.24
    for _ in range(12):
        received.receive(frame(1))
    received.tick()
    assert received.position == 12 * 320
    assert received.between(0).all()


def test_frames_that_this_process_reads_late_are_not_missing(clock: Clock) -> None:
    received = ReceivedAudio()
    received.tick()
    clock.now += 2
    received.tick()  # the frames of 2 s are still to be read
    for _ in range(100):
        received.receive(frame(1))
    received.tick()
    assert received.position == 2 * 16000
    assert received.between(0).all()


async def test_a_wait_for_audio_lasts_until_as_much_was_received(clock: Clock) -> None:
    line = AudioLine("ann", lambda _: None)
    waiting = asyncio.create_task(expect_tones(line, {440}, alone=True, within=1))
    await asyncio.sleep(0)
    clock.now += 5  # this process did not run: the audio is still to be read
    line.received.changes.notify()
    await asyncio.sleep(0)
    assert not waiting.done()
    line.receive(as_pcm(joined(silence(0.5), tone(440, 0.4))))
    await waiting


async def test_a_wait_for_audio_ends_when_as_much_was_received(clock: Clock) -> None:
    line = AudioLine("ann", lambda _: None)
    waiting = asyncio.create_task(expect_tones(line, {440}, alone=True, within=1))
    await asyncio.sleep(0)
    line.receive(as_pcm(silence(2)))
    await asyncio.sleep(0)
    assert not waiting.done(), "one second has not passed"
    clock.now += 1
    line.received.changes.notify()
    with pytest.raises(ExpectationFailed, match="silence"):
        await waiting


def test_sounds_are_sent_in_turn_and_the_last_frame_is_filled_with_silence() -> None:
    queue = SendQueue()
    first = queue.add(as_pcm(np.full(400, 0.5)))
    second = queue.add(as_pcm(np.full(320, 0.25)))
    frames = [queue.next_frame() for _ in range(4)]
    assert [int(each[0]) for each in frames] == [16384, 16384, 8192, 0]
    assert not frames[1][80:].any()
    assert first.done
    assert second.began is not None
    assert first.began is not None
    assert first.began <= second.began


def test_an_endless_tone_has_no_clicks_and_ends_when_another_sound_is_queued() -> None:
    queue = SendQueue()
    hum = queue.add_tone(443.7, -10)
    sent = np.concatenate([queue.next_frame() for _ in range(100)])
    assert np.abs(sent - as_pcm(tone(443.7, 2, -10))).max() <= 1
    queue.add(as_pcm(np.full(320, 0.5)))
    queue.next_frame()
    assert hum.done
    assert int(queue.next_frame()[0]) == 16384
    assert not queue.next_frame().any()


def test_clearing_the_queue_discards_all_sounds() -> None:
    queue = SendQueue()
    queued = [queue.add_tone(440, -20), queue.add(frame(5))]
    assert len(queue) == 2
    queue.clear()
    assert len(queue) == 0
    assert all(each.done for each in queued)
    assert not queue.next_frame().any()


async def test_a_line_sends_as_many_frames_as_it_receives() -> None:
    sent: list[Pcm] = []
    line = AudioLine("ann", sent.append)
    line.receive(frame(0))
    assert sent == []
    line.hum(440)
    line.receive(frame(0))
    line.receive(np.zeros(5 * 320, np.int16))
    assert len(sent) == SOUND_AHEAD + 6
    line.muted = True
    line.receive(frame(0))
    assert not sent[-1].any()
    line.muted = False
    line.receive(frame(0))
    audible = np.concatenate([*sent[:-2], sent[-1]])
    assert np.abs(audible - as_pcm(tone(440, (SOUND_AHEAD + 7) * 0.02))).max() <= 1
    line.close("gone")
    line.receive(frame(0))
    assert len(sent) == SOUND_AHEAD + 8


async def test_a_sound_is_sent_when_the_other_side_has_taken_it() -> None:
    sent: list[Pcm] = []
    line = AudioLine("ann", sent.append)
    line.hum(440, seconds=0.06)
    line.receive(frame(0))
    assert len(sent) == SOUND_AHEAD + 1
    assert not line.send_queue
    for _ in range(4):
        assert not await line.all_sent(within=0)
        line.receive(frame(0))
    assert await line.all_sent(within=0)


def test_a_sound_begins_when_the_other_side_takes_it(clock: Clock) -> None:
    line = AudioLine("ann", lambda _: None)
    first, second = line.send_queue.add(as_pcm(np.full(640, 0.5))), line.send_queue.add(as_pcm(np.full(640, 0.5)))
    line.receive(frame(0))
    assert first.began == clock.now
    assert second.began == pytest.approx(clock.now + 0.04 + 0.02)


async def test_closing_a_line_empties_its_send_queue() -> None:
    line = AudioLine("ann", lambda _: None)
    line.start()
    await line.say("This takes a while, and nobody will hear it.")
    assert not await line.all_sent(within=0.05)
    asyncio.get_running_loop().call_later(0.05, line.close, "gone")
    assert await line.all_sent(within=2)
    line.close("closed a second time")
    assert line.close_reason == "gone"


@pytest.mark.parametrize("what", ["", "  ", 0, -1.0])
async def test_saying_nothing_is_refused(what: str | float) -> None:
    with pytest.raises(ConfigurationError):
        await AudioLine("ann", lambda _: None).say(what)


@pytest.mark.parametrize("what", [601, 1e308, float("inf"), float("nan"), "x" * 10_000])
async def test_sounds_of_more_than_ten_minutes_are_refused(what: str | float) -> None:
    line = AudioLine("ann", lambda _: None)
    with pytest.raises(ConfigurationError, match="at most 600 seconds"):
        await line.say(what)
    with pytest.raises(ConfigurationError, match="at most 600 seconds"):
        line.hum(440, 601 if isinstance(what, str) else what)
    with pytest.raises(ConfigurationError, match="at most 600 seconds"):
        line.send_in_band_digits("1" * 10_000)


async def test_speech_tones_and_digits_are_sent_one_after_the_other() -> None:
    line = AudioLine("ann", lambda _: None)
    await line.say(0.5)
    line.hum(1000, 0.2)
    line.send_in_band_digits("5", 100, 0)
    sent = np.concatenate([line.send_queue.next_frame() for _ in range(25 + 10 + 5)])
    assert strongest(sent[8000 + 640 : 8000 + 2560])[0].hz == pytest.approx(1000, abs=1)
    assert {round(each.hz, -1) for each in strongest(sent[11200:], count=2)} == {770, 1340}


async def receive_digits(line: AudioLine, digits: str) -> None:
    """Let the line receive digits, and then half a second of silence."""
    for part in np.array_split(as_pcm(joined(dtmf(digits), silence(0.5))), 20):
        line.receive(part)
        await asyncio.sleep(0)


async def test_each_digit_is_matched_once_and_in_order() -> None:
    line = AudioLine("ann", lambda _: None)
    await receive_digits(line, "123")
    await expect_in_band_digits(line, "12", within=1)
    waiting = asyncio.create_task(expect_in_band_digits(line, "345", within=5))
    await receive_digits(line, "45")
    await waiting
    await receive_digits(line, "55")
    detected = await expect_in_band_digits(line, "55", within=1)
    assert [round(each.at, 1) for each in detected] == [0.6, 0.8]


async def test_a_digit_is_matched_when_it_has_ended() -> None:
    line = AudioLine("ann", lambda _: None)
    sound = as_pcm(joined(dtmf("7", duration_ms=300), silence(0.2)))
    line.receive(sound[:3200])
    waiting = asyncio.create_task(expect_in_band_digits(line, "7", within=5))
    await asyncio.sleep(0)
    assert not waiting.done()
    line.receive(sound[3200:])
    (digit,) = await waiting
    assert digit.duration_ms == pytest.approx(300, abs=15)


async def test_a_different_digit_fails_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = AudioLine("ann", lambda _: None)
    await receive_digits(line, "13")
    with pytest.raises(
        ExpectationFailed, match=r"ann hears 12 in-band[\s\S]*it heard 1 \(.*3 \([\s\S]*digit 2: 3, expected 2"
    ):
        await expect_in_band_digits(line, "12", within=30)


class Person:
    """Says a number in each frame, and keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.ended: str | None = None
        self._said = 0

    def hear(self, sound: Pcm) -> None:
        self.heard += sound[::320].tolist()

    def take(self, count: int) -> Pcm:
        self._said += 1
        return np.full(count, self._said, np.int16)

    def end(self, reason: str) -> None:
        self.ended = reason


async def test_a_person_hears_what_comes_and_is_added_to_what_is_sent() -> None:
    sent: list[Pcm] = []
    line = AudioLine("ann", sent.append)
    line.receive(frame(7))
    assert sent == []
    line.live = person = Person()
    line.receive(frame(8))
    line.receive(np.concatenate([frame(9), frame(10)]))
    assert person.heard == [8, 9, 10]
    assert [each[0] for each in sent] == [1, 2, 3]
    line.hum(1000, 0.02)
    line.receive(frame(11))
    assert max(sent[3]) > 1000
    line.close("the call has ended")
    assert person.ended == "the call has ended"


async def test_what_a_person_says_while_the_peer_is_on_hold_is_lost() -> None:
    sent: list[Pcm] = []
    line = AudioLine("ann", sent.append)
    line.live = Person()
    line.muted = True
    line.receive(frame(1))
    line.muted = False
    line.receive(frame(1))
    assert [each[0] for each in sent] == [0, 2]
