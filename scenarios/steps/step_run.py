"""Runs one step within its time limit; an optional step that fails is noted."""

from __future__ import annotations

import asyncio

from scenarios.context.scenario_context import ScenarioContext
from scenarios.steps.base import Step
from simulator.errors import ExpectationFailed, ProgramFailed, SimulatorError

STEP_GRACE_S = 20.0
"""Seconds by which a step may exceed its own time limits before it is aborted."""


async def run_step(step: Step, context: ScenarioContext) -> None:
    """Run a step within its own time limit and the grace. Raises SimulatorError and ConnectionError."""
    try:
        async with asyncio.timeout(step.time_limit_s + STEP_GRACE_S) as limit:
            await step.run(context)
    except TimeoutError:
        if not limit.expired():
            raise
        text = f"The step did not end within {STEP_GRACE_S:g} s after its own time limit"
        raise ExpectationFailed(str(step), nearest="it still waits", because=text) from None
    except (SimulatorError, ConnectionError) as failure:
        if not step.optional or isinstance(failure, ProgramFailed):
            raise
        reason = str(failure).splitlines()[0]
        context.timeline.append_fields("note", text=f"the optional step “{step}” failed: {reason}")
