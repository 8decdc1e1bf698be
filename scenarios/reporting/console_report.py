"""The report of a run on the console."""

from __future__ import annotations

import asyncio
import time

from scenarios.loading.scenario_files import ScenarioFile
from scenarios.reporting.result_text import expected_failure_text, failure_text, statistics
from scenarios.reporting.run_log import Output, RunLog
from scenarios.reporting.style import BOLD, DIM, GREEN, Style
from scenarios.runner import Result
from scenarios.steps.base import Step
from simulator.timeline import Record

PROGRESS_EVERY_S = 2.0
"""Seconds without output after which the report prints the step that it is waiting for."""
_TICK_S = 0.1


class ConsoleReport:
    """A `runner.Observer` that prints each scenario while it runs.

    A quiet report prints only failures. With `progress` it prints a line after `PROGRESS_EVERY_S` without output. The
    summary of all results is left to the caller.
    """

    def __init__(
        self, output: Output, *, total: int, quiet: bool = False, colours: bool = False, progress: bool = True
    ) -> None:
        self._output = output
        self._style = Style(colours=colours)
        self._total = total
        self._quiet = quiet
        self._progress = progress
        self._done = 0
        self._step: Step | None = None
        self._log: RunLog | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._active_at = time.monotonic()

    # --- runner.Observer -------------------------------------------------------------------------------------

    def scenario_begins(self, file: ScenarioFile) -> None:
        """Print the name and the title of the scenario."""
        self._step = None
        self._active_at = time.monotonic()
        self._ticker = asyncio.get_running_loop().call_later(_TICK_S, self._tick)
        if not self._quiet:
            self._log = RunLog(self._output, self._style)
            self._write(f"{self._style(f'{file.name:<36}', BOLD)} {file.scenario.title}\n")

    def record(self, record: Record) -> None:
        """Add a record of the scenario to the log."""
        if self._log is None:
            return
        if record.kind == "scenario":
            self._log.started_at = record.at
        self._log.add(record)
        self._log.flush()
        self._active_at = time.monotonic()

    def expected(self, record: Record) -> None:
        """Mark an event that a step has matched."""
        if self._log is not None:
            self._log.mark_expected(record)
            self._log.flush()

    def step_begins(self, step: Step) -> None:
        """Remember the step for the progress line."""
        self._step = step

    def scenario_ends(self, result: Result) -> None:
        """Print the rest of the log and the result."""
        self._done += 1
        if self._ticker is not None:
            self._ticker.cancel()
        if self._log is not None:
            self._log.flush(everything=True)
            self._log = None
        if result.failure is not None:
            if self._quiet:
                self._write(f"{self._style(result.file.name, BOLD)}  {result.file.scenario.title}\n")
            self._write(failure_text(result, self._style))
        elif result.expected is not None and not self._quiet:
            self._write(expected_failure_text(result, self._style))
        elif not self._quiet:
            self._write(f"   {self._style('ok', GREEN, BOLD)} {result.seconds:.1f} s   {statistics(result.records)}\n")
        self._active_at = time.monotonic()

    # --- printing --------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Print the completed lines, and a progress line after `PROGRESS_EVERY_S` without output."""
        if self._log is not None:
            self._log.flush()
        if self._progress and time.monotonic() - self._active_at > PROGRESS_EVERY_S:
            self._active_at = time.monotonic()
            step = f" waiting: {self._step}" if self._step is not None else ""
            self._write(self._style(f"   … {self._done} of {self._total} scenarios are done;{step}\n", DIM))
        self._ticker = asyncio.get_running_loop().call_later(_TICK_S, self._tick)

    def _write(self, text: str) -> None:
        self._output.write(text)
        self._output.flush()
