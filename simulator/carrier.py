"""The carrier's refusals of calls to a number."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.errors import RouteError


@dataclass(frozen=True, slots=True)
class Outage:
    """The final response with which the carrier refuses calls to a number."""

    status: int
    reason: str


class RefusedByCarrier(RouteError):
    """The carrier refuses calls to this number, because of `Network.refuse`."""

    def __init__(self, target: str, outage: Outage) -> None:
        self.status, self.reason = outage.status, outage.reason
        super().__init__(target, "the carrier refuses calls to it")
