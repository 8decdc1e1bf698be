"""Behaviour of the media classes, tested on the stand-in and on daily-python 0.36 itself."""

from __future__ import annotations

import importlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

TESTED_MODULE = "DAILY_SIM_TESTED_MODULE"
"""Environment variable with the name of the module under test; the stand-in if it is not set."""


@pytest.fixture(scope="module")
def module() -> ModuleType:
    found = importlib.import_module(os.environ.get(TESTED_MODULE, "fake_daily_server.clients.python.daily"))
    found.Daily.init()  # a second call ends a process with daily-python in it
    return found


@pytest.mark.interop("daily")
@pytest.mark.skipif(TESTED_MODULE in os.environ, reason="the inner run")
def test_daily_python_passes_these_tests_too() -> None:
    """Run this file in a separate process, which daily-python may end."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    ran = subprocess.run(
        command, env={**os.environ, TESTED_MODULE: "daily"}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture(autouse=True)
def no_speaker_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    if TESTED_MODULE not in os.environ:
        from fake_daily_server.clients.python.daily._audio import speaker

        monkeypatch.setattr(speaker._Selection, "playout", None)
        monkeypatch.setattr(speaker._Selection, "device", None)


def create_objects(module: ModuleType) -> dict[str, Any]:
    source = module.CustomAudioSource(24000, 2)
    video = module.CustomVideoSource(7, 5, "I420")
    return {
        "source": source,
        "track": module.CustomAudioTrack(source),
        "video": video,
        "video_track": module.CustomVideoTrack(video),
        "microphone": module.Daily.create_microphone_device("device"),
        "speaker": module.Daily.create_speaker_device("device", 24000, 2, True),
        "camera": module.Daily.create_camera_device("device", 8, 8),
        "vad": module.Daily.create_native_vad(),
    }


def properties(thing: Any) -> dict[str, Any]:
    names = (name for name in dir(thing) if not name.startswith("_"))
    return {name: value for name in names if not callable(value := getattr(thing, name))}


def test_properties_return_the_constructor_arguments(module: ModuleType) -> None:
    objects = create_objects(module)
    assert properties(objects["source"]) == {"sample_rate": 24000, "channels": 2}
    assert properties(objects["video"]) == {"width": 7, "height": 5, "color_format": "I420"}
    assert properties(objects["microphone"]) == {"name": "device", "sample_rate": 16000, "channels": 1}
    assert properties(objects["speaker"]) == {"name": "device", "sample_rate": 24000, "channels": 2}
    assert properties(objects["camera"]) == {"name": "device", "width": 8, "height": 8, "color_format": "RGBA"}
    assert properties(objects["vad"]) == {"reset_period_ms": 1000, "sample_rate": 16000, "channels": 1}
    ids = [objects[name].id for name in ("track", "video_track")]
    assert [len(track_id) for track_id in ids] == [36, 36]
    assert ids[0] != module.CustomAudioTrack(objects["source"]).id


def test_attributes_are_read_only_and_classes_are_final(module: ModuleType) -> None:
    for thing in create_objects(module).values():
        for name in (*properties(thing), "something"):
            with pytest.raises(AttributeError):
                setattr(thing, name, 3)
        with pytest.raises(TypeError, match=r"^type 'daily\.\w+' is not an acceptable base type$"):
            type("Mine", (type(thing),), {})
        assert type(thing).__module__ == "daily"


@pytest.mark.parametrize(
    "name",
    ["AudioData", "VideoFrame", "NativeVad", "VirtualCameraDevice", "VirtualMicrophoneDevice", "VirtualSpeakerDevice"],
)
def test_some_classes_cannot_be_instantiated_by_programs(module: ModuleType, name: str) -> None:
    with pytest.raises(TypeError, match=rf"^cannot create 'daily\.{name}' instances$"):
        getattr(module, name)()


WRONG_ARGUMENTS: list[tuple[Callable[[ModuleType], Any], type[Exception], str]] = [
    (lambda m: m.CustomAudioSource(-1, 1), OverflowError, "number too small to fit in target type"),
    (lambda m: m.CustomAudioSource(1 << 32, 1), OverflowError, "number too large to fit in target type"),
    (lambda m: m.CustomAudioSource(8000, 256), OverflowError, "number too large to fit in target type"),
    (lambda m: m.CustomAudioSource(8000.0, 1), TypeError, "'float' object cannot be interpreted as an integer"),
    (lambda m: m.CustomAudioSource(8000, 1, "x"), TypeError, "'str' object is not an instance of 'bool'"),
    (lambda m: m.CustomAudioSource(8000, 1, None), TypeError, "'None' is not an instance of 'bool'"),
    (lambda m: m.CustomAudioTrack(1), TypeError, "'int' object is not an instance of 'CustomAudioSource'"),
    (lambda m: m.CustomVideoTrack(1), TypeError, "'int' object is not an instance of 'CustomVideoSource'"),
    (lambda m: m.CustomAudioSource(8000, 1).write_frames("x"), TypeError, "'str' object is not an instance of 'bytes'"),
    (
        lambda m: m.CustomAudioSource(8000, 1).write_frames(bytearray(2)),
        TypeError,
        "'bytearray' object is not an instance of 'bytes'",
    ),
    (
        lambda m: m.CustomAudioSource(8000, 2).write_frames(bytes(2)),
        ValueError,
        "frames bytestring should contain 16-bit samples",
    ),
    (
        lambda m: m.Daily.create_microphone_device("device").write_frames(bytes(3)),
        ValueError,
        "frames bytestring should contain 16-bit samples",
    ),
    (
        lambda m: m.Daily.create_native_vad().analyze_frames(bytes(3)),
        ValueError,
        "frames bytestring should contain 16-bit samples",
    ),
    (
        lambda m: m.Daily.create_speaker_device("device").read_frames(-1),
        OverflowError,
        "can't convert negative int to unsigned",
    ),
    (
        lambda m: m.Daily.select_speaker_device("no such speaker"),
        RuntimeError,
        "unable to select virtual speaker device",
    ),
    (
        lambda m: m.CustomVideoSource(8, 8, "GRAY8"),
        ValueError,
        "invalid color format 'GRAY8'. Valid formats: RGBA, BGRA, ARGB, ABGR, RGB, I420",
    ),
    (lambda m: m.Daily.create_camera_device("device", 8, 8, "GRAY8"), ValueError, "invalid color format 'GRAY8'"),
    (
        lambda m: m.CustomVideoSource(7, 5, "I420").write_frame(bytes(52)),
        ValueError,
        "frame size mismatch: expected 59 bytes for 7x5 I420, got 52",
    ),
    (
        lambda m: m.CustomVideoSource(8, 8).write_frame(bytes(1)),
        ValueError,
        "frame size mismatch: expected 256 bytes for 8x8 RGBA, got 1",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), WRONG_ARGUMENTS, ids=[text[:40] for _, _, text in WRONG_ARGUMENTS])
def test_invalid_arguments_are_refused(
    module: ModuleType, call: Callable[[ModuleType], Any], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind) as refused:
        call(module)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([80], id="less than 10 ms"),
        pytest.param([240], id="with a remainder"),
        pytest.param([320], id="whole units"),
        pytest.param([80, 80], id="two halves"),
        pytest.param([240, 80], id="a remainder, then the rest"),
        pytest.param([400, 80, 160], id="mixed"),
    ],
)
def test_completion_times_of_writes(module: ModuleType, frames: list[int]) -> None:
    """A completion comes when the last whole 10 ms have been played, or at once if the write leaves a remainder."""
    source = module.CustomAudioSource(16000, 1)
    completed: queue.SimpleQueue[tuple[int, float, int]] = queue.SimpleQueue()
    begun = time.monotonic()
    for count in frames:
        returned = source.write_frames(
            bytes(2 * count),
            completion=lambda done: completed.put((done, time.monotonic() - begun, threading.get_ident())),
        )
        assert returned == count
    expected = []
    written = 0
    for count in frames:
        had_remainder, written = written % 160, written + count
        at_once = (written % 160 and not had_remainder) or written < 160 or not had_remainder + count >= 160
        expected.append(0.0 if at_once else written // 160 * 0.01)
    for due, count in sorted(zip(expected, frames, strict=True), key=lambda each: each[0]):
        done, after, thread = completed.get(timeout=2)
        assert done == count
        assert after >= due - 0.002
        assert (thread == threading.get_ident()) == (due == 0)


def test_a_blocking_write_takes_as_long_as_its_audio(module: ModuleType) -> None:
    source = module.CustomAudioSource(48000, 2)
    begun = time.monotonic()
    assert source.write_frames(bytes(4 * 4800)) == 4800
    assert source.write_frames(bytes(4 * 4800)) == 4800
    assert time.monotonic() - begun >= 0.195


def test_a_blocking_write_waits_for_earlier_writes(module: ModuleType) -> None:
    source = module.CustomAudioSource(16000, 1)
    completed: queue.SimpleQueue[int] = queue.SimpleQueue()
    begun = time.monotonic()
    source.write_frames(bytes(6400), completion=completed.put)
    source.write_frames(bytes(640))
    assert time.monotonic() - begun >= 0.215
    assert completed.get(timeout=2) == 3200


def test_a_write_during_a_blocking_write_is_refused(module: ModuleType) -> None:
    source = module.CustomAudioSource(16000, 1)
    writing = threading.Thread(target=source.write_frames, args=(bytes(16000),))

    def write_too() -> None:
        while writing.is_alive():
            source.write_frames(bytes(320), completion=lambda _: None)

    writing.start()
    try:
        with pytest.raises(RuntimeError, match=r"^Already borrowed$"):
            write_too()
    finally:
        writing.join()


def test_an_empty_write_completes_at_once(module: ModuleType) -> None:
    source = module.CustomAudioSource(16000, 1)
    completed: list[int] = []
    assert source.write_frames(b"") == 0
    assert source.write_frames(b"", completion=completed.append) == 0
    assert completed == [0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_exception_in_a_completion_is_reported_and_the_next_completion_runs(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: queue.SimpleQueue[type[BaseException]] = queue.SimpleQueue()
    monkeypatch.setattr("sys.unraisablehook", lambda report: reported.put(report.exc_type))
    completed: queue.SimpleQueue[int] = queue.SimpleQueue()
    source = module.CustomAudioSource(16000, 1)
    source.write_frames(bytes(320), completion=lambda: None)
    source.write_frames(bytes(640), completion=completed.put)
    assert completed.get(timeout=2) == 320
    assert reported.get(timeout=2) is TypeError


def test_devices_outside_a_call_accept_and_return_no_frames(module: ModuleType) -> None:
    completed: list[Any] = []
    blocking = module.Daily.create_microphone_device("blocking")
    assert blocking.write_frames(bytes(640)) == 0
    assert blocking.write_frames(bytes(640), completion=completed.append) == 0
    assert completed == []
    microphone = module.Daily.create_microphone_device("other", non_blocking=True)
    assert microphone.write_frames(bytes(640), completion=completed.append) == 0
    assert completed == [0]
    completed.clear()
    speaker = module.Daily.create_speaker_device("blocking")
    assert speaker.read_frames(320) == b""
    other = module.Daily.create_speaker_device("other", non_blocking=True)
    module.Daily.select_speaker_device("other")
    assert other.read_frames(320, completion=completed.append) == b""
    assert other.read_frames(0) == b""
    assert completed == [b""]


def test_a_camera_accepts_frames_of_any_size(module: ModuleType) -> None:
    camera = module.Daily.create_camera_device("device", 8, 8)
    camera.write_frame(bytes(256))
    camera.write_frame(bytes(25))


def test_the_voice_detector_distinguishes_silence_from_a_loud_tone(module: ModuleType) -> None:
    vad = module.Daily.create_native_vad()
    assert vad.analyze_frames(bytes(320)) == 0.0
    assert vad.analyze_frames(bytes(100)) == 0.0
    assert vad.analyze_frames(b"") == 0.0
    square = (b"\x00\x20" * 16 + b"\x00\xe0" * 16) * 50
    heard = [vad.analyze_frames(square[at : at + 320]) for at in range(0, 3200, 320)]
    assert isinstance(heard[0], float)
    assert max(heard) > 0.5
