"""Converts colour formats with numpy. Frames are sent as I420: ITU-R BT.601 matrix, limited range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Plane = npt.NDArray[np.int32]

_OPAQUE = 255


def to_i420(frame: bytes, width: int, height: int, color_format: str) -> bytes:
    """Convert a frame from `color_format` to I420."""
    if color_format == "I420":
        return frame
    pixels = np.frombuffer(frame, np.uint8).reshape(height, width, len(color_format)).astype(np.int32)
    red, green, blue = (pixels[:, :, color_format.index(color)] for color in "RGB")
    luma = ((66 * red + 129 * green + 25 * blue + 128) >> 8) + 16
    red, green, blue = _halved(red), _halved(green), _halved(blue)
    chroma_blue = ((-38 * red - 74 * green + 112 * blue + 128) >> 8) + 128
    chroma_red = ((112 * red - 94 * green - 18 * blue + 128) >> 8) + 128
    return b"".join(plane.astype(np.uint8).tobytes() for plane in (luma, chroma_blue, chroma_red))


def from_i420(planes: bytes, width: int, height: int, color_format: str) -> bytes:
    """Convert a frame from I420 to `color_format`."""
    if color_format == "I420":
        return planes
    size, half_width, half_height = width * height, (width + 1) // 2, (height + 1) // 2
    values = np.frombuffer(planes, np.uint8).astype(np.int32)
    luma = 298 * (values[:size].reshape(height, width) - 16) + 128
    chroma_blue, chroma_red = (
        _doubled(plane.reshape(half_height, half_width), width, height) - 128 for plane in np.split(values[size:], 2)
    )
    colors = {
        "R": luma + 409 * chroma_red,
        "G": luma - 100 * chroma_blue - 208 * chroma_red,
        "B": luma + 516 * chroma_blue,
    }
    pixels: Pixels = np.full((height, width, len(color_format)), _OPAQUE, np.uint8)
    for color, plane in colors.items():
        pixels[:, :, color_format.index(color)] = np.clip(plane >> 8, 0, 255)
    return pixels.tobytes()


def _halved(plane: Plane) -> Plane:
    """The mean of each block of 2x2 pixels; an odd last row or column is repeated."""
    height, width = plane.shape
    even = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    halved: Plane = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2] + 2) >> 2
    return halved


def _doubled(plane: Plane, width: int, height: int) -> Plane:
    doubled: Plane = np.repeat(np.repeat(plane, 2, axis=0), 2, axis=1)[:height, :width]
    return doubled
