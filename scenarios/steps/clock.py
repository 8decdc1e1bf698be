"""`advance_clock_s`: move the server's clock forward."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.context.scenario_context import ScenarioContext
from scenarios.steps.base import Step


class AdvanceClock(Step):
    """Move the server's clock forward. What becomes due is done immediately; calls continue in real time."""

    advance_clock_s: Annotated[float, Field(gt=0, le=10 * 365 * 24 * 3600)]

    async def run(self, context: ScenarioContext) -> None:
        """Move the clock; return once everything that became due has been started."""
        await context.daily.advance_clock(self.advance_clock_s)
        context.timeline.append("clock", f"moves {self.advance_clock_s:g} s forward")

    def __str__(self) -> str:
        return f"the clock moves {self.advance_clock_s:g} s forward"
