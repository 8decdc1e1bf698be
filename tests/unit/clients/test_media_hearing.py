"""From a room's frames to renderers and the speaker, with a clock of the test's own."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pytest

from fake_daily_server.clients.python.daily._audio import speaker as _audio_speaker
from fake_daily_server.clients.python.daily._audio.custom_audio import AudioData, CustomAudioSource, CustomAudioTrack
from fake_daily_server.clients.python.daily._audio.microphone import create_microphone_device
from fake_daily_server.clients.python.daily._audio.playout import Playout
from fake_daily_server.clients.python.daily._audio.receiver import Hearing
from fake_daily_server.clients.python.daily._audio.renderer import AudioRenderer
from fake_daily_server.clients.python.daily._audio.renderer_stream import Rendering
from fake_daily_server.clients.python.daily._media.media_settings import SoundSettings
from fake_daily_server.clients.python.daily._native.participant_ids import unparsable
from fake_daily_server.clients.python.daily._threads.dispatcher import Dispatcher
from fake_daily_server.media.wire import MIX_HEADER, SoundMessage

FRAME = np.arange(1, 321, dtype=np.int16)


def numbered(frame: int) -> npt.NDArray[np.int16]:
    return np.full(320, frame, np.int16)


@pytest.mark.parametrize("interval_ms", [10, 20, 30, 100])
def test_intervals_are_exact_whatever_their_length(interval_ms: int) -> None:
    rendering = Rendering(16000, interval_ms, now=0.0)
    heard = [chunk for frame in range(60) for chunk in rendering.hear(numbered(frame).tobytes())]
    assert {len(chunk) for chunk in heard} == {32 * interval_ms}
    assert len(heard) == 1200 // interval_ms
    assert b"".join(heard) == b"".join(numbered(frame).tobytes() for frame in range(60))


@pytest.mark.parametrize("rate", [8000, 24000, 44100, 48000])
def test_intervals_are_exact_at_any_rate(rate: int) -> None:
    rendering = Rendering(rate, 20, now=0.0)
    counts = [[len(chunk) for chunk in rendering.hear(FRAME.tobytes())] for _ in range(50)]
    assert counts == [[2 * rate // 50]] * 50


def test_a_frame_that_does_not_come_is_silence_after_a_while() -> None:
    rendering = Rendering(16000, 20, now=0.0)
    assert len(list(rendering.hear(FRAME.tobytes()))) == 1
    assert list(rendering.wait(0.1)) == [], "it may only be late"
    silence = [chunk for now in np.arange(0.1, 1.0, 0.02) for chunk in rendering.wait(float(now))]
    assert set(silence) == {bytes(640)}
    assert 40 <= len(silence) <= 44, "as many as there was time"
    assert list(rendering.hear(FRAME.tobytes())) == [FRAME.tobytes()]


def test_frames_that_come_late_and_together_are_all_heard() -> None:
    rendering = Rendering(16000, 20, now=0.0)
    assert list(rendering.wait(0.1)) == []
    heard = [chunk for frame in range(5) for chunk in rendering.hear(numbered(frame).tobytes())]
    assert len(heard) == 5
    assert list(rendering.wait(0.12)) == []


class Rendered:
    """A renderer's callback: keeps what it gets."""

    def __init__(self) -> None:
        self.got: queue.SimpleQueue[tuple[str, AudioData, str, str]] = queue.SimpleQueue()
        self.may_return = threading.Event()
        self.may_return.set()

    def __call__(self, participant: str, data: AudioData, source: str) -> None:
        self.got.put((participant, data, source, threading.current_thread().name))
        self.may_return.wait(10)


def renderer(callback: Any, rate: int = 16000, interval_ms: int = 20, participant: str = "ann") -> AudioRenderer:
    made = AudioRenderer(Dispatcher(), participant, callback, "microphone", rate, interval_ms)
    made.begin(now=0.0)
    return made


def test_a_callback_gets_the_participant_the_data_and_the_source_on_another_thread() -> None:
    rendered = Rendered()
    renderer(rendered, rate=8000).hear(FRAME.tobytes())
    participant, data, source, thread = rendered.got.get(timeout=5)
    assert (participant, source) == ("ann", "microphone")
    assert (data.bits_per_sample, data.sample_rate, data.num_channels) == (16, 8000, 1)
    assert data.num_audio_frames == 160 == len(data.audio_frames) // 2
    assert thread != threading.current_thread().name


def test_a_slow_callback_is_told_about_once_and_loses_the_oldest(caplog: pytest.LogCaptureFixture) -> None:
    rendered = Rendered()
    rendered.may_return.clear()
    slow = renderer(rendered)
    slow.hear(numbered(0).tobytes())
    rendered.got.get(timeout=5)
    with caplog.at_level(logging.WARNING, logger="daily"):
        for frame in range(1, 601):
            slow.hear(numbered(frame).tobytes())
    (record,) = caplog.records
    assert "ann" in record.message
    rendered.may_return.set()
    heard = [rendered.got.get(timeout=5)[1].audio_frames for _ in range(500)]
    assert heard == [numbered(frame).tobytes() for frame in range(101, 601)]


