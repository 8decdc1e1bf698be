"""VideoFrame, CustomVideoSource, CustomVideoTrack and VirtualCameraDevice.

A room carries one video track of each participant, that of its camera. Frames of additional tracks
(`add_custom_video_track`) and of a shared screen are checked and discarded.
"""

from __future__ import annotations

import uuid
from weakref import WeakValueDictionary

from .._native.classes import check_instance, native_class, no_public_constructor, unsigned
from .output import VideoOutput

COLOR_FORMATS = ("RGBA", "BGRA", "ARGB", "ABGR", "RGB", "I420")

_outputs: WeakValueDictionary[str, VideoOutput] = WeakValueDictionary()
"""Outputs by track id."""
_cameras: WeakValueDictionary[str, VideoOutput] = WeakValueDictionary()
"""Outputs of cameras, by name."""


@native_class
class VideoFrame:
    """A received video frame, the argument of video renderer callbacks."""

    __slots__ = ("_buffer", "_color_format", "_height", "_timestamp_us", "_width")

    _buffer: bytes
    _width: int
    _height: int
    _timestamp_us: int
    _color_format: str

    def __new__(cls) -> VideoFrame:
        """Raise TypeError: only the library creates these."""
        raise no_public_constructor(cls)

    @property
    def buffer(self) -> bytes:
        """The pixels, in `color_format`."""
        return self._buffer

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self._width

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self._height

    @property
    def timestamp_us(self) -> int:
        """The time at which the frame was received, in microseconds of a monotonic clock."""
        return self._timestamp_us

    @property
    def color_format(self) -> str:
        """The colour format set for the renderer."""
        return self._color_format


@native_class
class CustomVideoSource:
    """A source of video frames that a program writes, for a `CustomVideoTrack`."""

    __slots__ = ("_output",)

    def __init__(self, width: int, height: int, color_format: str = "RGBA") -> None:
        check_instance(color_format, str)
        self._output = VideoOutput(unsigned(width), unsigned(height), color_format)
        if color_format not in COLOR_FORMATS:
            valid = ", ".join(COLOR_FORMATS)
            raise ValueError(f"invalid color format '{color_format}'. Valid formats: {valid}")

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self._output.width

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self._output.height

    @property
    def color_format(self) -> str:
        """The colour format: RGBA, BGRA, ARGB, ABGR, RGB or I420."""
        return self._output.color_format

    def write_frame(self, frame: bytes) -> None:
        """Send a frame. Raises ValueError if its size does not match width, height and colour format."""
        check_instance(frame, bytes)
        expected = self._output.frame_bytes
        if len(frame) != expected:
            raise ValueError(
                f"frame size mismatch: expected {expected} bytes for {self.width}x{self.height} "
                f"{self.color_format}, got {len(frame)}"
            )
        self._output.write(frame)


@native_class
class CustomVideoTrack:
    """A video source as a track: the camera of a client, or an additional track with a name."""

    __slots__ = ("_id", "_source")

    def __init__(self, video_source: CustomVideoSource) -> None:
        check_instance(video_source, CustomVideoSource)
        self._id = str(uuid.uuid4())
        self._source = video_source
        _outputs[self._id] = video_source._output

    @property
    def id(self) -> str:
        """The id of the track, for `customTrack` in the input settings."""
        return self._id


@native_class
class VirtualCameraDevice:
    """A virtual camera whose video frames a program writes."""

    __slots__ = ("_name", "_output")

    _name: str
    _output: VideoOutput

    def __new__(cls) -> VirtualCameraDevice:
        """Raise TypeError: only `Daily.create_camera_device` creates these."""
        raise no_public_constructor(cls)

    @property
    def name(self) -> str:
        """The name of the camera, for `deviceId` in the input settings."""
        return self._name

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self._output.width

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self._output.height

    @property
    def color_format(self) -> str:
        """The colour format: RGBA, BGRA, ARGB, ABGR, RGB or I420."""
        return self._output.color_format

    def write_frame(self, frame: bytes) -> None:
        """Send a frame. A frame of the wrong size is ignored without an error, as in daily-python."""
        check_instance(frame, bytes)
        if len(frame) == self._output.frame_bytes:
            self._output.write(frame)


def create_camera_device(device_name: str, width: int, height: int, color_format: str = "RGBA") -> VirtualCameraDevice:
    """Create a camera with this name. Raises ValueError for an unknown colour format."""
    check_instance(device_name, str)
    device: VirtualCameraDevice = object.__new__(VirtualCameraDevice)
    device._name = device_name
    width, height = unsigned(width), unsigned(height)
    check_color_format(color_format)
    device._output = _cameras[device_name] = VideoOutput(width, height, color_format)
    return device


def video_frame(buffer: bytes, width: int, height: int, timestamp_us: int, color_format: str) -> VideoFrame:
    """Create the argument of a renderer callback."""
    frame: VideoFrame = object.__new__(VideoFrame)
    frame._buffer, frame._width, frame._height = buffer, width, height
    frame._timestamp_us, frame._color_format = timestamp_us, color_format
    return frame


def video_track_output(track_id: str) -> VideoOutput | None:
    """The output of the track's source; None if there is no such track."""
    return _outputs.get(track_id)


def camera_output(name: str) -> VideoOutput | None:
    """The output of the camera named `name`; None if there is none."""
    return _cameras.get(name)


def check_color_format(color_format: str) -> None:
    """Raise TypeError or ValueError unless `color_format` is a known colour format."""
    check_instance(color_format, str)
    if color_format not in COLOR_FORMATS:
        raise ValueError(f"invalid color format '{color_format}'")
