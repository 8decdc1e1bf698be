"""From written sound to the frames of a voice, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest

from fake_daily_server.clients.python.daily._audio.mixer import Track, Voice
from fake_daily_server.clients.python.daily._audio.output import Output
from fake_daily_server.clients.python.daily._audio.playback_clock import LATE_S, Segment, Timeline
from fake_daily_server.clients.python.daily._audio.resampling import Resampler, mono, spread

Samples = npt.NDArray[np.int16]


def sine(hz: float, seconds: float, rate: int, amplitude: float = 10000) -> Samples:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


class Speaker:
    """A source with its track, written to at times that the test gives."""

    def __init__(self, voice: Voice, rate: int = 16000, channels: int = 1) -> None:
        self.timeline = Timeline(rate, channels)
        self.track = Track(rate, channels)
        voice.tracks.append(self.track)

    def write(self, samples: Samples, now: float) -> float | None:
        written = self.timeline.write(samples.tobytes(), now, fill_up=False)
        if written.segment is not None:
            self.track.hear(written.segment)
        return written.complete_at


def said(voice: Voice, times: Iterable[float]) -> Samples:
    frames = [frame for now in times for frame in voice.frames(now)]
    return np.frombuffer(b"".join(frames), "<i2")


def beats(begin: float, seconds: float) -> list[float]:
    return [begin + beat * 0.02 for beat in range(round(seconds / 0.02))]


LEAD = 3 * 320


def test_a_write_is_complete_when_it_has_been_played_and_the_next_one_goes_on_there() -> None:
    timeline = Timeline(16000, 1)
    assert timeline.write(bytes(640), 100.0, fill_up=False).complete_at == pytest.approx(100.02)
    late = timeline.write(bytes(640), 100.0201, fill_up=False)
    assert late.complete_at == pytest.approx(100.04), "who writes at each completion stays in real time"
    assert late.segment is not None
    assert late.segment.continues
    anew = timeline.write(bytes(640), 100.04 + LATE_S + 0.01, fill_up=False)
    assert anew.complete_at == pytest.approx(100.13)
    assert anew.segment is not None
    assert not anew.segment.continues


def test_what_does_not_fill_10_ms_waits_for_the_next_write() -> None:
    timeline = Timeline(8000, 2)
    assert timeline.write(b"a" * 100, 0.0, fill_up=False).segment is None
    written = timeline.write(b"b" * 300, 1.0, fill_up=False)
    assert written.segment is not None
    assert written.segment.pcm == b"a" * 100 + b"b" * 220
    filled = timeline.write(b"c" * 4, 1.0, fill_up=True)
    assert filled.segment is not None
    assert filled.segment.pcm == b"b" * 80 + b"c" * 4 + bytes(236)


@pytest.mark.parametrize("begin", [10.0, 10.00003, 10.00005, 123456.789])
def test_a_voice_begins_with_silence_in_hand_and_then_says_every_sample(begin: float) -> None:
    voice = Voice()
    speaker = Speaker(voice)
    sound = sine(440, 0.2, 16000)
    speaker.write(sound, begin)
    heard = said(voice, beats(begin, 0.5))
    assert not heard[:LEAD].any()
    assert np.array_equal(heard[LEAD:], sound)
    assert not voice.speaking


def test_a_writer_who_is_always_a_little_late_is_heard_without_gaps() -> None:
    voice = Voice()
    speaker = Speaker(voice)
    sound = sine(440, 1.0, 16000)
    heard = []
    now = 10.0
    for at in range(0, 16000, 640):
        complete_at = speaker.write(sound[at : at + 640], now)
        assert complete_at is not None
        heard.append(said(voice, (now, now + 0.02, complete_at)))
        now = complete_at + 0.03
    heard.append(said(voice, beats(now, 0.3)))
    assert np.array_equal(np.concatenate(heard)[LEAD:], sound)


def test_frames_go_out_shortly_before_their_time() -> None:
    voice = Voice()
    speaker = Speaker(voice)
    speaker.write(sine(440, 10.0, 16000), 10.0)
    assert len(said(voice, [10.0])) == LEAD + 3 * 320
    assert len(said(voice, [10.02])) == 320
    assert len(said(voice, [10.1])) == 4 * 320


def test_who_listens_late_gets_what_is_still_to_be_played() -> None:
    output = Output(16000, 1, "audio source")
    output.write_soon(bytes(320), None)
    output.write_soon(bytes(32000), None)
    segments: list[Segment] = []
    output.attach(segments.append)
    assert segments[-1].pcm == bytes(32000)
    output.detach(segments.append)
    output.write_soon(bytes(640), None)
    assert len(segments) <= 2


def test_a_second_track_is_mixed_in_whole_from_where_the_first_one_is() -> None:
    voice = Voice()
    one, other = Speaker(voice), Speaker(voice)
    low, high = sine(300, 0.4, 16000), sine(900, 0.2, 16000)
    one.write(low, 10.0)
    heard = [said(voice, beats(10.0, 0.1))]
    other.write(high, 10.1)
    heard.append(said(voice, beats(10.1, 0.6)))
    mixed = np.concatenate(heard)[LEAD:]
    mixed[: len(low)] -= low
    begin = int(np.argmax(mixed != 0)) - 1
    assert np.array_equal(mixed[begin : begin + len(high)], high)
    assert 1600 <= begin <= 1600 + 960, "as soon as what was not sent yet"
    mixed[begin : begin + len(high)] = 0
    assert not mixed.any()


def test_loud_tracks_are_limited_to_16_bits() -> None:
    voice = Voice()
    for _ in range(2):
        Speaker(voice).write(np.full(320, 30000, np.int16), 10.0)
    assert said(voice, beats(10.0, 0.2)).max() == 32767


def test_a_track_that_has_stopped_does_not_hold_up_the_other() -> None:
    voice = Voice()
    one, other = Speaker(voice), Speaker(voice)
    other.write(sine(900, 0.02, 16000), 10.0)
    sound = sine(300, 0.5, 16000)
    one.write(sound, 10.0)
    heard = said(voice, beats(10.0, 0.5))
    assert len(heard) - LEAD >= 16000 * 0.44
    assert np.array_equal(heard[LEAD + 320 :], sound[320 : len(heard) - LEAD])


def test_a_pause_ends_the_voice_and_the_next_word_begins_it_again() -> None:
    voice = Voice()
    speaker = Speaker(voice)
    word = sine(440, 0.1, 16000)
    speaker.write(word, 10.0)
    first = said(voice, beats(10.0, 0.4))
    speaker.write(word, 10.4)
    second = said(voice, beats(10.4, 0.4))
    assert np.array_equal(first, second)
    assert len(first) == LEAD + 1600


def test_who_is_unmuted_in_the_middle_is_heard_from_there() -> None:
    voice = Voice()
    speaker = Speaker(voice)
    voice.tracks = []
    sound = sine(440, 1.0, 16000)
    speaker.write(sound, 10.0)
    assert len(said(voice, beats(10.0, 0.5))) == 0
    voice.tracks = [speaker.track]
    heard = said(voice, beats(10.5, 0.8))[LEAD:]
    assert np.array_equal(heard, sound[len(sound) - len(heard) :])
    assert 8000 <= len(heard) <= 8000 + 1600


def test_who_is_muted_stops_at_once() -> None:
    voice = Voice()
    Speaker(voice).write(sine(440, 1.0, 16000), 10.0)
    assert len(said(voice, beats(10.0, 0.1)))
    voice.tracks = []
    assert [frame for now in beats(10.1, 0.5) for frame in voice.frames(now)] == [b""], "a pause"
    assert not voice.speaking


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 2), (22050, 1), (24000, 1), (44100, 2), (48000, 1)])
def test_any_rate_is_heard_at_its_pitch_and_length(rate: int, channels: int) -> None:
    voice = Voice()
    speaker = Speaker(voice, rate, channels)
    seconds = 1.0
    sound = np.repeat(sine(440, seconds, rate), channels)
    unit = rate // 50 * channels
    now = 10.0
    heard = []
    for at in range(0, len(sound), unit):
        speaker.write(sound[at : at + unit], now)
        heard.append(said(voice, [now]))
        now += 0.02
    heard.append(said(voice, beats(now, 0.4)))
    told = np.concatenate(heard)[LEAD:]
    assert abs(len(told) - 16000 * seconds) <= 320
    spectrum = np.abs(np.fft.rfft(told[1600:14400].astype(float)))
    assert np.argmax(spectrum) * 16000 / 12800 == pytest.approx(440, abs=1.3)
    assert np.sqrt(np.mean(told[1600:14400].astype(float) ** 2)) == pytest.approx(10000 / np.sqrt(2), rel=0.01)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 24000, 44100, 48000])
def test_a_stream_keeps_its_length_and_nothing_folds_over(rate: int) -> None:
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


def test_the_same_rate_is_left_alone() -> None:
    sound = sine(440, 0.1, 16000)
    assert Resampler(16000, 16000)(sound) is sound


def test_channels_become_their_mean_and_mono_goes_to_all() -> None:
    stereo = np.array([100, 300, -100, -300], "<i2")
    assert mono(stereo.tobytes(), 2).tolist() == [200, -200]
    assert spread(np.array([1, 2], np.int16), 2) == np.array([1, 1, 2, 2], "<i2").tobytes()
