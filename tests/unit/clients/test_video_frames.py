"""Video: colour formats, messages, outputs of cameras, and renderers."""

from __future__ import annotations

import queue
import threading
from typing import Any

import numpy as np
import pytest

from fake_daily_server.clients.python.daily._threads.dispatcher import Dispatcher
from fake_daily_server.clients.python.daily._video.colors import from_i420, to_i420
from fake_daily_server.clients.python.daily._video.custom_video import CustomVideoSource, VideoFrame
from fake_daily_server.clients.python.daily._video.renderer import VideoRenderer
from fake_daily_server.clients.python.daily._video.wire import is_picture, pack_picture, parse_picture
from fake_daily_server.media.video_message import VideoMessage

FORMATS = ("RGBA", "BGRA", "ARGB", "ABGR", "RGB")
SIZES = ((8, 6), (7, 5), (1, 1))


def one_color(width: int, height: int, color_format: str, **color: int) -> bytes:
    pixel = bytes({**color, "A": 255}[channel] for channel in color_format)
    return pixel * (width * height)


@pytest.mark.parametrize("color_format", FORMATS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_colours_survive_the_conversion_to_i420_and_back(color_format: str, width: int, height: int) -> None:
    for color in ({"R": 200, "G": 40, "B": 90}, {"R": 0, "G": 0, "B": 0}, {"R": 255, "G": 255, "B": 255}):
        frame = one_color(width, height, color_format, **color)
        planes = to_i420(frame, width, height, color_format)
        assert len(planes) == width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
        back = np.frombuffer(from_i420(planes, width, height, color_format), np.uint8).astype(int)
        assert np.abs(back - np.frombuffer(frame, np.uint8)).max() <= 3


def test_luma_is_kept_pixel_by_pixel() -> None:
    gray = np.random.default_rng(1).integers(0, 256, (6, 8), np.uint8)
    frame = np.repeat(gray[:, :, None], 3, axis=2).tobytes()
    back = np.frombuffer(from_i420(to_i420(frame, 8, 6, "RGB"), 8, 6, "RGB"), np.uint8).reshape(6, 8, 3)
    assert np.abs(back[:, :, 0].astype(int) - gray).max() <= 3


def test_i420_is_not_converted() -> None:
    frame = bytes(range(59))
    assert to_i420(frame, 7, 5, "I420") == frame == from_i420(frame, 7, 5, "I420")


def test_messages_have_the_format_of_the_server() -> None:
    message = pack_picture(7, 5, bytes(range(59)))
    assert is_picture(message)
    assert VideoMessage.parse(message) == VideoMessage(None, 7, 5, bytes(range(59)))
    ann = "11111111-2222-4333-8444-555555555555"
    assert parse_picture(bytes(VideoMessage(ann, 7, 5, bytes(59)))) == (ann, 7, 5, bytes(59))


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (b"\x01\x02", "a video frame has 2 bytes but should have more than 22"),
        (b"\x09\x02" + bytes(30), "byte 0 of a binary message is 9 but should be the version 1"),
        (pack_picture(0, 5, b""), "a video frame is 0x5 but should have a width and a height"),
        (pack_picture(4, 4, bytes(7)), "a video frame of 4x4 has 7 bytes of I420 but should have 24"),
    ],
)
def test_an_invalid_message_is_refused_with_the_reason(message: bytes, error: str) -> None:
    with pytest.raises(ValueError, match=f"^{error}$"):
        VideoMessage.parse(message)


def test_a_source_passes_pictures_to_attached_listeners() -> None:
    source = CustomVideoSource(4, 2, "RGB")
    messages: list[bytes] = []
    source.write_frame(bytes(24))
    source._output.attach(messages.append)
    source.write_frame(one_color(4, 2, "RGB", R=255, G=255, B=255))
    source._output.detach(messages.append)
    source.write_frame(bytes(24))
    (message,) = messages
    assert VideoMessage.parse(message).planes[:8] == bytes([235] * 8)


class Recorder:
    """A renderer callback that keeps what it receives."""

    def __init__(self) -> None:
        self.frames: queue.SimpleQueue[VideoFrame] = queue.SimpleQueue()
        self.may_return = threading.Event()

    def __call__(self, participant_id: str, frame: VideoFrame, source: str) -> None:
        assert (participant_id, source) == ("ann", "camera")
        self.frames.put(frame)
        self.may_return.wait(10)


def picture(brightness: int) -> tuple[int, int, bytes]:
    return 4, 2, bytes([brightness] * 8 + [128] * 4)


def renderer(callback: Any, color_format: str = "RGB") -> VideoRenderer:
    return VideoRenderer(Dispatcher(), "ann", callback, "camera", color_format)


def test_a_callback_receives_pictures_in_its_format() -> None:
    callback = Recorder()
    callback.may_return.set()
    renderer(callback, "BGRA").push(*picture(235))
    frame = callback.frames.get(timeout=5)
    assert (frame.width, frame.height, frame.color_format) == (4, 2, "BGRA")
    assert frame.buffer == bytes([255] * 32)
    assert frame.timestamp_us > 0


def test_a_slow_callback_receives_the_latest_picture_next() -> None:
    callback = Recorder()
    dispatcher = Dispatcher()
    slow = VideoRenderer(dispatcher, "ann", callback, "camera", "I420")
    slow.push(*picture(1))
    assert callback.frames.get(timeout=5).buffer[0] == 1
    for brightness in (2, 3, 4):
        slow.push(*picture(brightness))
    assert dispatcher._calls.qsize() == 1, "skipped pictures are not queued"
    callback.may_return.set()
    assert callback.frames.get(timeout=5).buffer[0] == 4
    assert callback.frames.empty()


def test_a_closed_renderer_is_not_called() -> None:
    callback = Recorder()
    dispatcher = Dispatcher()
    closed = VideoRenderer(dispatcher, "ann", callback, "camera", "RGB")
    closed.close()
    closed.push(*picture(1))
    done = threading.Event()
    dispatcher.post(done.set)
    assert done.wait(5)
    assert callback.frames.empty()
