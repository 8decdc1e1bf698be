"""The digits received in a call as telephone-events or SIP INFO, and the number of them that waits have matched."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.dtmf import DigitMethod


@dataclass(frozen=True, slots=True)
class HeardDigit:
    """A digit received from the peer."""

    digit: str
    method: DigitMethod
    duration_ms: int

    def __str__(self) -> str:
        return f"{self.digit} ({self.method}, {self.duration_ms} ms)"


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
        heard = self.heard[start : start + len(digits)]
        text = "".join(each.digit for each in heard)
        if not digits.startswith(text) or any(method and each.method != method for each in heard):
            return False
        return True if text == digits else None

    def describe(self, start: int) -> str:
        """The digits from index `start` on as text, with method and duration."""
        return " ".join(map(str, self.heard[start:]))
