"""Tries the mutants of a pytest run in processes of their own, within a budget of time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from fake_daily_server.mutants.mutant import Mutant
from fake_daily_server.mutants.outcome import Outcome, outcome_lines, read_outcomes, survivors, with_untried
from fake_daily_server.mutants.page import write_survivors
from fake_daily_server.mutants.plan import Candidate, candidates, excluded, needless_exclusions, read_exclusions, split
from simulator.errors import ConfigurationError
from simulator.kept_files import kept_files_folder

BUDGET = 3
"""How many times as long as the run itself the mutants may take, unless told."""
_LAST_TEST_S = 30.0
"""How long a process may go on after the budget: the test that runs then has to end."""
_PROGRESS_EVERY_S = 5.0


def try_mutants(
    config: pytest.Config, met: Mapping[str, Sequence[Sequence[str]]], took: float
) -> tuple[list[str], bool]:
    """Try the mutants that concern the tests; return the lines of the report, and whether each was noticed.

    `took` is how long the run itself took, in seconds.
    """
    exclude = config.getoption("daily_mutants_exclude")
    try:
        exclusions = read_exclusions(Path(exclude)) if exclude else {}
    except (ConfigurationError, OSError) as unusable:
        return [f"no mutants were tried: --daily-mutants-exclude: {unusable}"], False
    mutants = {test: [Mutant(*each) for each in noted] for test, noted in met.items()}  # type: ignore[arg-type]
    only, seed = config.getoption("daily_mutants_only"), config.getoption("daily_mutants_seed")
    found = candidates(mutants, seed=seed, exclusions=exclusions, only=only)
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    budget = config.getoption("daily_mutants_budget")
    outcomes = _Campaign(config, reporter, took * BUDGET if budget is None else budget).run(found)
    lines = list(outcome_lines(found, outcomes, excluded(exclusions, mutants)))
    lines += [
        f"{exclude}: {pattern}: no test met such a mutant" for pattern in needless_exclusions(exclusions, mutants)
    ]
    if survivors(outcomes):
        page = write_survivors(found, outcomes, kept_files_folder("reports"))
        lines.append(page.absolute().as_uri())
    return lines, not survivors(outcomes)


class _Campaign:
    """One process for each of pytest-xdist's workers, or one."""

    def __init__(self, config: pytest.Config, reporter: Any, budget: float) -> None:
        self._config = config
        self._reporter = reporter
        self._budget = budget
        self._folder = kept_files_folder("mutants")
        self._kept = self._folder.parent / "mutants.jsonl"
        """The outcomes of this run, and with `--daily-mutants-resume` of those before it."""

    def run(self, found: Sequence[Candidate]) -> list[Outcome]:
        """Try the candidates that are not known yet; return an outcome for each."""
        if not self._config.getoption("daily_mutants_resume"):
            self._kept.unlink(missing_ok=True)
        known = {outcome.mutant for outcome in read_outcomes(self._kept)}
        todo = split([candidate for candidate in found if candidate.mutant not in known], self._jobs)
        until = time.time() + self._budget
        started = [self._start(number, part, until) for number, part in enumerate(todo)]
        self._watch([process for process, _ in started], len(found), until)
        ends = {self._reason(number, process) for number, (process, _) in enumerate(started)} - {None}
        for _, file in started:
            with self._kept.open("a", encoding="utf-8") as kept:
                kept.write(file.read_text(encoding="utf-8") if file.exists() else "")
        why = "; ".join(sorted(filter(None, ends))) or f"the budget of {self._budget:.0f} s was used up"
        return with_untried(found, read_outcomes(self._kept), why)

    @property
    def _jobs(self) -> int:
        return int(getattr(self._config.option, "numprocesses", None) or 1)

    def _start(self, number: int, part: Sequence[Candidate], until: float) -> tuple[subprocess.Popen[bytes], Path]:
        batch, outcomes = self._folder / f"{number}.json", self._folder / f"{number}.jsonl"
        outcomes.unlink(missing_ok=True)
        todo = [[candidate.mutant.as_list(), candidate.tests] for candidate in part]
        content = {"todo": todo, "until": until, "outcomes": str(outcomes.resolve())}
        batch.write_text(json.dumps(content), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", *self._config.invocation_params.args]
        command += [f"--daily-mutants-batch={batch.resolve()}", "--daily-report=off", "-p", "no:cacheprovider"]
        if self._config.pluginmanager.has_plugin("xdist"):
            command.append("-n0")
        if self._config.option.basetemp:  # which each process empties
            command.append(f"--basetemp={(self._folder / f'{number}.tmp').resolve()}")
        if getattr(self._config.option, "xmlpath", None):
            command.append(f"--junitxml={self._folder / f'{number}.xml'}")
        if self._config.getoption("daily_report_summary"):
            command.append(f"--daily-report-summary={self._folder / f'{number}.md'}")
        with (self._folder / f"{number}.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - the command of this run
                command, cwd=self._config.invocation_params.dir, stdout=log, stderr=subprocess.STDOUT
            )
        return process, outcomes

    def _watch(self, processes: Sequence[subprocess.Popen[bytes]], wanted: int, until: float) -> None:
        """Wait until all processes have ended, and tell how far they are; end those that are far beyond the budget."""
        told = 0.0
        while running := [process for process in processes if process.poll() is None]:
            if time.time() > until + _LAST_TEST_S:
                for process in running:
                    process.terminate()
            try:
                running[0].wait(timeout=1)
            except subprocess.TimeoutExpired:
                told += 1
            if told >= _PROGRESS_EVERY_S:
                told = 0.0
                tried = sum(len(list(read_outcomes(file))) for file in self._folder.glob("*.jsonl"))
                left = max(0.0, until - time.time())
                self._reporter.write_line(f"mutants: {tried} of {wanted} tried, {left:.0f} s left")

    def _reason(self, number: int, process: subprocess.Popen[bytes]) -> str | None:
        """Why a process did not do its work; None if it did, or the budget ended it."""
        if process.returncode in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or process.returncode < 0:
            return None
        log = self._folder / f"{number}.log"
        return f"pytest ended with status {process.returncode} when tests were run again ({log})"
