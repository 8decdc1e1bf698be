"""One program of a scenario: started, waited for, recorded on the timeline, stopped, and its exit status judged."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from fake_daily_server.clients.environment import with_own_variables
from fake_daily_server.handles.running_program import RunningProgram
from scenarios.context.free_port import free_port
from scenarios.context.program_sessions import ProgramSession, ProgramSessions
from scenarios.context.received_events import ReceivedEvents
from scenarios.context.scenario_timeline import ScenarioTimeline
from scenarios.program_spec import ProgramSpec, Ready
from simulator.errors import ConfigurationError, ExpectationFailed, ProgramFailed, SimulatorError
from simulator.owner_loop import OwnerLoop

ENDS_WITHIN_S = 5.0
"""How long after the last step a program with an `exit_code` may take to end by itself."""
MOST_LINES = 5000
"""Lines of one program that are recorded on the timeline; all of them are in its output."""
SHOWN_LINES = 20
"""How many of the last lines of a program the report of a failed scenario shows."""


class ProgramNotUsable(SimulatorError):
    """A program could not be started or did not become ready, or did not end as it must; `program` is its name."""

    def __init__(self, program: str, text: str) -> None:
        self.program = program
        super().__init__(text)


class ProgramUnderTest:
    """A program of the scenario. `events` are those of the rooms that it may be in."""

    def __init__(
        self,
        name: str,
        spec: ProgramSpec,
        *,
        ready: Ready,
        timeline: ScenarioTimeline,
        sessions: ProgramSessions,
        events: ReceivedEvents,
        owner_loop: OwnerLoop,
    ) -> None:
        self.name = name
        self.spec = spec
        self.events = events
        self._ready = ready
        self._timeline = timeline
        self._sessions = sessions
        self._owner_loop = owner_loop
        self._process: RunningProgram | None = None
        self._recorded = 0
        self._stopped = False

    @property
    def process(self) -> RunningProgram:
        """The process. Raises ExpectationFailed before the program has been started."""
        if self._process is None:
            raise ExpectationFailed(f"the program {self.name} runs", nearest="it has not been started yet")
        return self._process

    @functools.cached_property
    def port(self) -> int:
        """The port of the program, `$client.port`: free when it is asked for first, and the same from then on."""
        return free_port()

    @property
    def session(self) -> ProgramSession | None:
        """Its newest session in a room; None if it has not joined one."""
        sessions = self._sessions.of(self.name)
        return sessions[-1] if sessions else None

    @property
    def last_lines(self) -> list[str]:
        """The last lines of its output."""
        return [] if self._process is None else self._process.output.splitlines()[-SHOWN_LINES:]

    def start(self, resolve: Callable[[Any], Any], environment: Mapping[str, str], folder: Path) -> None:
        """Start the program, with its own variables in addition to `environment`. Raises ProgramNotUsable."""
        command = [str(word) for word in resolve(self.spec.command)]
        own = {name: str(value) for name, value in resolve(self.spec.env).items()}
        cwd = folder / str(resolve(self.spec.cwd or "."))
        loop = asyncio.get_running_loop()

        def take(stream: str, line: str) -> None:
            if not self._stopped:
                loop.call_soon_threadsafe(self._record, stream, line)

        def note_end(status: int) -> None:
            if not self._stopped:
                loop.call_soon_threadsafe(self._record_end, status)

        try:
            self._process = RunningProgram(
                command,
                owner_loop=self._owner_loop,
                env={"PYTHONUNBUFFERED": "1", **with_own_variables(environment, own)},
                cwd=cwd,
                statuses=self._statuses,
                on_line=take,
                on_end=note_end,
            )
        except OSError as failure:
            where = f" in {cwd}" if not cwd.is_dir() else ""
            raise ProgramNotUsable(
                self.name, f"{command[0]!r} cannot be started{where}: {failure.strerror}; name an executable program"
            ) from None
        except ValueError as wrong:  # a NUL character in a word
            raise ProgramNotUsable(self.name, f"{command[0]!r} cannot be started: {wrong}") from None

    async def wait_until_ready(self, resolve: Callable[[Any], Any]) -> None:
        """Wait until the program is ready. Raises ProgramNotUsable with the end of its output."""
        ready, within = self._ready, self._ready.within_ms / 1000
        try:
            if ready.http is not None:
                await self.process.wait_for_url(str(resolve(ready.http)), within=within)
            elif ready.listens is not None:
                await self.process.wait_for_port(int(resolve(ready.listens)), within=within)
            elif ready.prints is not None:
                await self.process.wait_for_output(str(resolve(ready.prints)), within=within)
            elif ready.joins:
                await self.expect_joined(within=within)
        except ProgramFailed as failure:
            raise ProgramNotUsable(self.name, f"The program was to be ready ({ready}), but {failure}") from None
        except ExpectationFailed as failure:
            raise ProgramNotUsable(self.name, f"{failure}\n{_way_out(ready, self.process.status)}") from None
        except ConfigurationError as wrong:
            raise ProgramNotUsable(self.name, str(wrong)) from None

    async def expect_joined(self, *, within: float) -> ProgramSession:
        """Wait until the program is in a room; return its session. Raises ExpectationFailed, and ProgramFailed."""

        def found() -> ProgramSession | bool | None:
            session = self.session
            if session is not None and session.left is None:
                return session
            return None if self.process.status is None else False

        session = await self._timeline.wait_until(found, within=within)
        if isinstance(session, ProgramSession):
            return session
        earlier = self.session
        nearest = "it has left" if earlier is not None else "no client has joined"
        if (status := self.process.status) is not None:
            nearest = f"it has ended with status {status}"
        raise ExpectationFailed(
            f"{self.name} joins a room  within {within:g} s", nearest=nearest, happened=self.last_lines
        )

    async def expect_left(self, *, within: float) -> None:
        """Wait until the program has joined a room and left it. Raises ExpectationFailed."""

        def found() -> bool | None:
            session = self.session
            return True if session is not None and session.left is not None else None

        if not await self._timeline.wait_until(found, within=within):
            nearest = "it has not joined a room" if self.session is None else "it is still in its room"
            raise ExpectationFailed(
                f"{self.name} leaves its room  within {within:g} s",
                nearest=nearest,
                happened=self._timeline.latest_lines(),
            )

    async def expect_end(self, exit_code: int | None, *, within: float) -> None:
        """Wait until the program has ended by itself, with this status if given. Raises ExpectationFailed."""
        await self.process.wait_for_end(within=within)
        if exit_code is not None and self.process.status != exit_code:
            raise ExpectationFailed(
                f"{self.name} ends with status {exit_code}",
                nearest=f"it has ended with status {self.process.status}",
                happened=self.last_lines,
            )

    async def judge_end(self) -> None:
        """Wait for the end of a program with an `exit_code`, after the last step. Raises ProgramNotUsable."""
        if self.spec.exit_code is None or self._process is None:
            return
        try:
            await self.expect_end(self.spec.exit_code, within=ENDS_WITHIN_S)
        except (ExpectationFailed, ProgramFailed) as failure:
            raise ProgramNotUsable(self.name, str(failure)) from None

    async def stop(self) -> None:
        """End the program and its children, if they run."""
        self._stopped = True
        if self._process is not None:
            await asyncio.to_thread(self._process.stop)

    @property
    def _statuses(self) -> Collection[int]:
        return (0,) if self.spec.exit_code is None else (self.spec.exit_code,)

    def _record(self, stream: str, line: str) -> None:
        if self._recorded < MOST_LINES:
            self._timeline.append_fields("program", program=self.name, stream=stream, text=line)
        elif self._recorded == MOST_LINES:
            text = f"… has printed {MOST_LINES} lines; further ones are not recorded"
            self._timeline.append_fields("program", program=self.name, stream=stream, text=text)
        self._recorded += 1

    def _record_end(self, status: int) -> None:
        self._timeline.append_fields("program", program=self.name, action="ended", status=status)


def _way_out(ready: Ready, status: int | None) -> str:
    """What to change if a program has not become ready, and has ended with `status` or still runs."""
    other = "started, {http: URL}, {prints: /pattern/} or {listens: PORT}"
    if status is not None:
        return f"It ended before it was ready. If it is meant to end so early, write `ready: started`; allowed: {other}"
    if ready.joins:
        return f"A program that joins later, or never, needs another `ready`: {other}"
    return "If it only needs more time, give `ready` a longer `within_ms`"
