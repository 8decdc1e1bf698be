"""VideoFrame, CustomVideoSource, CustomVideoTrack and VirtualCameraDevice of the module `daily`.

Frames are checked and taken, and go nowhere: a room carries pictures over WebRTC, and the signalling, which these
clients speak, carries none.
"""

from __future__ import annotations

import uuid

from ._native import instance, native_class, not_made_by_users, unsigned

_BYTES_PER_PIXEL = {"RGBA": 4, "BGRA": 4, "ARGB": 4, "ABGR": 4, "RGB": 3}
COLOR_FORMATS = (*_BYTES_PER_PIXEL, "I420")


def frame_bytes(width: int, height: int, color_format: str) -> int:
    """How long a frame is. In I420 the two planes of colour have half the width and height, rounded up."""
    if color_format == "I420":
        return width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
    return width * height * _BYTES_PER_PIXEL[color_format]


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

    __slots__ = ("__weakref__", "_color_format", "_height", "_width")

    def __init__(self, width: int, height: int, color_format: str = "RGBA") -> None:
        self._width, self._height = unsigned(width), unsigned(height)
        instance(color_format, str)
        if color_format not in COLOR_FORMATS:
            valid = ", ".join(COLOR_FORMATS)
            raise ValueError(f"invalid color format '{color_format}'. Valid formats: {valid}")
        self._color_format = color_format

    @property
    def width(self) -> int:
        """In pixels."""
        return self._width

    @property
    def height(self) -> int:
        """In pixels."""
        return self._height

    @property
    def color_format(self) -> str:
        """One of RGBA, BGRA, ARGB, ABGR, RGB, I420."""
        return self._color_format

    def write_frame(self, frame: bytes) -> None:
        """Show this picture. Raises ValueError when it has not the size of one."""
        instance(frame, bytes)
        expected = frame_bytes(self._width, self._height, self._color_format)
        if len(frame) != expected:
            raise ValueError(
                f"frame size mismatch: expected {expected} bytes for {self._width}x{self._height} "
                f"{self._color_format}, got {len(frame)}"
            )


@native_class
class CustomVideoTrack:
    """A source as a track: for a client's camera, or as an additional track with a name."""

    __slots__ = ("__weakref__", "_id", "_source")

    def __init__(self, video_source: CustomVideoSource) -> None:
        instance(video_source, CustomVideoSource)
        self._id = str(uuid.uuid4())
        self._source = video_source

    @property
    def id(self) -> str:
        """What `customTrack` in the input settings names."""
        return self._id


@native_class
class VirtualCameraDevice:
    """A camera that a program shows pictures to."""

    __slots__ = ("__weakref__", "_color_format", "_height", "_name", "_width")

    _name: str
    _width: int
    _height: int
    _color_format: str

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
        return self._width

    @property
    def height(self) -> int:
        """In pixels."""
        return self._height

    @property
    def color_format(self) -> str:
        """One of RGBA, BGRA, ARGB, ABGR, RGB, I420."""
        return self._color_format

    def write_frame(self, frame: bytes) -> None:
        """Show this picture. As with daily-python, nothing is said of one that has not the right size."""
        instance(frame, bytes)


def create_camera_device(device_name: str, width: int, height: int, color_format: str = "RGBA") -> VirtualCameraDevice:
    """A camera with this name. Raises ValueError for a colour format that does not exist."""
    instance(device_name, str)
    device: VirtualCameraDevice = object.__new__(VirtualCameraDevice)
    device._name = device_name
    device._width, device._height = unsigned(width), unsigned(height)
    check_color_format(color_format)
    device._color_format = color_format
    return device


def check_color_format(color_format: str) -> None:
    """Raises TypeError and ValueError unless it is one."""
    instance(color_format, str)
    if color_format not in COLOR_FORMATS:
        raise ValueError(f"invalid color format '{color_format}'")
