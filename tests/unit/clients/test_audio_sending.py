"""Sent audio: from writes to the frames of a mixed stream, with times set by the tests."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest

from fake_daily_server.clients.python.daily._audio.mixer import TrackBuffer, TrackMixer
from fake_daily_server.clients.python.daily._audio.output import AudioOutput
from fake_daily_server.clients.python.daily._audio.playback_clock import CONTINUATION_S, PlaybackClock, Segment
from fake_daily_server.clients.python.daily._audio.resampling import Resampler, to_channels, to_mono

Samples = npt.NDArray[np.int16]


def sine(hz: float, seconds: float, rate: int, amplitude: float = 10000) -> Samples:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


class Writer:
    """A source and its track in a mixer, written to at times set by the test."""

    def __init__(self, mixer: TrackMixer, rate: int = 16000, channels: int = 1) -> None:
        self.clock = PlaybackClock(rate, channels)
        self.track = TrackBuffer(rate, channels)
        mixer.tracks.append(self.track)

    def write(self, samples: Samples, now: float) -> float | None:
        written = self.clock.write(samples.tobytes(), now, fill_up=False)
        if written.segment is not None:
            self.track.add(written.segment)
        return written.complete_at


def sent(mixer: TrackMixer, times: Iterable[float]) -> Samples:
    frames = [frame for now in times for frame in mixer.due_frames(now)]
    return np.frombuffer(b"".join(frames), "<i2")


def ticks(begin: float, seconds: float) -> list[float]:
    return [begin + tick * 0.02 for tick in range(round(seconds / 0.02))]


LEAD = 3 * 320


def test_a_write_is_complete_when_it_has_been_played_and_the_next_write_continues_it() -> None:
    clock = PlaybackClock(16000, 1)
    assert clock.write(bytes(640), 100.0, fill_up=False).complete_at == pytest.approx(100.02)
    late = clock.write(bytes(640), 100.0201, fill_up=False)
    assert late.complete_at == pytest.approx(100.04), "a program that writes at each completion stays in real time"
    assert late.segment is not None
    assert late.segment.continues
    anew = clock.write(bytes(640), 100.04 + CONTINUATION_S + 0.01, fill_up=False)
    assert anew.complete_at == pytest.approx(100.13)
    assert anew.segment is not None
    assert not anew.segment.continues


def test_a_remainder_of_less_than_10_ms_waits_for_the_next_write() -> None:
    clock = PlaybackClock(8000, 2)
    assert clock.write(b"a" * 100, 0.0, fill_up=False).segment is None
    written = clock.write(b"b" * 300, 1.0, fill_up=False)
    assert written.segment is not None
    assert written.segment.pcm == b"a" * 100 + b"b" * 220
    filled = clock.write(b"c" * 4, 1.0, fill_up=True)
    assert filled.segment is not None
    assert filled.segment.pcm == b"b" * 80 + b"c" * 4 + bytes(236)


@pytest.mark.parametrize("begin", [10.0, 10.00003, 10.00005, 123456.789])
def test_a_stream_begins_with_lead_silence_and_then_contains_every_sample(begin: float) -> None:
    mixer = TrackMixer()
    writer = Writer(mixer)
    sound = sine(440, 0.2, 16000)
    writer.write(sound, begin)
    heard = sent(mixer, ticks(begin, 0.5))
    assert not heard[:LEAD].any()
    assert np.array_equal(heard[LEAD:], sound)
    assert not mixer.active


def test_a_program_that_always_writes_slightly_late_is_sent_without_gaps() -> None:
    mixer = TrackMixer()
    writer = Writer(mixer)
    sound = sine(440, 1.0, 16000)
    heard = []
    now = 10.0
    for at in range(0, 16000, 640):
        complete_at = writer.write(sound[at : at + 640], now)
        assert complete_at is not None
        heard.append(sent(mixer, (now, now + 0.02, complete_at)))
        now = complete_at + 0.03
    heard.append(sent(mixer, ticks(now, 0.3)))
    assert np.array_equal(np.concatenate(heard)[LEAD:], sound)


def test_frames_are_sent_shortly_before_their_time() -> None:
    mixer = TrackMixer()
    writer = Writer(mixer)
    writer.write(sine(440, 10.0, 16000), 10.0)
    assert len(sent(mixer, [10.0])) == LEAD + 3 * 320
    assert len(sent(mixer, [10.02])) == 320
    assert len(sent(mixer, [10.1])) == 4 * 320


def test_a_listener_that_attaches_late_receives_unplayed_segments() -> None:
    output = AudioOutput(16000, 1, "audio source")
    output.write_async(bytes(320), None)
    output.write_async(bytes(32000), None)
    segments: list[Segment] = []
    output.attach(segments.append)
    assert segments[-1].pcm == bytes(32000)
    output.detach(segments.append)
    output.write_async(bytes(640), None)
    assert len(segments) <= 2


def test_a_second_track_is_mixed_in_completely_from_the_current_position() -> None:
    mixer = TrackMixer()
    one, other = Writer(mixer), Writer(mixer)
    low, high = sine(300, 0.4, 16000), sine(900, 0.2, 16000)
    one.write(low, 10.0)
    heard = [sent(mixer, ticks(10.0, 0.1))]
    other.write(high, 10.1)
    heard.append(sent(mixer, ticks(10.1, 0.6)))
    mixed = np.concatenate(heard)[LEAD:]
    mixed[: len(low)] -= low
    begin = int(np.argmax(mixed != 0)) - 1
    assert np.array_equal(mixed[begin : begin + len(high)], high)
    assert 1600 <= begin <= 1600 + 960, "in the first frame that was not sent yet"
    mixed[begin : begin + len(high)] = 0
    assert not mixed.any()


def test_loud_tracks_are_limited_to_16_bits() -> None:
    mixer = TrackMixer()
    for _ in range(2):
        Writer(mixer).write(np.full(320, 30000, np.int16), 10.0)
    assert sent(mixer, ticks(10.0, 0.2)).max() == 32767


def test_a_track_that_has_stopped_does_not_delay_the_other() -> None:
    mixer = TrackMixer()
    one, other = Writer(mixer), Writer(mixer)
    other.write(sine(900, 0.02, 16000), 10.0)
    sound = sine(300, 0.5, 16000)
    one.write(sound, 10.0)
    heard = sent(mixer, ticks(10.0, 0.5))
    assert len(heard) - LEAD >= 16000 * 0.44
    assert np.array_equal(heard[LEAD + 320 :], sound[320 : len(heard) - LEAD])


def test_a_pause_ends_the_stream_and_the_next_write_restarts_it() -> None:
    mixer = TrackMixer()
    writer = Writer(mixer)
    word = sine(440, 0.1, 16000)
    writer.write(word, 10.0)
    first = sent(mixer, ticks(10.0, 0.4))
    writer.write(word, 10.4)
    second = sent(mixer, ticks(10.4, 0.4))
    assert np.array_equal(first, second)
    assert len(first) == LEAD + 1600


def test_unmuting_during_a_write_sends_the_rest_of_it() -> None:
    mixer = TrackMixer()
    writer = Writer(mixer)
    mixer.tracks = []
    sound = sine(440, 1.0, 16000)
    writer.write(sound, 10.0)
    assert len(sent(mixer, ticks(10.0, 0.5))) == 0
    mixer.tracks = [writer.track]
    heard = sent(mixer, ticks(10.5, 0.8))[LEAD:]
    assert np.array_equal(heard, sound[len(sound) - len(heard) :])
    assert 8000 <= len(heard) <= 8000 + 1600


def test_muting_stops_the_stream_at_once() -> None:
    mixer = TrackMixer()
    Writer(mixer).write(sine(440, 1.0, 16000), 10.0)
    assert len(sent(mixer, ticks(10.0, 0.1)))
    mixer.tracks = []
    assert [frame for now in ticks(10.1, 0.5) for frame in mixer.due_frames(now)] == [b""], (
        "one message announces the pause"
    )
    assert not mixer.active


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 2), (22050, 1), (24000, 1), (44100, 2), (48000, 1)])
def test_any_rate_keeps_pitch_and_length(rate: int, channels: int) -> None:
    mixer = TrackMixer()
    writer = Writer(mixer, rate, channels)
    seconds = 1.0
    sound = np.repeat(sine(440, seconds, rate), channels)
    unit = rate // 50 * channels
    now = 10.0
    heard = []
    for at in range(0, len(sound), unit):
        writer.write(sound[at : at + unit], now)
        heard.append(sent(mixer, [now]))
        now += 0.02
    heard.append(sent(mixer, ticks(now, 0.4)))
    joined = np.concatenate(heard)[LEAD:]
    assert abs(len(joined) - 16000 * seconds) <= 320
    spectrum = np.abs(np.fft.rfft(joined[1600:14400].astype(float)))
    assert np.argmax(spectrum) * 16000 / 12800 == pytest.approx(440, abs=1.3)
    assert np.sqrt(np.mean(joined[1600:14400].astype(float) ** 2)) == pytest.approx(10000 / np.sqrt(2), rel=0.01)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 24000, 44100, 48000])
def test_resampling_keeps_the_length_and_does_not_alias(rate: int) -> None:
    to_room, from_room = Resampler(rate, 16000), Resampler(16000, rate)
    length = rate // 25
    for _ in range(25):
        went_in = np.zeros(length, np.int16)
        assert abs(len(to_room(went_in)) - length * 16000 / rate) <= 1
    total = sum(len(from_room(np.zeros(320, np.int16))) for _ in range(50))
    assert abs(total - rate) <= 1
    if rate > 16000:
        above = sine(0.45 * rate, 0.5, rate)
        assert np.abs(Resampler(rate, 16000)(above)[400:-400]).max() < 20


def test_equal_rates_are_not_resampled() -> None:
    sound = sine(440, 0.1, 16000)
    assert Resampler(16000, 16000)(sound) is sound


def test_stereo_becomes_the_mean_and_mono_is_copied_to_all_channels() -> None:
    stereo = np.array([100, 300, -100, -300], "<i2")
    assert to_mono(stereo.tobytes(), 2).tolist() == [200, -200]
    assert to_channels(np.array([1, 2], np.int16), 2) == np.array([1, 1, 2, 2], "<i2").tobytes()
