"""`pytest --daily-mutants`: after a run, which faults of production would its tests not notice?

The run itself notes which mutants concern each test (docs/mutants.md). Then processes of their own run the tests again,
a mutant at a time (`mutants_batch.py`), and this one tells what they found.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fake_daily_server.mutants.mutant import Mutant
    from fake_daily_server.server import FakeDaily
    from simulator.timeline import Record

MET: pytest.StashKey[dict[str, list[list[str]]]] = pytest.StashKey()
"""With `--daily-mutants`: the mutants that concern each test, as JSON."""
CURRENT: pytest.StashKey[CurrentMutant] = pytest.StashKey()
"""In a process that tries mutants: the one that is tried now."""
_STARTED: pytest.StashKey[float] = pytest.StashKey()
_LINES: pytest.StashKey[list[str]] = pytest.StashKey()
_FROM_WORKER = "daily_mutants"


class CurrentMutant:
    """The mutant that a process tries now, and whether it has changed anything yet."""

    def __init__(self) -> None:
        self.mutant: Mutant | None = None
        self.took_effect = False


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("fake Daily")
    group.addoption(
        "--daily-mutants",
        action="store_true",
        help="If all tests pass, let things go wrong on purpose, one at a time, and run those tests again: "
        "an event that never comes, a busy line, a lost digit, a webhook that is badly signed. The run fails if one is "
        "noticed by no test. docs/mutants.md",
    )
    group.addoption(
        "--daily-mutants-budget",
        metavar="SECONDS",
        type=float,
        help="With --daily-mutants: how long to try mutants (default: 3 times as long as the run took).",
    )
    group.addoption(
        "--daily-mutants-seed", metavar="N", type=int, default=0, help="Seed of the order in which they are tried."
    )
    group.addoption(
        "--daily-mutants-exclude",
        metavar="FILE",
        help="A YAML file of mutants that are not tried, each with the reason; * stands for any text.",
    )
    group.addoption(
        "--daily-mutants-resume",
        action="store_true",
        help="Go on where an earlier run stopped: what it has tried, in .daily-sim/mutants.jsonl, is not tried again.",
    )
    group.addoption(
        "--daily-mutants-only",
        metavar="MUTANT",
        help="Try only this one, such as 'event-drop dialout-stopped'; * stands for any text.",
    )
    group.addoption("--daily-mutants-batch", metavar="FILE", help="Used by --daily-mutants itself: what to try.")


def pytest_configure(config: pytest.Config) -> None:
    """Prepare for noting, or for trying."""
    if batch := config.getoption("daily_mutants_batch"):
        from fake_daily_server.clients.mutants_batch import Batch

        config.stash[CURRENT] = CurrentMutant()
        config.pluginmanager.register(Batch(batch, config.stash[CURRENT]))
    elif config.getoption("daily_mutants"):
        if config.getoption("daily_server"):
            raise pytest.UsageError(
                "--daily-mutants and --daily-server exclude each other: the faults are set in servers of pytest's own"
            )
        config.stash[MET] = {}
        config.stash[_STARTED] = time.monotonic()


def note_mutants(test: pytest.Item, records: Iterable[Record]) -> None:
    """Note which mutants concern a test, with `--daily-mutants`; while one is tried, whether it took effect."""
    found = list(records)
    current = test.config.stash.get(CURRENT, None)
    if current is not None and current.mutant is not None:
        from fake_daily_server.mutants.applying import took_effect

        current.took_effect |= took_effect(current.mutant, found)
    elif (met := test.config.stash.get(MET, None)) is not None:
        from fake_daily_server.mutants.applicable import mutants_of

        met[test.nodeid] = [mutant.as_list() for mutant in sorted(mutants_of(found))]


def mutation(config: pytest.Config) -> Callable[[FakeDaily], Callable[[], None]] | None:
    """What applies the mutant that is tried now to a server, on the server's loop; None if none is."""
    current = config.stash.get(CURRENT, None)
    if current is None or current.mutant is None:
        return None
    from fake_daily_server.mutants.applying import apply_mutant

    mutant = current.mutant
    return lambda daily: apply_mutant(mutant, daily)


@contextlib.contextmanager
def mutated(config: pytest.Config, daily: FakeDaily) -> Iterator[None]:
    """Apply the mutant that is tried now, if any, to the server of a test."""
    apply = mutation(config)
    if apply is None:
        yield
        return

    async def applied() -> Callable[[], None]:
        return apply(daily)

    undo = daily.owner_loop.call(applied())
    try:
        yield
    finally:

        async def undone() -> None:
            undo()

        daily.owner_loop.call(undone())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Add what the tests of a worker of pytest-xdist have met."""
    met = node.config.stash.get(MET, None)
    if met is not None:
        met.update(getattr(node, "workeroutput", {}).get(_FROM_WORKER, {}))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what the tests of a worker have met; in the main process try the mutants of a run that has passed."""
    config = session.config
    if (met := config.stash.get(MET, None)) is None:
        return
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[_FROM_WORKER] = met
        return
    if session.exitstatus != pytest.ExitCode.OK:
        config.stash[_LINES] = ["no mutants were tried: all tests have to pass first"]
        return
    from fake_daily_server.clients.mutants_campaign import try_mutants

    lines, passed = try_mutants(config, met, time.monotonic() - config.stash[_STARTED])
    config.stash[_LINES] = lines
    if not passed:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tell what became of the mutants."""
    if (lines := config.stash.get(_LINES, None)) is not None:
        terminalreporter.section("mutants: what would nobody notice?")
        for line in lines:
            terminalreporter.write_line(line)
