"""Runs scenarios in a pytest session: on one event loop, on servers that are reset, with the log of each as text.

`fake_daily_server.clients.scenario_tests` has the hooks of pytest.
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from _pytest._code.code import ReprFileLocation, TerminalRepr
from _pytest._io import TerminalWriter

from scenarios.loading.scenario_files import ScenarioFile
from scenarios.reporting.console_report import ConsoleReport
from scenarios.reporting.result_text import FAILED, failure_location
from scenarios.reporting.story_pages import write_page
from scenarios.runner import Failure, Prepare, Result, Servers, run_one


def read_scenarios(path: Path) -> list[ScenarioFile]:
    """Read all scenarios of a file. Raises InvalidScenarios, a ValueError, with all problems of the file."""
    return ScenarioFile.read_all(path)


class ScenarioSession:
    """The event loop and the servers of one pytest process."""

    def __init__(self) -> None:
        self._loop = asyncio.Runner()
        self._servers = Servers()

    def run(
        self, file: ScenarioFile, prepare: Prepare | None = None, capture: Path | None = None
    ) -> tuple[Result, str]:
        """Run one scenario; return its result and its log, up to the failure if there is one.

        `prepare` and `capture` are as `run_one` has them.
        """
        log = io.StringIO()
        report = ConsoleReport(log, total=1, progress=False)
        result = self._loop.run(run_one(self._servers, file, report, prepare=prepare, capture=capture))
        return result, log.getvalue().partition(FAILED)[0]

    def close(self) -> None:
        """Stop the servers."""
        self._loop.run(self._servers.__aexit__(None, None, None))
        self._loop.close()


class _FailureRepr(TerminalRepr):
    """A failure as `daily-sim run` prints it; pytest's summary line begins with its reason."""

    def __init__(self, result: Result) -> None:
        failure = _failure(result)
        self._text = f"{failure_location(result.file, failure)}\n{failure.text}"
        place = result.file.step_places[failure.step or 0]
        lines = failure.text.splitlines()
        reason = next((line for line in lines if line.startswith("Because")), lines[0])
        self.reprcrash = ReprFileLocation(str(place.file), place.line, " ".join(reason.split()))

    def toterminal(self, tw: TerminalWriter) -> None:
        """Write the place, the expectation, what came nearest, and what happened."""
        tw.line(self._text)


def page_of(result: Result, *, whole: bool, capture: Path | None) -> Path:
    """Write the report of a scenario, with a link to its capture, if there is one; returns the path of the page."""
    return write_page(result, whole=whole, capture=capture)


def failure_repr(result: Result) -> TerminalRepr:
    """The failure of a scenario for pytest's report."""
    return _FailureRepr(result)


def _failure(result: Result) -> Failure:
    return result.failure or Failure(None, "the scenario has passed")
