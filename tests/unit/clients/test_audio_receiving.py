"""Received audio: from the room's frames to renderers and the speaker, with times set by the tests."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pytest

from fake_daily_server.clients.python.daily._audio import speaker
from fake_daily_server.clients.python.daily._audio.custom_audio import AudioData, CustomAudioSource, CustomAudioTrack
from fake_daily_server.clients.python.daily._audio.microphone import create_microphone_device
from fake_daily_server.clients.python.daily._audio.playout import Playout
from fake_daily_server.clients.python.daily._audio.receiver import AudioReceiver
from fake_daily_server.clients.python.daily._audio.renderer import AudioRenderer
from fake_daily_server.clients.python.daily._audio.renderer_stream import RendererStream
from fake_daily_server.clients.python.daily._media.media_settings import MediaSettings
from fake_daily_server.clients.python.daily._native.participant_ids import uuid_error
from fake_daily_server.clients.python.daily._threads.dispatcher import Dispatcher
from fake_daily_server.media.audio_message import MIX_HEADER, AudioMessage

FRAME = np.arange(1, 321, dtype=np.int16)


def numbered(frame: int) -> npt.NDArray[np.int16]:
    return np.full(320, frame, np.int16)


@pytest.mark.parametrize("interval_ms", [10, 20, 30, 100])
def test_intervals_are_exact_at_any_length(interval_ms: int) -> None:
    stream = RendererStream(16000, interval_ms, now=0.0)
    intervals = [chunk for frame in range(60) for chunk in stream.push(numbered(frame).tobytes())]
    assert {len(chunk) for chunk in intervals} == {32 * interval_ms}
    assert len(intervals) == 1200 // interval_ms
    assert b"".join(intervals) == b"".join(numbered(frame).tobytes() for frame in range(60))


@pytest.mark.parametrize("rate", [8000, 24000, 44100, 48000])
def test_intervals_are_exact_at_any_rate(rate: int) -> None:
    stream = RendererStream(rate, 20, now=0.0)
    counts = [[len(chunk) for chunk in stream.push(FRAME.tobytes())] for _ in range(50)]
    assert counts == [[2 * rate // 50]] * 50


def test_a_missing_frame_is_replaced_by_silence_when_it_is_overdue() -> None:
    stream = RendererStream(16000, 20, now=0.0)
    assert len(list(stream.push(FRAME.tobytes()))) == 1
    assert list(stream.fill_silence(0.1)) == [], "it may only be late"
    silence = [chunk for now in np.arange(0.1, 1.0, 0.02) for chunk in stream.fill_silence(float(now))]
    assert set(silence) == {bytes(640)}
    assert 40 <= len(silence) <= 44, "as many as the time allows"
    assert list(stream.push(FRAME.tobytes())) == [FRAME.tobytes()]


def test_late_frames_are_all_delivered() -> None:
    stream = RendererStream(16000, 20, now=0.0)
    assert list(stream.fill_silence(0.1)) == []
    intervals = [chunk for frame in range(5) for chunk in stream.push(numbered(frame).tobytes())]
    assert len(intervals) == 5
    assert list(stream.fill_silence(0.12)) == []


class Recorder:
    """A renderer callback that keeps what it receives."""

    def __init__(self) -> None:
        self.got: queue.SimpleQueue[tuple[str, AudioData, str, str]] = queue.SimpleQueue()
        self.may_return = threading.Event()
        self.may_return.set()

    def __call__(self, participant: str, data: AudioData, source: str) -> None:
        self.got.put((participant, data, source, threading.current_thread().name))
        self.may_return.wait(10)


def renderer(callback: Any, rate: int = 16000, interval_ms: int = 20, participant: str = "ann") -> AudioRenderer:
    renderer = AudioRenderer(Dispatcher(), participant, callback, "microphone", rate, interval_ms)
    renderer.start(now=0.0)
    return renderer


def test_a_callback_receives_participant_data_and_source_on_another_thread() -> None:
    recorder = Recorder()
    renderer(recorder, rate=8000).push(FRAME.tobytes())
    participant, data, source, thread = recorder.got.get(timeout=5)
    assert (participant, source) == ("ann", "microphone")
    assert (data.bits_per_sample, data.sample_rate, data.num_channels) == (16, 8000, 1)
    assert data.num_audio_frames == 160 == len(data.audio_frames) // 2
    assert thread != threading.current_thread().name


def test_a_slow_callback_is_logged_once_and_loses_the_oldest_audio(caplog: pytest.LogCaptureFixture) -> None:
    recorder = Recorder()
    recorder.may_return.clear()
    slow = renderer(recorder)
    slow.push(numbered(0).tobytes())
    recorder.got.get(timeout=5)
    with caplog.at_level(logging.WARNING, logger="daily"):
        for frame in range(1, 601):
            slow.push(numbered(frame).tobytes())
    (record,) = caplog.records
    assert "ann" in record.message
    recorder.may_return.set()
    heard = [recorder.got.get(timeout=5)[1].audio_frames for _ in range(500)]
    assert heard == [numbered(frame).tobytes() for frame in range(101, 601)]


def test_a_closed_renderer_is_not_called() -> None:
    recorder = Recorder()
    dispatcher = Dispatcher()
    closed = AudioRenderer(dispatcher, "ann", recorder, "microphone", 16000, 20)
    closed.start(now=0.0)
    closed.close()
    closed.push(FRAME.tobytes())
    done = threading.Event()
    dispatcher.post(done.set)
    assert done.wait(5)
    assert recorder.got.empty()


@pytest.mark.parametrize(("rate", "interval_ms"), [(16000, 15), (16000, 0), (0, 20), (16, 20)])
def test_an_interval_that_daily_python_never_reaches_is_detected(rate: int, interval_ms: int) -> None:
    assert AudioRenderer(Dispatcher(), "ann", print, "microphone", rate, interval_ms).never_called


def person(*, state: str = "playable", local: bool = False) -> dict[str, Any]:
    return {"local": local, "tracks": {"audio": {"state": state}, "screenAudio": {"state": "off"}}}


def subscribed(_participant: str, _source: str) -> str:
    return "subscribed"


def test_a_renderer_is_active_while_its_track_is_playable_and_subscribed() -> None:
    receiver = AudioReceiver()
    waiting = AudioRenderer(Dispatcher(), "ann", print, "microphone", 16000, 20)
    receiver.add(waiting)
    for participants, subscription, begins in (
        ({}, subscribed, False),
        ({"ann": person(state="off")}, subscribed, False),
        ({"ann": person(local=True)}, subscribed, False),
        ({"ann": person()}, lambda participant, source: "unsubscribed", False),
        ({"ann": person()}, subscribed, True),
        ({"ann": person(state="off")}, subscribed, False),
    ):
        receiver.update(participants, subscription)
        assert (waiting.stream is not None) == begins == receiver.active


def test_a_second_renderer_of_a_participant_replaces_the_first() -> None:
    ann = str(uuid4())
    first, second = Recorder(), Recorder()
    first.may_return.clear()
    receiver, dispatcher = AudioReceiver(), Dispatcher()
    for callback in (first, second):
        receiver.add(AudioRenderer(dispatcher, ann, callback, "microphone", 16000, 20))
        receiver.update({ann: person()}, subscribed)
        for _ in range(2):
            receiver.receive(bytes(AudioMessage(ann, FRAME.tobytes())))
        if callback is first:
            first.got.get(timeout=5)
    first.may_return.set()
    assert second.got.get(timeout=5)[1].audio_frames == FRAME.tobytes()
    assert first.got.empty(), "audio that waited for the first renderer is dropped"


def test_a_custom_track_has_its_own_renderer() -> None:
    ann, music = str(uuid4()), str(uuid4())
    recorders = {"microphone": Recorder(), "music": Recorder()}
    receiver = AudioReceiver()
    for source, callback in recorders.items():
        receiver.add(AudioRenderer(Dispatcher(), ann, callback, source, 16000, 20))
    tracks = {**person()["tracks"], "music": {"state": "playable", "id": music}}
    receiver.update({ann: {"local": False, "tracks": tracks}}, subscribed)
    receiver.receive(bytes(AudioMessage(music, numbered(7).tobytes())))
    participant, data, source, _ = recorders["music"].got.get(timeout=5)
    assert (participant, source, data.audio_frames) == (ann, "music", numbered(7).tobytes())
    assert recorders["microphone"].got.empty()


def test_other_messages_are_ignored() -> None:
    receiver = AudioReceiver()
    for message in (b"", b"\x02", MIX_HEADER + bytes(640), b"\x01\x07" + bytes(656)):
        receiver.receive(message)


def test_the_speaker_mixes_all_participants_after_buffering_some_frames() -> None:
    playout = Playout()
    playout.set_participants("me", ["ann", "ben"])
    assert playout.has_participants
    for frame in (1, 2, 3):
        playout.push("me", "ann", numbered(frame).tobytes())
        playout.push("me", "ben", numbered(10 * frame).tobytes())
        playout.push("me", "nobody", numbered(1000).tobytes())
    assert [int(playout.next_frame()[0]) for _ in range(4)] == [11, 22, 33, 0]
    playout.push("me", "ann", numbered(4).tobytes())
    assert not playout.next_frame().any(), "it waits until enough frames are buffered again"
    playout.set_participants("me", [])
    assert not playout.has_participants


def test_two_clients_of_a_process_share_the_speaker() -> None:
    playout = Playout()
    playout.set_participants("one", ["ann"])
    playout.set_participants("two", ["ben"])
    playout.set_participants("one", [])
    assert playout.has_participants
    for _ in range(3):
        playout.push("two", "ben", np.full(320, 30000, np.int16).tobytes())
    assert playout.next_frame().max() == 30000


def test_a_speaker_that_is_not_read_keeps_the_latest_frames() -> None:
    playout = Playout()
    playout.set_participants("me", ["ann"])
    for frame in range(100):
        playout.push("me", "ann", numbered(frame).tobytes())
    assert int(playout.next_frame()[0]) == 90


@pytest.fixture(autouse=True)
def no_speaker_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaker._Selection, "playout", None)
    monkeypatch.setattr(speaker._Selection, "device", None)


@pytest.fixture
def selected_speaker() -> Any:
    device = speaker.create_speaker_device("loud", 24000, 2)
    speaker.select_speaker_device("loud")
    return device


def test_reading_the_selected_speaker_returns_the_mix(selected_speaker: Any) -> None:
    playout = speaker.selected_playout()
    assert playout is not None
    assert selected_speaker.read_frames(480) == b"", "no participant can be heard"
    playout.set_participants("me", ["ann"])
    for _ in range(5):
        playout.push("me", "ann", numbered(1000).tobytes())
    samples = np.frombuffer(selected_speaker.read_frames(1440), "<i2").reshape(-1, 2)
    assert samples.shape == (1440, 2)
    assert (samples[:, 0] == samples[:, 1]).all()
    assert abs(int(samples[-1, 0]) - 1000) <= 2


def test_a_non_blocking_speaker_returns_frames_through_its_completion(
    monkeypatch: pytest.MonkeyPatch, selected_speaker: Any
) -> None:
    device = speaker.create_speaker_device("later", non_blocking=True)
    speaker.select_speaker_device("later")
    playout = speaker.selected_playout()
    assert playout is not None
    playout.set_participants("me", ["ann"])
    read: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    assert device.read_frames(160, completion=read.put) == b""
    assert len(read.get(timeout=5)) == 320
    assert selected_speaker.read_frames(480) == b"", "another speaker is selected"


def settings(**inputs: Any) -> MediaSettings:
    return MediaSettings(inputs, {}, subscribed)


def custom(track: CustomAudioTrack, *, enabled: bool = True) -> dict[str, Any]:
    return {"isEnabled": enabled, "settings": {"customTrack": {"id": track.id}}}


def test_enabled_and_published_tracks_are_sent() -> None:
    sources = [CustomAudioSource(16000, 1) for _ in range(3)]
    one, two, three = tracks = [CustomAudioTrack(source) for source in sources]
    microphone = create_microphone_device("mic")

    def numbers(outputs: Any) -> list[int]:
        return [[source._output for source in sources].index(output) for output in outputs]

    everything = settings(microphone=custom(one), screenAudio=custom(two), customAudio={"music": custom(three)})
    assert numbers(everything.voice()) == [0, 1]
    assert {name: numbers(outputs) for name, outputs in everything.custom_tracks().items()} == {"music": [2]}
    assert settings(microphone=custom(one, enabled=False)).voice() is None
    device = {"isEnabled": True, "settings": {"deviceId": "mic"}}
    assert settings(microphone=device).voice() == [microphone._output]
    muted = MediaSettings({"microphone": custom(one)}, {"microphone": {"isPublishing": False}}, subscribed)
    assert muted.voice() is None
    quiet = MediaSettings(
        {"customAudio": {"music": custom(three)}}, {"customAudio": {"music": {"isPublishing": False}}}, subscribed
    )
    assert quiet.custom_tracks() == {}
    assert len(tracks) == 3


def test_a_microphone_without_a_device_is_silent_and_an_unknown_track_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert settings(microphone={"isEnabled": True, "settings": {}}).voice() == []
    with caplog.at_level(logging.ERROR, logger="daily"):
        assert settings(microphone={"isEnabled": True, "settings": {"customTrack": {"id": "nope"}}}).voice() == []
    assert [record.message for record in caplog.records] == ["Can't find custom microphone track: nope"]


def test_a_track_is_sent_after_the_program_has_dropped_it() -> None:
    source = CustomAudioSource(16000, 1)
    inputs = {"isEnabled": True, "settings": {"customTrack": {"id": CustomAudioTrack(source).id}}}
    assert settings(microphone=inputs).voice() == [source._output]


@pytest.mark.parametrize(
    ("text", "error"),
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
def test_an_invalid_participant_id_has_the_error_text_of_daily_python(text: str, error: str) -> None:
    assert uuid_error(text) == f"Error({error})"
    assert uuid_error(str(uuid4())) is None
