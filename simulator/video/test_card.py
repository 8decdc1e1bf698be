"""A test picture that shows its number in black and white blocks, readable after coding and scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from av import VideoFrame

_BITS = 16
_CHECK_BITS = 4
_BLOCKS = 2 + _BITS + _CHECK_BITS
"""Blocks in the lowest eighth, from left to right: white and black as a marker, the number, its check bits."""
_BLACK, _WHITE = 16, 235
_BARS = ((235, 128, 128), (168, 44, 136), (145, 147, 44), (133, 63, 52), (63, 193, 204), (51, 109, 212), (28, 212, 120))
"""Y, Cb and Cr of the colour bars."""


class TestCard:
    """Colour bars with a moving bar and a number below. Width and height are even, 64 by 48 pixels or more."""

    __test__ = False  # not a test case for pytest

    def __init__(self, width: int = 320, height: int = 240) -> None:
        self._size = width, height
        self._bars = _colour_bars(width, height)

    def picture(self, number: int) -> VideoFrame:
        """The card with this number, modulo 65,536, in the format yuv420p."""
        from av import VideoFrame  # noqa: PLC0415  # heavy

        width, height = self._size
        planes = self._bars.copy()
        luma = planes[:height]
        at = number * 4 % width
        luma[: height - height // 8, at : at + max(2, width // 40)] = _WHITE
        for block, white in enumerate(_blocks(number)):
            left, right = block * width // _BLOCKS, (block + 1) * width // _BLOCKS
            luma[height - height // 8 :, left:right] = _WHITE if white else _BLACK
        return VideoFrame.from_ndarray(planes, format="yuv420p")


def read_number(picture: VideoFrame) -> int | None:
    """The number on a test card; None if the picture is no test card."""
    gray = picture.to_ndarray(format="gray")
    height, width = gray.shape
    row = gray[height - height // 12 : height - height // 24]
    middles = [(2 * block + 1) * width // (2 * _BLOCKS) for block in range(_BLOCKS)]
    reach = max(1, width // _BLOCKS // 5)
    bits = [bool(row[:, middle - reach : middle + reach].mean() > (_BLACK + _WHITE) / 2) for middle in middles]
    number = sum(bit << place for place, bit in enumerate(reversed(bits[2 : 2 + _BITS])))
    return number if bits == _blocks(number) else None


def _blocks(number: int) -> list[bool]:
    number &= (1 << _BITS) - 1
    check = (number ^ number >> 4 ^ number >> 8 ^ number >> 12 ^ 0b1010) & 0b1111
    return [True, False, *_bits(number, _BITS), *_bits(check, _CHECK_BITS)]


def _bits(value: int, count: int) -> list[bool]:
    return [bool(value >> place & 1) for place in reversed(range(count))]


def _colour_bars(width: int, height: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    planes = np.empty((height * 3 // 2, width), np.uint8)
    bars = np.array(_BARS, np.uint8)[np.arange(width) * len(_BARS) // width]
    planes[:height] = bars[:, 0]
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    chroma[0] = bars[::2, 1]
    chroma[1] = bars[::2, 2]
    return planes
