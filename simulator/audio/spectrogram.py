"""A picture of sound: time to the right, frequency upwards, loudness as colour, with marks each second and kHz."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.audio.png import Pixels, png
from simulator.audio.samples import RATE, Signal, Sound, as_signal

HEIGHT = 256
"""Pixels from 0 Hz to half of the rate."""
WIDTH = 900
LOUDEST_DBFS = -10.0
QUIETEST_DBFS = -80.0
_MARGIN_LEFT, _MARGIN_BELOW, _MARGIN = 36, 18, 8
_WINDOW = 512
_COLOURS = 250
_PAPER, _INK, _GRID = 250, 251, 252

_STOPS = np.array([[0, 0, 4], [66, 10, 104], [147, 38, 103], [221, 81, 58], [252, 165, 10], [252, 255, 164]], float)
"""Dark to bright, as in matplotlib's inferno."""

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
"""Five rows of three dots each, a row an octal digit."""
_GLYPH_SCALE = 2


def spectrogram(sound: Sound, rate: int = RATE) -> bytes:
    """A PNG file of it. The whole is drawn, however long; a column shows the loudest of what it stands for."""
    signal = as_signal(sound)
    levels = _levels(signal)
    field = _fitted(levels)
    colour = (field - QUIETEST_DBFS) / (LOUDEST_DBFS - QUIETEST_DBFS) * (_COLOURS - 1)
    canvas = np.full((HEIGHT + _MARGIN + _MARGIN_BELOW, WIDTH + _MARGIN_LEFT + _MARGIN), _PAPER, np.uint8)
    inside = canvas[_MARGIN : _MARGIN + HEIGHT, _MARGIN_LEFT : _MARGIN_LEFT + WIDTH]
    inside[:] = np.clip(colour, 0, _COLOURS - 1).astype(np.uint8)
    _mark_frequencies(canvas, inside, rate)
    _mark_times(canvas, inside, max(len(signal) / rate, 1e-3))
    return png(canvas, _palette())


def _levels(signal: Signal) -> Signal:
    """dBFS, a row for each frequency from high to low, a column for each moment."""
    padded = np.concatenate([signal, np.zeros(max(0, _WINDOW - len(signal)))])
    hop = max(_WINDOW // 4, len(padded) // (8 * WIDTH))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::hop]
    shape = np.hanning(_WINDOW)
    magnitude = np.abs(np.fft.rfft(windows * shape, axis=1))[:, 1:] * 2 / shape.sum()
    return np.asarray(20 * np.log10(np.maximum(magnitude, 1e-5)).T[::-1], np.float64)


def _fitted(levels: Signal) -> Signal:
    """The same with `HEIGHT` rows and `WIDTH` columns."""
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
        _write(canvas, f"{khz}k", right=_MARGIN_LEFT - 4, top=min(_MARGIN + row, _MARGIN + HEIGHT - 6) - 4)


def _mark_times(canvas: Pixels, inside: Pixels, seconds: float) -> None:
    step = next((step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300) if seconds / step <= 12), 600)
    for number in range(int(seconds / step) + 1):
        at = number * step
        column = min(WIDTH - 1, round(WIDTH * at / seconds))
        inside[::6, column] = _GRID
        _write(canvas, f"{at:g}s", right=_MARGIN_LEFT + column + 8, top=_MARGIN + HEIGHT + 5)


def _write(canvas: Pixels, text: str, *, right: int, top: int) -> None:
    """Put text on the picture, its right edge there, as far as it is inside."""
    advance = 4 * _GLYPH_SCALE
    left = min(right, canvas.shape[1] - 1) - advance * len(text)
    for place, character in enumerate(text):
        dots = np.array([[int(row) >> bit & 1 for bit in (2, 1, 0)] for row in _GLYPHS[character]], bool)
        big = np.kron(dots, np.ones((_GLYPH_SCALE, _GLYPH_SCALE), bool)).astype(bool)
        x = max(0, left) + place * advance
        area = canvas[top : top + big.shape[0], x : x + big.shape[1]]
        area[big[: area.shape[0], : area.shape[1]]] = _INK


def _palette() -> npt.NDArray[np.uint8]:
    places = np.linspace(0, len(_STOPS) - 1, _COLOURS)
    ramp = np.stack([np.interp(places, np.arange(len(_STOPS)), channel) for channel in _STOPS.T], axis=1)
    return np.concatenate([ramp, [[255, 255, 255], [40, 40, 40], [110, 110, 130]]]).round().astype(np.uint8)
