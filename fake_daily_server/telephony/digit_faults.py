"""Faults on the digits that Daily sends for clients, by name: which digit they take, and what becomes of it."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from simulator.fault_count import FaultList
from simulator.timeline import Timeline
from simulator.validation_errors import KnownFieldsModel

DigitFaultName = Literal["sent-digit-lost", "sent-digit-doubled", "sent-digit-other-method"]


class DigitFault(KnownFieldsModel):
    """A fault on digits that are sent to far ends, such as `{fault: sent-digit-lost, nth: 2}`."""

    fault: DigitFaultName
    """What becomes of the digit: the far end never gets it, gets it twice, or by the other method.

    The other method of SIP INFO is telephone-event where the far end has negotiated it, and else none.
    """
    nth: Annotated[int, Field(ge=1)] = 1
    """Number of the first digit that it takes, counted over all calls from when the fault was set."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many digits it takes, from that one on."""
    share: Annotated[float, Field(gt=0, le=1)] = 1
    """The share of these that it takes at random, by `seed`."""
    seed: int | str = 0
    """The seed of all random decisions."""


class SentDigits(NamedTuple):
    """Digits that are sent in one go, by the wanted method or by the other one."""

    digits: str
    by_other_method: bool


class DigitFaults(FaultList[DigitFault]):
    """The faults that are set, and how many digits each has seen."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline

    def apply(self, digits: str, session_id: str) -> list[SentDigits]:
        """What is sent in place of these digits of a session; the timeline records each digit that a fault takes."""
        sent: list[SentDigits] = []
        for digit in digits:
            name = self._take(digit, session_id)
            copies = {"sent-digit-lost": "", "sent-digit-doubled": 2 * digit}.get(name or "", digit)
            by_other = name == "sent-digit-other-method"
            if sent and sent[-1].by_other_method == by_other:
                sent[-1] = SentDigits(sent[-1].digits + copies, by_other)
            else:
                sent.append(SentDigits(copies, by_other))
        return [each for each in sent if each.digits]

    def _take(self, digit: str, session_id: str) -> DigitFaultName | None:
        """Count a digit; return the fault that takes it, the oldest first."""
        taken: DigitFaultName | None = None
        for fault, count in self._faults:
            number = count.take()
            if taken is None and number is not None:
                taken = fault.fault
                self._timeline.append("digit", did=taken, sent=digit, number=number, session_id=session_id)
        return taken
