"""Draws a spectrogram: time to the right, frequency upwards, level as colour, with labelled axes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.audio.png import Pixels, png
from simulator.audio.samples import RATE, Signal, Sound, as_signal

HEIGHT = 256
"""Height of the plot in pixels, from 0 Hz to half the sampling rate."""
WIDTH = 900
LOUDEST_DBFS = -10.0
QUIETEST_DBFS = -80.0
_LEFT_MARGIN, _BOTTOM_MARGIN, _MARGIN = 36, 18, 8
_WINDOW = 512
"""Length of the FFT window, in samples."""
_SHADES = 250
_WHITE, _BLACK, _GRID = 250, 251, 252

_STOPS = np.array([[0, 0, 4], [66, 10, 104], [147, 38, 103], [221, 81, 58], [252, 165, 10], [252, 255, 164]], float)
"""Colours (red, green, blue) from quiet to loud, as in matplotlib's colormap inferno."""

_GLYPHS = {
    "0": "75557",
    "1": "26227",
    "2": "71747",
    "3": "71717",
    "4": "55711",
    "5": "74717",
    "6": "74757",
    "7": "71122",
    "8": "75757",
    "9": "75717",
    ".": "00002",
    "s": "07637",
    "k": "45655",
}
"""Bitmaps of characters, 3 by 5 pixels: five rows, each an octal digit."""
_GLYPH_SCALE = 2


def spectrogram(sound: Sound, rate: int = RATE) -> bytes:
    """The spectrogram of the whole sound as a PNG file; each column shows the maximum of the time that it covers."""
    signal = as_signal(sound)
    levels = _levels(signal)
    columns = _fitted(levels)
    colour = (columns - QUIETEST_DBFS) / (LOUDEST_DBFS - QUIETEST_DBFS) * (_SHADES - 1)
    canvas = np.full((HEIGHT + _MARGIN + _BOTTOM_MARGIN, WIDTH + _LEFT_MARGIN + _MARGIN), _WHITE, np.uint8)
    inside = canvas[_MARGIN : _MARGIN + HEIGHT, _LEFT_MARGIN : _LEFT_MARGIN + WIDTH]
    inside[:] = np.clip(colour, 0, _SHADES - 1).astype(np.uint8)
    _mark_frequencies(canvas, inside, rate)
    _mark_times(canvas, inside, max(len(signal) / rate, 1e-3))
    return png(canvas, _palette())


def _levels(signal: Signal) -> Signal:
    """Levels in dBFS, shape (frequencies, time frames), highest frequency first."""
    padded = np.concatenate([signal, np.zeros(max(0, _WINDOW - len(signal)))])
    hop = max(_WINDOW // 4, len(padded) // (8 * WIDTH))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::hop]
    shape = np.hanning(_WINDOW)
    magnitude = np.abs(np.fft.rfft(windows * shape, axis=1))[:, 1:] * 2 / shape.sum()
    return np.asarray(20 * np.log10(np.maximum(magnitude, 1e-5)).T[::-1], np.float64)


def _fitted(levels: Signal) -> Signal:
    """Fit the levels to `WIDTH` columns, by repeating columns or taking the maximum of several."""
    columns = levels.shape[1]
    if columns <= WIDTH:
        return levels[:, np.arange(WIDTH) * columns // WIDTH]
    return np.maximum.reduceat(levels, np.arange(WIDTH) * columns // WIDTH, axis=1)


def _mark_frequencies(canvas: Pixels, inside: Pixels, rate: int) -> None:
    top_khz = rate / 2000
    step = max(1, round(top_khz / 8))
    for khz in range(0, int(top_khz) + 1, step):
        row = min(HEIGHT - 1, round(HEIGHT * (1 - khz / top_khz)))
        inside[row, ::6] = _GRID
        _write(canvas, f"{khz}k", right=_LEFT_MARGIN - 4, top=min(_MARGIN + row, _MARGIN + HEIGHT - 6) - 4)


def _mark_times(canvas: Pixels, inside: Pixels, seconds: float) -> None:
    step = next((step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300) if seconds / step <= 12), 600)
    for number in range(int(seconds / step) + 1):
        at = number * step
        column = min(WIDTH - 1, round(WIDTH * at / seconds))
        inside[::6, column] = _GRID
        _write(canvas, f"{at:g}s", right=_LEFT_MARGIN + column + 8, top=_MARGIN + HEIGHT + 5)


def _write(canvas: Pixels, text: str, *, right: int, top: int) -> None:
    """Write text with its right edge at `right`, cropped to the picture."""
    advance = 4 * _GLYPH_SCALE
    left = min(right, canvas.shape[1] - 1) - advance * len(text)
    for place, character in enumerate(text):
        dots = np.array([[int(row) >> bit & 1 for bit in (2, 1, 0)] for row in _GLYPHS[character]], bool)
        big = np.kron(dots, np.ones((_GLYPH_SCALE, _GLYPH_SCALE), bool)).astype(bool)
        x = max(0, left) + place * advance
        area = canvas[top : top + big.shape[0], x : x + big.shape[1]]
        area[big[: area.shape[0], : area.shape[1]]] = _BLACK


def _palette() -> npt.NDArray[np.uint8]:
    places = np.linspace(0, len(_STOPS) - 1, _SHADES)
    ramp = np.stack([np.interp(places, np.arange(len(_STOPS)), channel) for channel in _STOPS.T], axis=1)
    return np.concatenate([ramp, [[255, 255, 255], [40, 40, 40], [110, 110, 130]]]).round().astype(np.uint8)
