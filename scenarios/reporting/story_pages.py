"""The reports of scenarios as pages in `.daily-sim/reports`."""

from __future__ import annotations

import shlex
from pathlib import Path

from fake_daily_server.report.files import write_report
from fake_daily_server.report.report import Verdict, build_report
from scenarios.reporting.result_text import failure_location
from scenarios.runner import Result
from simulator.kept_files import kept_files_folder


def write_page(result: Result, *, whole: bool = False) -> Path:
    """Write the report of a scenario, as one file if `whole`; returns its path."""
    file = result.file
    report = build_report(
        f"{file.path}: {file.scenario.title}",
        result.records,
        result.messages,
        lambda at: at,  # the times of the messages are on the clock of the records already
        verdict=_verdict(result),
        command=f"daily-sim run {shlex.quote(str(file.path))}",
    )
    return write_report(report, kept_files_folder("reports"), file.name, whole=whole)


def _verdict(result: Result) -> Verdict:
    failure = result.failure
    if failure is None:
        return Verdict(passed=True, headline="passed")
    lines = failure.text.splitlines() or [""]
    because = next((line.removeprefix("Because").strip() for line in lines if line.startswith("Because")), None)
    facts = {"Where": failure_location(result.file, failure), "What": failure.text}
    return Verdict(passed=False, headline=because or lines[0], facts=facts)
