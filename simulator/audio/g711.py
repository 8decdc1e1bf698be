"""G.711 companding (ITU-T G.711): converts 16-bit samples to RTP payloads and back."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from simulator.audio.resampling import resampled
from simulator.audio.samples import Pcm, Sound, as_pcm

Law = Literal["PCMU", "PCMA"]
RATE = 8000
"""Sampling rate of G.711, in samples per second."""

_MU_BIAS = 0x84
_MU_CLIP = 32635


def _mu_values() -> npt.NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _MU_BIAS) << ((code & 0x70) >> 4)) - _MU_BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _a_values() -> npt.NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment, low = (code & 0x70) >> 4, (code & 0x0F) << 4
    magnitude = np.where(segment == 0, low + 8, (low + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


_VALUES = {"PCMU": _mu_values(), "PCMA": _a_values()}


def decode(payload: bytes, law: Law) -> Pcm:
    """Decode an RTP payload to samples at 8 kHz."""
    return _VALUES[law][np.frombuffer(payload, np.uint8)]


def encode(sound: Sound, law: Law) -> bytes:
    """Encode samples at 8 kHz as an RTP payload."""
    samples = as_pcm(sound).astype(np.int32)
    return (_mu_codes(samples) if law == "PCMU" else _a_codes(samples)).astype(np.uint8).tobytes()


def _mu_codes(samples: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    magnitude = np.minimum(np.abs(samples), _MU_CLIP) + _MU_BIAS
    segment = _highest_bit(magnitude) - 7
    code = (segment << 4) | ((magnitude >> (segment + 3)) & 0x0F)
    return np.asarray(~(np.where(samples < 0, 0x80, 0) | code) & 0xFF, np.int32)


def _a_codes(samples: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    magnitude = np.where(samples >= 0, samples, -samples - 1)
    segment = np.maximum(_highest_bit(np.maximum(magnitude, 1)) - 7, 0)
    shift = np.where(segment > 0, segment + 3, 4)
    code = (segment << 4) | ((magnitude >> shift) & 0x0F)
    return np.asarray((np.where(samples >= 0, 0x80, 0) | code) ^ 0x55, np.int32)


def _highest_bit(values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    return (np.frexp(values.astype(np.float64))[1] - 1).astype(np.int32)


def through_g711(sound: Sound, rate: int, law: Law = "PCMU") -> Pcm:
    """Pass a sound through G.711: resample to 8 kHz, compand, expand, and resample to `rate`."""
    narrow = as_pcm(resampled(sound, rate, RATE))
    return as_pcm(resampled(decode(encode(narrow, law), law), RATE, rate))[: len(sound)]
