"""The base class of all steps."""

from __future__ import annotations

from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.field_types import Model


class Step(Model):
    """One step of a scenario. Each kind of step is a subclass: its fields are the words that a file may use."""

    optional: bool = False
    """Whether the scenario goes on if the step fails; the log says so."""

    @property
    def time_limit_s(self) -> float:
        """Seconds that the step may take according to its own fields."""
        words = ("within_ms", "for_ms", "pause_ms")
        return sum(getattr(self, word, 0) for word in words) / 1000

    async def run(self, context: ScenarioContext) -> None:
        """Perform the step. Raises ExpectationFailed, or another SimulatorError that says what happened instead."""
        raise NotImplementedError

    def __str__(self) -> str:
        """The step in words, for reports."""
        raise NotImplementedError
