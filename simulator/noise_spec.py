"""Noise in the background of a phone: its kind, and how far below speech it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.validation_errors import KnownFieldsModel


class NoiseSpec(KnownFieldsModel):
    """Noise in the background of a phone: `{kind: street, snr_db: 10}`."""

    kind: Literal["street", "babble", "hum", "clicks"]
    """`street` is pink noise that swells, `babble` many voices, `hum` mains of 50 Hz, `clicks` short pulses."""
    snr_db: Annotated[float, Field(ge=-20, le=60)] = 20
    """Signal-to-noise ratio in dB: how far the noise is below speech of -20 dBFS, the level of `say`."""
    seed: int = 0
    """The same seed gives the same noise."""
