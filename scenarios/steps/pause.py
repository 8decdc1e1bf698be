"""`pause_ms`: time in which people talk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scenarios.steps.base import Step
from scenarios.words import Milliseconds

if TYPE_CHECKING:
    from scenarios.stage import Stage


class Pause(Step):
    """Let time pass: people talk. Never needed to wait for something; `expect` does that."""

    pause_ms: Milliseconds

    async def run(self, stage: Stage) -> None:
        """Wait that long."""
        await asyncio.sleep(self.pause_ms / 1000)

    def __str__(self) -> str:
        return f"{self.pause_ms / 1000:g} s pass"
