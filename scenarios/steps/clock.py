"""`advance_clock_s`: the time by which tokens, rooms and webhooks go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from scenarios.steps.base import Step

if TYPE_CHECKING:
    from scenarios.stage import Stage


class AdvanceClock(Step):
    """Move the server's time forward; what is due then happens at once. Calls keep to real time."""

    advance_clock_s: Annotated[float, Field(gt=0, le=10 * 365 * 24 * 3600)]

    async def run(self, stage: Stage) -> None:
        """Done when what was due is under way."""
        await stage.daily.advance_clock(self.advance_clock_s)
        stage.happenings.add("clock", f"moves {self.advance_clock_s:g} s forward")

    def __str__(self) -> str:
        return f"the clock moves {self.advance_clock_s:g} s forward"
