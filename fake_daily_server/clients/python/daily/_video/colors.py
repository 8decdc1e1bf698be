"""Pictures from one colour format to another, with numpy: I420 is what travels, in the colours of ITU-R BT.601."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Plane = npt.NDArray[np.int32]

_OPAQUE = 255


def to_i420(frame: bytes, width: int, height: int, color_format: str) -> bytes:
    """A frame of the given format as I420."""
    if color_format == "I420":
        return frame
    pixels = np.frombuffer(frame, np.uint8).reshape(height, width, len(color_format)).astype(np.int32)
    red, green, blue = (pixels[:, :, color_format.index(color)] for color in "RGB")
    bright = ((66 * red + 129 * green + 25 * blue + 128) >> 8) + 16
    red, green, blue = _halved(red), _halved(green), _halved(blue)
    bluish = ((-38 * red - 74 * green + 112 * blue + 128) >> 8) + 128
    reddish = ((112 * red - 94 * green - 18 * blue + 128) >> 8) + 128
    return b"".join(plane.astype(np.uint8).tobytes() for plane in (bright, bluish, reddish))


def from_i420(planes: bytes, width: int, height: int, color_format: str) -> bytes:
    """I420 as a frame of the given format."""
    if color_format == "I420":
        return planes
    size, half_width, half_height = width * height, (width + 1) // 2, (height + 1) // 2
    values = np.frombuffer(planes, np.uint8).astype(np.int32)
    bright = 298 * (values[:size].reshape(height, width) - 16) + 128
    bluish, reddish = (
        _doubled(plane.reshape(half_height, half_width), width, height) - 128 for plane in np.split(values[size:], 2)
    )
    colors = {
        "R": bright + 409 * reddish,
        "G": bright - 100 * bluish - 208 * reddish,
        "B": bright + 516 * bluish,
    }
    pixels: Pixels = np.full((height, width, len(color_format)), _OPAQUE, np.uint8)
    for color, plane in colors.items():
        pixels[:, :, color_format.index(color)] = np.clip(plane >> 8, 0, 255)
    return pixels.tobytes()


def _halved(plane: Plane) -> Plane:
    """The mean of each four; a last line or column counts twice where there is no other."""
    height, width = plane.shape
    even = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    halved: Plane = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2] + 2) >> 2
    return halved


def _doubled(plane: Plane, width: int, height: int) -> Plane:
    doubled: Plane = np.repeat(np.repeat(plane, 2, axis=0), 2, axis=1)[:height, :width]
    return doubled
