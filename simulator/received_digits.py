"""The digits received in a call as telephone-events or SIP INFO, and the number of them that waits have matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from simulator.differences import MISSING, Difference
from simulator.dtmf import DigitMethod


@dataclass(frozen=True, slots=True)
class HeardDigit:
    """A digit received from the peer."""

    digit: str
    method: DigitMethod
    duration_ms: int
    """For SIP INFO within 100 to 5000 (see `simulator.dtmf.parse_info`)."""
    stated_ms: int | None = None
    """What the SIP INFO says, if that is outside these limits."""

    def __str__(self) -> str:
        stated = f", {self.stated_ms} stated" if self.stated_ms is not None else ""
        return f"{self.digit} ({self.method}, {self.duration_ms} ms{stated})"


class AnyDigit(Protocol):
    """A digit, however it was received."""

    @property
    def digit(self) -> str: ...


D = TypeVar("D", bound=AnyDigit)
Compare = Callable[[D], Iterable[Difference]]
"""What differs between the fields of a digit, except the digit itself, and what a wait expects."""


def digits_match(digits: str, heard: Sequence[D], compare: Compare[D] = lambda _: ()) -> bool | None:
    """Whether the first digits heard are `digits`; None if they are too few to decide."""
    first = heard[: len(digits)]
    if digits_missed(digits[: len(first)], first, compare):
        return False
    return True if len(first) == len(digits) else None


def digits_missed(digits: str, heard: Sequence[D], compare: Compare[D] = lambda _: ()) -> list[Difference]:
    """What differs between the digits heard and the wanted ones, digit by digit, up to the first that is missing."""
    missed: list[Difference] = []
    for number, wanted in enumerate(digits, start=1):
        name = f"digit {number}"
        if number > len(heard):
            return [*missed, Difference(name, wanted, MISSING)]
        one = heard[number - 1]
        if one.digit != wanted:
            missed.append(Difference(name, wanted, one.digit))
        missed += [Difference(f"{name} {each.field}", each.expected, each.actual) for each in compare(one)]
    return missed


def digits_text(heard: Sequence[object]) -> str:
    """The digits heard, with how each was sent, for the error of a wait."""
    return f"it heard {' '.join(map(str, heard))}" if heard else "it heard no digit"


def by_method(method: DigitMethod | None) -> Callable[[HeardDigit], list[Difference]]:
    """Compares how a digit was sent with the wanted way; None is any."""
    return lambda heard: [Difference("method", method, heard.method)] if method and heard.method != method else []


class ReceivedDigits:
    """All digits of a call, oldest first. Waits match them in order, each digit once."""

    def __init__(self) -> None:
        self.heard: list[HeardDigit] = []
        self.matched = 0
        """Number of digits in `heard` that waits have matched."""

    @property
    def text(self) -> str:
        """All digits as one string, such as `"12#"`."""
        return "".join(each.digit for each in self.heard)

    def match(self, digits: str, *, start: int, method: DigitMethod | None) -> bool | None:
        """Whether the digits from index `start` on are `digits`, sent by `method`; None if too few to decide."""
        return digits_match(digits, self.heard[start:], by_method(method))
