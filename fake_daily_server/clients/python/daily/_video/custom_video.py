"""VideoFrame, CustomVideoSource, CustomVideoTrack and VirtualCameraDevice of the module `daily`.

A room has one video of each participant: what the camera shows is seen by others, while pictures of additional tracks
(`add_custom_video_track`) and of a shared screen are checked and taken, and go nowhere.
"""

from __future__ import annotations

import uuid
from weakref import WeakValueDictionary

from .._native.classes import instance, native_class, not_made_by_users, unsigned
from .output import VideoOutput

COLOR_FORMATS = ("RGBA", "BGRA", "ARGB", "ABGR", "RGB", "I420")

_outputs: WeakValueDictionary[str, VideoOutput] = WeakValueDictionary()
"""By the ids of tracks."""
_cameras: WeakValueDictionary[str, VideoOutput] = WeakValueDictionary()
"""By their names."""


@native_class
class VideoFrame:
    """A received picture, as a video renderer gets it."""

    __slots__ = ("_buffer", "_color_format", "_height", "_timestamp_us", "_width")

    _buffer: bytes
    _width: int
    _height: int
    _timestamp_us: int
    _color_format: str

    def __new__(cls) -> VideoFrame:
        """Only the library makes these."""
        raise not_made_by_users(cls)

    @property
    def buffer(self) -> bytes:
        """The pixels."""
        return self._buffer

    @property
    def width(self) -> int:
        """In pixels."""
        return self._width

    @property
    def height(self) -> int:
        """In pixels."""
        return self._height

    @property
    def timestamp_us(self) -> int:
        """When it was received, in microseconds."""
        return self._timestamp_us

    @property
    def color_format(self) -> str:
        """The format that the renderer asked for."""
        return self._color_format


@native_class
class CustomVideoSource:
    """Where a program writes the pictures of a custom video track."""

    __slots__ = ("_output",)

    def __init__(self, width: int, height: int, color_format: str = "RGBA") -> None:
        instance(color_format, str)
        self._output = VideoOutput(unsigned(width), unsigned(height), color_format)
        if color_format not in COLOR_FORMATS:
            valid = ", ".join(COLOR_FORMATS)
            raise ValueError(f"invalid color format '{color_format}'. Valid formats: {valid}")

    @property
    def width(self) -> int:
        """In pixels."""
        return self._output.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self._output.height

    @property
    def color_format(self) -> str:
        """One of RGBA, BGRA, ARGB, ABGR, RGB, I420."""
        return self._output.color_format

    def write_frame(self, frame: bytes) -> None:
        """Show this picture. Raises ValueError when it has not the size of one."""
        instance(frame, bytes)
        expected = self._output.frame_bytes
        if len(frame) != expected:
            raise ValueError(
                f"frame size mismatch: expected {expected} bytes for {self.width}x{self.height} "
                f"{self.color_format}, got {len(frame)}"
            )
        self._output.write(frame)


@native_class
class CustomVideoTrack:
    """A source as a track: for a client's camera, or as an additional track with a name."""

    __slots__ = ("_id", "_source")

    def __init__(self, video_source: CustomVideoSource) -> None:
        instance(video_source, CustomVideoSource)
        self._id = str(uuid.uuid4())
        self._source = video_source
        _outputs[self._id] = video_source._output

    @property
    def id(self) -> str:
        """What `customTrack` in the input settings names."""
        return self._id


@native_class
class VirtualCameraDevice:
    """A camera that a program shows pictures to."""

    __slots__ = ("_name", "_output")

    _name: str
    _output: VideoOutput

    def __new__(cls) -> VirtualCameraDevice:
        """Only `Daily.create_camera_device` makes these."""
        raise not_made_by_users(cls)

    @property
    def name(self) -> str:
        """What `deviceId` in the input settings names."""
        return self._name

    @property
    def width(self) -> int:
        """In pixels."""
        return self._output.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self._output.height

    @property
    def color_format(self) -> str:
        """One of RGBA, BGRA, ARGB, ABGR, RGB, I420."""
        return self._output.color_format

    def write_frame(self, frame: bytes) -> None:
        """Show this picture. One that has not the right size is not shown; as with daily-python, nothing is said."""
        instance(frame, bytes)
        if len(frame) == self._output.frame_bytes:
            self._output.write(frame)


def create_camera_device(device_name: str, width: int, height: int, color_format: str = "RGBA") -> VirtualCameraDevice:
    """A camera with this name. Raises ValueError for a colour format that does not exist."""
    instance(device_name, str)
    device: VirtualCameraDevice = object.__new__(VirtualCameraDevice)
    device._name = device_name
    width, height = unsigned(width), unsigned(height)
    check_color_format(color_format)
    device._output = _cameras[device_name] = VideoOutput(width, height, color_format)
    return device


def video_frame(buffer: bytes, width: int, height: int, timestamp_us: int, color_format: str) -> VideoFrame:
    """A picture for a renderer."""
    frame: VideoFrame = object.__new__(VideoFrame)
    frame._buffer, frame._width, frame._height = buffer, width, height
    frame._timestamp_us, frame._color_format = timestamp_us, color_format
    return frame


def output_of_video_track(track_id: str) -> VideoOutput | None:
    """What the source of a track writes to; None when there is no such track."""
    return _outputs.get(track_id)


def output_of_camera(name: str) -> VideoOutput | None:
    """What writes to this camera go to; None when there is no such device."""
    return _cameras.get(name)


def check_color_format(color_format: str) -> None:
    """Raises TypeError and ValueError unless it is one."""
    instance(color_format, str)
    if color_format not in COLOR_FORMATS:
        raise ValueError(f"invalid color format '{color_format}'")
