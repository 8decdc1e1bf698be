"""`pause_ms`: let time pass."""

from __future__ import annotations

import asyncio

from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.field_types import Milliseconds
from scenarios.steps.base import Step


class Pause(Step):
    """Let time pass, for example while a party talks. To wait for an event, use `expect`."""

    pause_ms: Milliseconds

    async def run(self, context: ScenarioContext) -> None:
        """Wait for `pause_ms`."""
        await asyncio.sleep(self.pause_ms / 1000)

    def __str__(self) -> str:
        return f"pause of {self.pause_ms / 1000:g} s"
