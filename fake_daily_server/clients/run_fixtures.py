"""The fixtures `run_bot` and `run_program`, and their blocking forms; `fake_daily_server.pytest_plugin` lists them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fake_daily_server.handles.running_bot import Bot, RunningBot
    from fake_daily_server.handles.running_program import RunningProgram
    from fake_daily_server.server import FakeDaily
    from fake_daily_server.sync import SyncRunningBot, SyncRunningProgram

PROGRAMS: pytest.StashKey[list[RunningProgram]] = pytest.StashKey()
"""The programs that a test has started, in the stash of the test."""


class RunBot:
    """Starts bots; `run_bot(bot(arguments))` or `run_bot(bot, arguments)`."""

    def __init__(self, daily: FakeDaily) -> None:
        self._daily = daily
        self.running: list[RunningBot] = []

    def __call__(self, bot: Bot, *args: Any, **kwargs: Any) -> RunningBot:
        """Start a coroutine or a function as a bot. Raises ConfigurationError if daily-python is imported."""
        from fake_daily_server.clients.real_daily_python import refuse_if_imported
        from fake_daily_server.handles.running_bot import RunningBot
        from simulator.errors import ConfigurationError

        try:
            refuse_if_imported()
        except ConfigurationError:
            if inspect.iscoroutine(bot):
                bot.close()  # it is not going to be awaited
            raise
        self.running.append(RunningBot(bot, *args, owner_loop=self._daily.owner_loop, **kwargs))
        return self.running[-1]


class RunProgram:
    """Starts programs; `run_program(sys.executable, "bot.py")`."""

    def __init__(self, daily: FakeDaily, environment: Mapping[str, str], running: list[RunningProgram]) -> None:
        self._daily = daily
        self._environment = environment
        self.running = running

    def __call__(
        self, *command: str | Path, env: Mapping[str, str] | None = None, cwd: str | Path | None = None
    ) -> RunningProgram:
        """Start a program with the variables of `daily_environment` and those in `env`, which precede them."""
        from fake_daily_server.clients.environment import with_own_variables
        from fake_daily_server.handles.running_program import RunningProgram

        environment = with_own_variables(self._environment, env or {})
        started = RunningProgram(command, owner_loop=self._daily.owner_loop, env=environment, cwd=cwd)
        self.running.append(started)
        return started


@pytest.fixture
def run_bot(fake_daily: FakeDaily) -> Iterator[RunBot]:
    """Start a bot in the background: `run_bot(bot(arguments))`, or `run_bot(bot, arguments)`.

    The bot runs on an event loop of its own, in a thread of its own. If it fails, the wait in progress, or the next
    one, raises its exception. It is cancelled when the test ends, and abandoned if it has not ended after 6 s.

    A bot that imports daily-python instead of its stand-in is refused: see the fixture `daily_python`.
    """
    from fake_daily_server.clients.real_daily_python import refused

    run = RunBot(fake_daily)
    with refused(), _stopping(run.running):
        yield run


@pytest.fixture
def run_program(
    fake_daily: FakeDaily, daily_environment: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[RunProgram]:
    """Start a program in the background: `run_program(sys.executable, "bot.py", env={"NUMBER": anna.number})`.

    It gets the variables of `daily_environment`. If it fails, the wait in progress, or the next one, raises
    ProgramFailed with the end of its output. The program and its children are ended when the test ends.
    """
    running = request.node.stash.setdefault(PROGRAMS, [])
    with _stopping(running):
        yield RunProgram(fake_daily, daily_environment, running)


@pytest.fixture
def sync_run_bot(run_bot: RunBot) -> SyncRunBot:
    """`run_bot`, with blocking methods of the bots."""
    return SyncRunBot(run_bot)


@pytest.fixture
def sync_run_program(run_program: RunProgram) -> SyncRunProgram:
    """`run_program`, with blocking methods of the programs."""
    return SyncRunProgram(run_program)


class SyncRunBot:
    """`RunBot` for plain tests."""

    def __init__(self, run: RunBot) -> None:
        self._run = run

    def __call__(self, bot: Bot, *args: Any, **kwargs: Any) -> SyncRunningBot:
        """Start a coroutine or a function as a bot."""
        from fake_daily_server.sync import SyncRunningBot

        return SyncRunningBot(self._run(bot, *args, **kwargs))


class SyncRunProgram:
    """`RunProgram` for plain tests."""

    def __init__(self, run: RunProgram) -> None:
        self._run = run

    def __call__(
        self, *command: str | Path, env: Mapping[str, str] | None = None, cwd: str | Path | None = None
    ) -> SyncRunningProgram:
        """Start a program with the variables of `daily_environment` and those in `env`, which precede them."""
        from fake_daily_server.sync import SyncRunningProgram

        return SyncRunningProgram(self._run(*command, env=env, cwd=cwd))


@contextmanager
def _stopping(running: Sequence[RunningBot | RunningProgram]) -> Iterator[None]:
    """Stop all at the end, and raise the first failure that the test has not seen."""
    __tracebackhide__ = True
    try:
        yield
    finally:
        failures: list[BaseException] = []
        for each in reversed(running):
            try:
                failure = each.stop()
            except Exception as stuck:  # noqa: BLE001 - raised below, once all are stopped
                failure = stuck
            if failure is not None:
                failures.append(failure)
        if failures:
            raise failures[-1]
