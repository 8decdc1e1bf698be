"""Tries the mutants of scenarios: lets things go wrong on purpose in those that met them, until one notices it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fake_daily_server.mutants.applicable import mutants_of
from fake_daily_server.mutants.applying import apply_mutant, took_effect
from fake_daily_server.mutants.mutant import Mutant
from fake_daily_server.mutants.outcome import Outcome, with_untried
from fake_daily_server.mutants.plan import Candidate
from scenarios.loading.scenario_files import ScenarioFile
from scenarios.runner import Result, Servers, run_one
from scenarios.steps.base import Step
from simulator.timeline import Record

BUDGET = 3
"""How many times as long as the scenarios themselves the mutants may take, unless told."""


class Quiet:
    """An observer that reports nothing."""

    def scenario_begins(self, file: ScenarioFile) -> None:
        """Nothing."""

    def record(self, record: Record) -> None:
        """Nothing."""

    def expected(self, record: Record) -> None:
        """Nothing."""

    def step_begins(self, step: Step) -> None:
        """Nothing."""

    def scenario_ends(self, result: Result) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The scenarios without mutants: how each ended, and how long all took together, in seconds."""

    results: tuple[Result, ...]
    seconds: float

    @property
    def failed(self) -> list[str]:
        """The names of the scenarios that failed."""
        return [result.file.name for result in self.results if not result.passed]

    @property
    def mutants(self) -> Mapping[str, frozenset[Mutant]]:
        """The mutants that concern each scenario, by its name; none concern one that must fail."""
        passed = (result for result in self.results if result.passed and result.expected is None)
        return {result.file.name: mutants_of(result.records) for result in passed}


@dataclass(slots=True)
class Campaign:
    """Runs scenarios on `jobs` servers at a time, with `settings`.

    `tell` is called with each outcome and the number of mutants; `outcomes` are those of an earlier run at first.
    """

    files: Sequence[ScenarioFile]
    jobs: int
    settings: Mapping[str, Any]
    tell: Callable[[Outcome, int], None]
    outcomes: list[Outcome] = field(default_factory=list)

    async def first_run(self) -> FirstRun:
        """Run all scenarios as they are."""
        began = time.monotonic()
        results: dict[str, Result] = {}
        todo = list(self.files)

        async def work() -> None:
            async with Servers(self.settings) as servers:
                while todo:
                    file = todo.pop(0)
                    results[file.name] = await run_one(servers, file, Quiet())

        await self._at_a_time(work)
        return FirstRun(tuple(results[file.name] for file in self.files), time.monotonic() - began)

    async def try_all(self, first: FirstRun, found: Sequence[Candidate], budget: float | None) -> list[Outcome]:
        """Try these mutants of the scenarios, without those that have an outcome already; return all outcomes."""
        seconds = BUDGET * first.seconds if budget is None else budget
        deadline = asyncio.get_running_loop().time() + seconds
        files = {file.name: file for file in self.files}
        known = {outcome.mutant for outcome in self.outcomes}
        todo = [candidate for candidate in found if candidate.mutant not in known]

        async def work() -> None:
            async with Servers(self.settings) as servers:
                while todo and asyncio.get_running_loop().time() < deadline:
                    candidate = todo.pop(0)
                    try:
                        async with asyncio.timeout_at(deadline):
                            outcome = await _tried(servers, candidate, [files[name] for name in candidate.tests])
                    except TimeoutError:
                        return
                    self.outcomes.append(outcome)
                    self.tell(outcome, len(found))

        await self._at_a_time(work)
        return with_untried(found, self.outcomes, f"the budget of {seconds:.0f} s was used up")

    async def _at_a_time(self, work: Callable[[], Any]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.jobs):
                tasks.create_task(work())


async def _tried(servers: Servers, candidate: Candidate, files: Sequence[ScenarioFile]) -> Outcome:
    """Run the scenarios that met a mutant, with it, until one of them fails."""
    mutant = candidate.mutant
    happened = False
    for file in files:
        result = await run_one(servers, file, Quiet(), prepare=lambda daily: apply_mutant(mutant, daily))
        effect = took_effect(mutant, result.records)
        happened |= effect
        if effect and not result.passed:
            return Outcome(mutant, "noticed", file.name)
    if not happened:
        return Outcome(mutant, "not tried", "it changed nothing when the scenarios were run again")
    return Outcome(mutant, "survived")
