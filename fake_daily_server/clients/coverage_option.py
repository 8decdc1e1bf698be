"""`pytest --daily-coverage`: what of Daily's telephony the tests of a run have met, over all pytest-xdist workers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fake_daily_server.clients.report_files import append_to_summary

if TYPE_CHECKING:
    from fake_daily_server.coverage.coverage import Coverage
    from fake_daily_server.coverage.point import Point
    from simulator.timeline import Record

_MET: pytest.StashKey[set[Point]] = pytest.StashKey()
"""The points that the tests of this process have met, and of ended workers; only with `--daily-coverage`."""
_FROM_WORKER = "daily_coverage"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("fake Daily")
    group.addoption(
        "--daily-coverage",
        action="store_true",
        help="Tell at the end what of Daily's telephony the tests have met and what never: events and their fields, "
        "error codes, DTMF, codecs, hang-up causes, REST calls, webhooks, steps of calls.",
    )
    group.addoption(
        "--daily-coverage-file",
        metavar="FILE",
        default=".daily-sim/coverage.json",
        help="Where --daily-coverage writes its JSON (default: %(default)s); `daily-sim coverage` merges such files.",
    )
    group.addoption(
        "--daily-coverage-fail-under",
        metavar="N",
        type=float,
        help="With --daily-coverage: let the run fail if less than N per cent was met.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Prepare for counting, if the option is given."""
    if config.getoption("daily_coverage"):
        config.stash[_MET] = set()
    elif config.getoption("daily_coverage_fail_under") is not None:
        raise pytest.UsageError("--daily-coverage-fail-under needs --daily-coverage")


def count_records(config: pytest.Config, records: Iterable[Record]) -> None:
    """Count what the records of a test show, if the option is given."""
    if (met := config.stash.get(_MET, None)) is not None:
        from fake_daily_server.coverage.met import points_met

        met |= points_met(records)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Add what a worker of pytest-xdist has counted."""
    met = node.config.stash.get(_MET, None)
    counted = getattr(node, "workeroutput", {}).get(_FROM_WORKER)
    if met is not None and counted is not None:
        from fake_daily_server.coverage.point import Point

        met |= {Point(*point) for point in counted}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker, hand over what it has counted; else write the file, and fail a run that covers too little."""
    config = session.config
    if (met := config.stash.get(_MET, None)) is None:
        return
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[_FROM_WORKER] = [tuple(point) for point in met]
        return
    from fake_daily_server.coverage.coverage import write_coverage
    from simulator.kept_files import KEPT_FILES, kept_files_folder

    file = Path(config.getoption("daily_coverage_file"))
    if file.parent == KEPT_FILES:
        kept_files_folder(".")
    write_coverage(_coverage(config), file)
    wanted = config.getoption("daily_coverage_fail_under")
    if wanted is not None and _coverage(config).percent < wanted and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the coverage."""
    if _MET not in config.stash:
        return
    from fake_daily_server.coverage.command import too_little
    from fake_daily_server.coverage.page import write_coverage_page
    from fake_daily_server.coverage.text import coverage_markdown, coverage_text
    from simulator.kept_files import kept_files_folder

    coverage = _coverage(config)
    terminalreporter.section("coverage of Daily's telephony")
    terminalreporter.write_line(coverage_text(coverage))
    terminalreporter.write_line(f"\nwritten to {config.getoption('daily_coverage_file')}")
    terminalreporter.write_line(write_coverage_page(coverage, kept_files_folder("reports")).absolute().as_uri())
    append_to_summary(config, f"\n{coverage_markdown(coverage)}")
    wanted = config.getoption("daily_coverage_fail_under")
    for line in [] if wanted is None else too_little(coverage, wanted):
        terminalreporter.write_line(f"FAILED --daily-coverage-fail-under: {line}", red=True)


def _coverage(config: pytest.Config) -> Coverage:
    from fake_daily_server.coverage.coverage import Coverage

    met: set[Point] = config.stash[_MET]
    return Coverage(frozenset(met))
