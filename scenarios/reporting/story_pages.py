"""The reports of scenarios as pages in `.daily-sim/reports`."""

from __future__ import annotations

import shlex
from pathlib import Path

from fake_daily_server.recordings.timeline_story import story_of_timeline
from fake_daily_server.report.files import write_report
from fake_daily_server.report.report import Verdict, build_report
from scenarios.reporting.result_text import failure_location
from scenarios.runner import Result
from simulator.kept_files import kept_files_folder


def write_page(result: Result, *, whole: bool = False, capture: Path | None = None) -> Path:
    """Write the report of a scenario, as one file if `whole`, with a link to `capture` if given; returns its path."""
    file = result.file
    command = f"daily-sim run {shlex.quote(str(file.path))}"
    report = build_report(
        f"{file.path}: {file.scenario.title}",
        result.records,
        result.messages,
        lambda at: at,  # the times of the messages are on the clock of the records already
        verdict=_verdict(result),
        outputs={f"the scenario {file.path}": text} if (text := _numbered(result)) else {},
        files=[*(Path(name) for name in (_stated(result, "Kept") or "").split(", ") if name), *filter(None, [capture])],
        command=command,
        capture_command=f"{command} --capture calls.pcapng",
        scenario=story_of_timeline(result.records, f"{file.path}: {file.scenario.title}"),
    )
    return write_report(report, kept_files_folder("reports"), file.name, whole=whole)


def _verdict(result: Result) -> Verdict:
    failure = result.failure
    if failure is None:
        return Verdict(passed=True, headline="passed")
    facts = {"Where": failure_location(result.file, failure), "What": failure.text}
    return Verdict(passed=False, headline=reason(result), facts=facts, compared=failure.compared)


def _numbered(result: Result) -> str:
    """The text of the scenario file with numbers of lines, and a mark at the step that failed; empty without a file."""
    file, failure = result.file, result.failure
    if not file.path.exists():
        return ""
    failed = None if failure is None or failure.step is None else file.step_places[failure.step]
    marked = failed.line if failed is not None and failed.file == file.path else 0
    lines = file.path.read_text("utf-8").splitlines()
    return "\n".join(f"{'▶' if number == marked else ' '}{number:4} {line}" for number, line in enumerate(lines, 1))


def reason(result: Result) -> str:
    """Why a scenario has failed, in one line: what was expected, and which fields differ, or else its Because."""
    failure = result.failure
    if failure is None:
        return ""
    expected = _stated(result, "Expected")
    if expected is None:
        return failure.text.partition("\n")[0]
    differing = "; ".join(
        f"{row.field} is {'absent' if row.found is None else row.found}, not {row.expected}"
        for row in failure.compared
        if not row.agrees and row.expected is not None
    )
    because = differing or _stated(result, "Because") or _stated(result, "Nearest")
    return f"expected {expected}; {because}" if because else f"expected {expected}"


def _stated(result: Result, word: str) -> str | None:
    """What the line of a failure that begins with this word says; None without one."""
    lines = result.failure.text.splitlines() if result.failure is not None else []
    return next((line.removeprefix(word).strip() for line in lines if line.startswith(word)), None)