def test_a_closed_renderer_is_not_called() -> None:
    rendered = Rendered()
    dispatcher = Dispatcher()
    closed = AudioRenderer(dispatcher, "ann", rendered, "microphone", 16000, 20)
    closed.begin(now=0.0)
    closed.close()
    closed.hear(FRAME.tobytes())
    done = threading.Event()
    dispatcher.post(done.set)
    assert done.wait(5)
    assert rendered.got.empty()


@pytest.mark.parametrize(("rate", "interval_ms"), [(16000, 15), (16000, 0), (0, 20), (16, 20)])
def test_an_interval_that_daily_python_never_reaches_is_known(rate: int, interval_ms: int) -> None:
    assert AudioRenderer(Dispatcher(), "ann", print, "microphone", rate, interval_ms).never_called


def person(*, state: str = "playable", local: bool = False) -> dict[str, Any]:
    return {"local": local, "tracks": {"audio": {"state": state}, "screenAudio": {"state": "off"}}}


def subscribed(_participant: str, _source: str) -> str:
    return "subscribed"


def test_a_renderer_begins_when_the_track_can_be_played_and_ends_when_it_cannot() -> None:
    hearing = Hearing()
    waiting = AudioRenderer(Dispatcher(), "ann", print, "microphone", 16000, 20)
    hearing.add(waiting)
    for participants, subscription, begins in (
        ({}, subscribed, False),
        ({"ann": person(state="off")}, subscribed, False),
        ({"ann": person(local=True)}, subscribed, False),
        ({"ann": person()}, lambda participant, source: "unsubscribed", False),
        ({"ann": person()}, subscribed, True),
        ({"ann": person(state="off")}, subscribed, False),
    ):
        hearing.arrange(participants, subscription)
        assert (waiting.rendering is not None) == begins == hearing.busy


def test_a_second_renderer_of_a_participant_takes_the_place_of_the_first() -> None:
    ann = str(uuid4())
    first, second = Rendered(), Rendered()
    first.may_return.clear()
    hearing, dispatcher = Hearing(), Dispatcher()
    for callback in (first, second):
        hearing.add(AudioRenderer(dispatcher, ann, callback, "microphone", 16000, 20))
        hearing.arrange({ann: person()}, subscribed)
        for _ in range(2):
            hearing.hear(bytes(SoundMessage(ann, FRAME.tobytes())))
        if callback is first:
            first.got.get(timeout=5)
    first.may_return.set()
    assert second.got.get(timeout=5)[1].audio_frames == FRAME.tobytes()
    assert first.got.empty(), "what still waited for the first is not for the second, nor for anybody"


def test_a_named_track_has_a_renderer_of_its_own() -> None:
    ann, music = str(uuid4()), str(uuid4())
    rendered = {"microphone": Rendered(), "music": Rendered()}
    hearing = Hearing()
    for source, callback in rendered.items():
        hearing.add(AudioRenderer(Dispatcher(), ann, callback, source, 16000, 20))
    tracks = {**person()["tracks"], "music": {"state": "playable", "id": music}}
    hearing.arrange({ann: {"local": False, "tracks": tracks}}, subscribed)
    hearing.hear(bytes(SoundMessage(music, numbered(7).tobytes())))
    participant, data, source, _ = rendered["music"].got.get(timeout=5)
    assert (participant, source, data.audio_frames) == (ann, "music", numbered(7).tobytes())
    assert rendered["microphone"].got.empty()


def test_messages_that_are_no_voice_are_left_alone() -> None:
    hearing = Hearing()
    for message in (b"", b"\x02", MIX_HEADER + bytes(640), b"\x01\x07" + bytes(656)):
        hearing.hear(message)


def test_the_speaker_plays_everybody_once_there_is_a_little_in_hand() -> None:
    playout = Playout()
    playout.arrange("me", ["ann", "ben"])
    assert playout.anybody
    for frame in (1, 2, 3):
        playout.hear("me", "ann", numbered(frame).tobytes())
        playout.hear("me", "ben", numbered(10 * frame).tobytes())
        playout.hear("me", "nobody", numbered(1000).tobytes())
    assert [int(playout.frame()[0]) for _ in range(4)] == [11, 22, 33, 0]
    playout.hear("me", "ann", numbered(4).tobytes())
    assert not playout.frame().any(), "it waits until there is something in hand again"
    playout.arrange("me", [])
    assert not playout.anybody


def test_two_clients_of_a_process_share_the_speaker() -> None:
    playout = Playout()
    playout.arrange("one", ["ann"])
    playout.arrange("two", ["ben"])
    playout.arrange("one", [])
    assert playout.anybody
    for _ in range(3):
        playout.hear("two", "ben", np.full(320, 30000, np.int16).tobytes())
    assert playout.frame().max() == 30000


