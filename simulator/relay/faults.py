"""The faults of a line: what happens to the RTP packets of one direction of a call. `impairment` puts them into effect.

`FaultFields` is their only definition: request bodies (`/_sim/phones/…/impair`) and scenario files inherit from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from simulator.errors import ConfigurationError
from simulator.validation_errors import KnownFieldsModel, as_configuration_error

Share = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[float, Field(ge=0, le=60_000)]


class FaultFields(BaseModel):
    """Shares are from 0 to 1, times in ms; by default packets pass unchanged.

    They take effect in this order: freezing, loss, bandwidth, delay and jitter, reordering, duplication.
    """

    model_config = ConfigDict(
        frozen=True
    )  # descriptions in `Field`: to read docstrings, pydantic parses the source at import

    loss: Share = Field(0.0, description="Share of packets that are lost, on average over a long time.")
    burst: Annotated[float, Field(ge=1, le=1000)] = Field(
        1.0,
        description="Packets lost in a row, on average: 1 is independent losses, more is Gilbert's two-state model.",
    )
    delay_ms: Milliseconds = Field(0.0, description="Delay of every packet.")
    jitter_ms: Milliseconds = Field(
        0.0,
        description=(
            "Highest random delay, chosen uniformly for each packet; packets stay in order, a late one delays the next."
        ),
    )
    reordering: Share = Field(
        0.0, description="Share of packets that are delayed by `reordering_ms` so that later ones overtake them."
    )
    reordering_ms: Milliseconds = Field(30.0, description="Additional delay of a reordered packet.")
    duplication: Share = Field(0.0, description="Share of packets that arrive twice.")
    bandwidth_kbps: Annotated[float, Field(ge=1, le=1_000_000)] | None = Field(
        None,
        description="Bandwidth for IP packets, headers included; packets beyond it wait in a queue. None is unlimited.",
    )
    queue_ms: Milliseconds = Field(
        200.0, description="Longest wait for bandwidth; a packet that would wait longer is lost."
    )
    blocked: bool = Field(False, description="No packet passes. In one direction of a call that is one-way audio.")
    frozen: bool = Field(
        False, description="No packet passes until this is cleared; then all packets held back are sent at once."
    )

    @model_validator(mode="after")
    def _check_burst(self) -> FaultFields:
        if self.burst > 1 and self.burst / (1 + self.burst) < self.loss < 1:
            least = math.ceil(round(10 * self.loss / (1 - self.loss), 6)) / 10
            raise ConfigurationError("burst", self.burst, f"{least:g} or more, for a loss of {self.loss:g}")
        return self

    def as_faults(self) -> Faults:
        """The fields of `Faults` alone."""
        return Faults(**{name: getattr(self, name) for name in FaultFields.model_fields})


class Faults(FaultFields, KnownFieldsModel):
    """What happens to the packets of one direction of a call: `Faults(loss=0.2, jitter_ms=30)`.

    Shares are from 0 to 1, times in ms; by default packets pass unchanged. Raises ConfigurationError for a value that
    is out of range. They take effect in this order: freezing, loss, bandwidth, delay and jitter, reordering,
    duplication.
    """

    model_config = ConfigDict(strict=True)

    if not TYPE_CHECKING:  # type checkers take the parameters from the fields

        def __init__(self, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except ValidationError as error:
                raise as_configuration_error(error) from None

    @property
    def clean(self) -> bool:
        """Whether all packets pass unchanged."""
        return self == _CLEAN

    def __str__(self) -> str:
        changed = [
            f"{name}={getattr(self, name)}".removesuffix(".0")
            for name, field in FaultFields.model_fields.items()
            if getattr(self, name) != field.default
        ]
        return " ".join(changed) or "clean"


_CLEAN = Faults()

Direction = Literal["to_phone", "from_phone", "both"]
"""Direction of packets as seen from a phone."""


@dataclass(frozen=True, slots=True)
class PhoneImpairment:
    """The impairment of a phone's calls: faults, their direction, and the seed of all random decisions."""

    faults: Faults
    direction: Direction = "both"
    seed: int | str = 0

    def __post_init__(self) -> None:
        if self.direction not in ("to_phone", "from_phone", "both"):
            raise ConfigurationError("direction", self.direction, "to_phone, from_phone or both")
