"""Runs scenarios, each on a server that has been reset, and reports to an observer."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Protocol

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import checked_settings
from scenarios.context.hearing_phones import load_audio
from scenarios.context.program_under_test import ProgramNotUsable
from scenarios.context.scenario_context import ScenarioContext
from scenarios.loading.scenario_files import ScenarioFile
from scenarios.steps.base import Step
from scenarios.steps.sound import SoundStep
from scenarios.steps.step_run import run_step
from simulator.compared_field import ComparedField
from simulator.errors import ExpectationFailed, ProgramFailed, SimulatorError
from simulator.front_door.recent_messages import SeenMessage
from simulator.timeline import Record


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a scenario failed. `step` counts from 0; None if it failed before the first or after the last step."""

    step: int | None
    text: str
    after_steps: bool = False
    """Whether it failed after the last step, because of what the steps left behind."""
    program: str | None = None
    """The program under test that could not be used, or did not end as it must."""
    compared: tuple[ComparedField, ...] = ()
    """What was expected beside what came nearest, field by field."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one scenario."""

    file: ScenarioFile
    seconds: float
    records: tuple[Record, ...] = field(repr=False)
    """The timeline of the scenario."""
    failure: Failure | None = None
    expected: Failure | None = None
    """The failure of a scenario that must fail; it passes with it."""
    messages: tuple[SeenMessage, ...] = field(default=(), repr=False)
    """The SIP messages of the scenario, with times on the clock of the records."""

    @property
    def passed(self) -> bool:
        """Whether all steps passed and all calls ended, or the scenario failed as it must."""
        return self.failure is None


Prepare = Callable[[FakeDaily], Callable[[], None]]
"""Does something to a server that has been reset; what it returns is called when the steps are over."""


class Observer(Protocol):
    """Receives the progress of a run, for reports."""

    def scenario_begins(self, file: ScenarioFile) -> None:
        """Called before a scenario is set up."""

    def record(self, record: Record) -> None:
        """Called with each record added to the scenario's timeline."""

    def expected(self, record: Record) -> None:
        """Called with the record of an event that a step has matched."""

    def step_begins(self, step: Step) -> None:
        """Called before a step runs."""

    def scenario_ends(self, result: Result) -> None:
        """Called once a scenario has ended and its clients have left."""


class Servers:
    """The servers of a run: scenarios with settings of their own get one each, the others share one.

    A scenario's own settings precede `settings`. Leaving `async with` stops the shared server.
    """

    def __init__(self, settings: Mapping[str, Any] = MappingProxyType({})) -> None:
        self._settings = settings
        self._shared: FakeDaily | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Servers:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    @asynccontextmanager
    async def serving(self, file: ScenarioFile) -> AsyncIterator[FakeDaily]:
        """The server for a scenario; one of its own is stopped at the end."""
        own = file.scenario.server_settings
        if own is not None:
            async with _server({**self._settings, **own}) as daily:
                yield daily
            return
        if self._shared is None:
            self._shared = await self._stack.enter_async_context(_server(self._settings))
        yield self._shared


async def run_all(
    files: Sequence[ScenarioFile],
    observer: Observer,
    *,
    settings: Mapping[str, Any] = MappingProxyType({}),
    stop_at_failure: bool = False,
    capture: Path | None = None,
) -> list[Result]:
    """Run all files in order, one at a time, and return a result for each file that was run.

    `capture` is a pcapng file to which SIP, RTP and RTCP are appended, as a new section for each scenario.
    """
    results: list[Result] = []
    async with Servers(settings) as servers:
        for file in files:
            results.append(await run_one(servers, file, observer, capture=capture))
            if stop_at_failure and not results[-1].passed:
                break
    return results


async def run_one(
    servers: Servers,
    file: ScenarioFile,
    observer: Observer,
    *,
    capture: Path | None = None,
    prepare: Prepare | None = None,
) -> Result:
    """Run one scenario on the server that it needs, `runs` times or until it fails; `capture` as `run_all` has it.

    `prepare` is called with the server before each run.
    """
    seconds = 0.0
    for number in range(1, file.scenario.runs + 1):
        async with servers.serving(file) as daily:
            is_last = number == file.scenario.runs
            result = await _run_one(
                daily, file, observer, capture, is_last=is_last, seconds=seconds, number=number, prepare=prepare
            )
        seconds = result.seconds
        if is_last or result.failure is not None or result.expected is not None:
            break
    return result


@asynccontextmanager
async def _server(settings: Mapping[str, Any]) -> AsyncIterator[FakeDaily]:
    defaults = {"port": 0, "sip_port": 0, "sip_timers": "fast"}
    async with FakeDaily(checked_settings({**defaults, **settings})) as daily:
        yield daily