def test_a_speaker_that_is_not_read_keeps_the_latest() -> None:
    playout = Playout()
    playout.arrange("me", ["ann"])
    for frame in range(100):
        playout.hear("me", "ann", numbered(frame).tobytes())
    assert int(playout.frame()[0]) == 90


@pytest.fixture(autouse=True)
def no_speaker_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_audio_speaker._Selection, "playout", None)
    monkeypatch.setattr(_audio_speaker._Selection, "device", None)


@pytest.fixture
def selected_speaker() -> Any:
    device = _audio_speaker.create_speaker_device("loud", 24000, 2)
    _audio_speaker.select_speaker_device("loud")
    return device


def test_a_selected_speaker_reads_what_is_played(selected_speaker: Any) -> None:
    playout = _audio_speaker.playout()
    assert playout is not None
    assert selected_speaker.read_frames(480) == b"", "nobody is there"
    playout.arrange("me", ["ann"])
    for _ in range(5):
        playout.hear("me", "ann", numbered(1000).tobytes())
    samples = np.frombuffer(selected_speaker.read_frames(1440), "<i2").reshape(-1, 2)
    assert samples.shape == (1440, 2)
    assert (samples[:, 0] == samples[:, 1]).all()
    assert abs(int(samples[-1, 0]) - 1000) <= 2


def test_a_speaker_that_does_not_wait_tells_later(monkeypatch: pytest.MonkeyPatch, selected_speaker: Any) -> None:
    device = _audio_speaker.create_speaker_device("later", non_blocking=True)
    _audio_speaker.select_speaker_device("later")
    playout = _audio_speaker.playout()
    assert playout is not None
    playout.arrange("me", ["ann"])
    read: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    assert device.read_frames(160, completion=read.put) == b""
    assert len(read.get(timeout=5)) == 320
    assert selected_speaker.read_frames(480) == b"", "it is not the selected one any more"


def settings(**inputs: Any) -> SoundSettings:
    return SoundSettings(inputs, {}, subscribed)


def custom(track: CustomAudioTrack, *, enabled: bool = True) -> dict[str, Any]:
    return {"isEnabled": enabled, "settings": {"customTrack": {"id": track.id}}}


def test_what_is_said_are_the_enabled_and_published_tracks() -> None:
    sources = [CustomAudioSource(16000, 1) for _ in range(3)]
    one, two, three = tracks = [CustomAudioTrack(source) for source in sources]
    microphone = create_microphone_device("said")

    def numbers(outputs: Any) -> list[int]:
        return [[source._output for source in sources].index(output) for output in outputs]

    everything = settings(microphone=custom(one), screenAudio=custom(two), customAudio={"music": custom(three)})
    assert numbers(everything.voice()) == [0, 1]
    assert {name: numbers(outputs) for name, outputs in everything.tracks().items()} == {"music": [2]}
    assert settings(microphone=custom(one, enabled=False)).voice() is None
    device = {"isEnabled": True, "settings": {"deviceId": "said"}}
    assert settings(microphone=device).voice() == [microphone._output]
    muted = SoundSettings({"microphone": custom(one)}, {"microphone": {"isPublishing": False}}, subscribed)
    assert muted.voice() is None
    quiet = SoundSettings(
        {"customAudio": {"music": custom(three)}}, {"customAudio": {"music": {"isPublishing": False}}}, subscribed
    )
    assert quiet.tracks() == {}
    assert len(tracks) == 3


def test_a_microphone_without_a_device_is_silent_and_an_unknown_track_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert settings(microphone={"isEnabled": True, "settings": {}}).voice() == []
    with caplog.at_level(logging.ERROR, logger="daily"):
        assert settings(microphone={"isEnabled": True, "settings": {"customTrack": {"id": "nope"}}}).voice() == []
    assert [record.message for record in caplog.records] == ["Can't find custom microphone track: nope"]


def test_a_track_goes_on_when_its_program_has_forgotten_it() -> None:
    source = CustomAudioSource(16000, 1)
    inputs = {"isEnabled": True, "settings": {"customTrack": {"id": CustomAudioTrack(source).id}}}
    assert settings(microphone=inputs).voice() == [source._output]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ParseLength { len: 0 }"),
        ("123", "ParseLength { len: 3 }"),
        ("nobody", "ParseChar { character: 'n', index: 0 }"),
        ("11111111-2222-4333-8444-55555555555é", "ParseChar { character: 'é', index: 35 }"),
        ("1-2-3", "ParseGroupCount { count: 3 }"),
        ("1-2-3-4-5", "ParseGroupLength { group: 0, len: 1, index: 1 }"),
        ("11111111-2222-4333-8444-5555555555555", "ParseGroupLength { group: 4, len: 13, index: 25 }"),
    ],
)
def test_a_text_that_is_no_participant_id_is_told_in_the_words_of_daily_python(text: str, why: str) -> None:
    assert unparsable(text) == f"Error({why})"
    assert unparsable(str(uuid4())) is None
