"""What all steps share: a frozen model that says what it does, and does it on a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.words import Model

if TYPE_CHECKING:
    from scenarios.stage import Stage


class Step(Model):
    """One step of a scenario. A kind of step is one subclass: its fields are its words, `run` is what it does."""

    @property
    def takes_at_most_s(self) -> float:
        """The time that the step's own words give it, in seconds."""
        words = ("within_ms", "for_ms", "pause_ms")
        return sum(getattr(self, word, 0) for word in words) / 1000

    async def run(self, stage: Stage) -> None:
        """Do it, or raise ExpectationFailed or another simulator error that says what happened instead."""
        raise NotImplementedError

    def __str__(self) -> str:
        raise NotImplementedError