async def _run_one(
    daily: FakeDaily,
    file: ScenarioFile,
    observer: Observer,
    capture: Path | None,
    *,
    is_last: bool,
    seconds: float,
    number: int,
    prepare: Prepare | None,
) -> Result:
    """Run a scenario once, after `seconds` of earlier runs; the observer gets the result of the last run."""
    if number == 1:
        observer.scenario_begins(file)
    before = time.monotonic()
    records: list[Record] = []

    def take(record: Record) -> None:
        # Records before the one that starts the scenario come from the reset of the server.
        if records or record.kind == "scenario":
            records.append(record)
            observer.record(record)

    capturing = daily.capture(capture, append=True, title=file.scenario.title) if capture else nullcontext()
    async with capturing:
        with ExitStack() as listening:
            listening.callback(daily.timeline.listen(take))
            failure = await _run_steps(daily, file, observer, listening, prepare)
    if failure is not None and file.scenario.runs > 1:
        failure = replace(failure, text=f"In run {number} of {file.scenario.runs}\n{failure.text}")
    recent = (replace(seen, at=daily.timeline.seconds_at(seen.at)) for seen in daily.network.front_door.recent)
    result = Result(file, seconds + time.monotonic() - before, tuple(records), failure, messages=tuple(recent))
    if (reason := file.scenario.expected_failure) is not None and (failure is not None or is_last):
        result = _judged(result, reason)
    if is_last or failure is not None:
        observer.scenario_ends(result)
    return result


def _judged(result: Result, reason: str) -> Result:
    """The result of a scenario that must fail for `reason`."""
    if result.failure is not None:
        return replace(result, failure=None, expected=result.failure)
    text = f"The scenario passed, but `expected_failure` says: {reason}\nIf that is mended, remove the line"
    return replace(result, failure=Failure(None, text))


def _context(daily: FakeDaily, file: ScenarioFile, observer: Observer) -> ScenarioContext:
    return ScenarioContext(daily, file.scenario, folder=file.path.parent, on_match=observer.expected)


async def _run_steps(
    daily: FakeDaily, file: ScenarioFile, observer: Observer, listening: ExitStack, prepare: Prepare | None
) -> Failure | None:
    """Set up the scenario and run its steps; return the failure, or None.

    `listening` is closed before the clients leave, so that their leaving is not recorded as part of the scenario.
    """
    try:
        await daily.reset()
    except (SimulatorError, ConnectionError) as failure:
        return Failure(None, str(failure))
    if prepare is not None:
        listening.callback(prepare(daily))
    index: int | None = None
    context = _context(daily, file, observer)
    interrupting = daily.owner_loop.failures.interrupting
    try:
        sounds = [step for _, step in file.scenario.all_steps() if isinstance(step, SoundStep)]
        if sounds:
            await load_audio()
        async with context, context.hearing(step.phone for step in sounds if step.hears and step.phone):
            with closing(listening):
                deadline = _deadline(file)
                for index, step in enumerate(file.scenario.steps):  # noqa: B007 - the failure names the step
                    observer.step_begins(step)
                    async with asyncio.timeout_at(deadline):
                        await interrupting(run_step(step, context))
                index = None
                await interrupting(context.programs.judge_ends())
                await context.finish_webhooks()
                remaining = await context.calls.remaining()
    except Exception as error:  # noqa: BLE001 - a bug fails its scenario with a traceback, but does not end the run
        return _failure(error, index, context)
    if not remaining:
        return None
    text = (
        "All steps have run, but a scenario must end its calls, for example with `do: hangup` of the phone. Still up:"
    )
    return Failure(None, _with_output("\n".join([text, *remaining]), context), after_steps=True)


def _failure(error: Exception, step: int | None, context: ScenarioContext) -> Failure:
    """The failure of a scenario that has raised an error in this step, or outside of all steps."""
    match error:
        case ProgramNotUsable():
            return Failure(None, str(error), program=error.program)
        case ProgramFailed():
            return Failure(step, str(error))
        case SimulatorError() | ConnectionError():
            compared = error.compared if isinstance(error, ExpectationFailed) else ()
            return Failure(step, _with_output(str(error), context), compared=compared)
        case TimeoutError():
            text = "The scenario did not end within its `time_limit_ms`"
            return Failure(step, _with_output(text, context))
        case _:
            trace = "".join(traceback.format_exception(error))
            return Failure(step, f"The step failed with an internal error, a bug of the simulator\n{trace}")


def _deadline(file: ScenarioFile) -> float | None:
    """When the steps of the scenario must have ended, on the clock of the loop."""
    limit = file.scenario.time_limit_ms
    return None if limit is None else asyncio.get_running_loop().time() + limit / 1000


def _with_output(text: str, context: ScenarioContext) -> str:
    """The text of a failure, followed by the last lines of the programs under test."""
    return "\n".join([text, *context.programs.last_lines(but=text)])
