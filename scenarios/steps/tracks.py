"""`tracks`: steps that run side by side."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import Field

from scenarios.context.current_track import CURRENT_TRACK
from scenarios.context.scenario_context import ScenarioContext
from scenarios.steps import AnyStep
from scenarios.steps.base import Step
from scenarios.steps.step_run import STEP_GRACE_S, run_step
from simulator.errors import ProgramFailed, SimulatorError

TrackName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_ -]{0,49}$")]


class TrackFailed(SimulatorError):
    """A step of a track has failed; the text names both."""


class Tracks(Step):
    """Run several lists of steps side by side, and go on when all have ended. The first failure ends them all.

    Each track has an order of events of its own, which begins where the steps before were.
    """

    tracks: Annotated[dict[TrackName, Annotated[tuple[AnyStep, ...], Field(min_length=1)]], Field(min_length=2)]
    """The steps of each track, by its name."""

    @property
    def time_limit_s(self) -> float:
        """The longest of the tracks, each step with its grace."""
        return max(sum(step.time_limit_s + STEP_GRACE_S for step in steps) for steps in self.tracks.values())

    async def run(self, context: ScenarioContext) -> None:
        """Run all tracks; return when the last one has ended."""
        tasks = [asyncio.create_task(_run_track(name, steps, context)) for name, steps in self.tracks.items()]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            context.end_tracks(self.tracks)

    def __str__(self) -> str:
        return f"side by side: {', '.join(self.tracks)}"


async def _run_track(name: str, steps: tuple[Step, ...], context: ScenarioContext) -> None:
    CURRENT_TRACK.set(name)
    for number, step in enumerate(steps, 1):
        try:
            await run_step(step, context)
        except ProgramFailed:
            raise
        except (SimulatorError, ConnectionError) as failure:
            raise TrackFailed(f"In track {name}, step {number}, {step}\n{failure}") from failure
