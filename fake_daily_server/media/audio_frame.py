"""The audio frame that all legs of a room use: 20 ms of 16-bit mono PCM at 16 kHz."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Frame: TypeAlias = npt.NDArray[np.int16]
    """A contiguous array of FRAME_SAMPLES int16 samples."""

SAMPLE_RATE = 16_000
"""Samples per second."""
FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
FRAME_BYTES = 2 * FRAME_SAMPLES
