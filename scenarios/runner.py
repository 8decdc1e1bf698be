"""Runs scenarios one after the other, each on a server that is as new, and hands everything to an observer."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from scenarios.files import ScenarioFile
from scenarios.stage import Stage
from scenarios.steps.base import Step
from simulator.errors import SimulatorError
from simulator.timeline import Record

STEP_GRACE_S = 20.0
"""How long a step may take beyond its own time limits."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a scenario failed with: the step (from 0; None when it was before or after them all) and the story."""

    step: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a scenario went."""

    file: ScenarioFile
    seconds: float
    records: tuple[Record, ...] = field(repr=False)
    failure: Failure | None = None

    @property
    def passed(self) -> bool:
        """Whether everything went as written."""
        return self.failure is None


class Observer(Protocol):
    """Who is told how a run goes, as it goes."""

    def scenario_begins(self, file: ScenarioFile) -> None:
        """The next scenario is set up."""

    def record(self, record: Record) -> None:
        """Something happened."""

    def expected(self, record: Record) -> None:
        """An event that happened was one that a step expected."""

    def step_begins(self, step: Step) -> None:
        """A step is begun."""

    def scenario_ends(self, result: Result) -> None:
        """The scenario is over and all is left."""


async def run_all(
    files: Sequence[ScenarioFile], observer: Observer, *, stop_at_failure: bool = False, capture: Path | None = None
) -> list[Result]:
    """Run all files in order. One server serves all but those that have settings of their own.

    `capture` is a pcapng file that gets what was on the wire, a further section for each scenario.
    """
    results: list[Result] = []
    async with AsyncExitStack() as stack:
        shared: FakeDaily | None = None
        for file in files:
            if file.scenario.own_settings is not None:
                async with _server(file.scenario.own_settings) as daily:
                    results.append(await _run_one(daily, file, observer, capture))
            else:
                if shared is None:
                    shared = await stack.enter_async_context(_server({}))
                results.append(await _run_one(shared, file, observer, capture))
            if stop_at_failure and not results[-1].passed:
                break
    return results


@asynccontextmanager
async def _server(settings: dict[str, object]) -> AsyncIterator[FakeDaily]:
    async with FakeDaily(Settings.model_validate({"port": 0, "sip_port": 0, **settings})) as daily:
        yield daily


async def _run_one(daily: FakeDaily, file: ScenarioFile, observer: Observer, capture: Path | None) -> Result:
    observer.scenario_begins(file)
    before = time.monotonic()
    records: list[Record] = []

    def take(record: Record) -> None:
        if records or record.kind == "scenario":
            records.append(record)
            observer.record(record)

    wire = daily.capture(capture, append=True, title=file.scenario.title) if capture else nullcontext()
    async with wire:
        with _Listening(daily, take) as listening:
            failure = await _play(daily, file, observer, listening)
    result = Result(file, time.monotonic() - before, tuple(records), failure)
    observer.scenario_ends(result)
    return result


class _Listening:
    """Takes what happens until it is told to stop: the clearing up afterwards is no part of a scenario."""

    def __init__(self, daily: FakeDaily, take: Callable[[Record], None]) -> None:
        self._stack = ExitStack()
        self._stack.callback(daily.timeline.listen(take))

    def __enter__(self) -> _Listening:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Enough."""
        self._stack.close()


async def _play(daily: FakeDaily, file: ScenarioFile, observer: Observer, listening: _Listening) -> Failure | None:
    step: int | None = None
    try:
        await daily.reset()
        async with Stage(daily, file.scenario, on_match=observer.expected) as stage:
            with listening:
                for step, what in enumerate(file.scenario.steps):  # noqa: B007 - a failure tells it
                    observer.step_begins(what)
                    async with asyncio.timeout(what.takes_at_most_s + STEP_GRACE_S):
                        await what.run(stage)
                step = None
                left = await stage.calls.leftovers()
    except (SimulatorError, ConnectionError) as failure:
        return Failure(step, str(failure))
    except TimeoutError:
        return Failure(step, "The step did not come to an end, and none of its own time limits was kept")
    except Exception:  # noqa: BLE001 - a bug fails its scenario, with all that is known of it, and not the whole run
        return Failure(step, f"The step broke; this is a bug of the simulator\n{traceback.format_exc()}")
    if not left:
        return None
    return Failure(None, "\n".join(["All steps are done, and a call is left over; a scenario ends its calls", *left]))
