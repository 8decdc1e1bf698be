"""Texts for results: the statistics and the failure of a scenario, and the summary of a run."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from scenarios.loading.scenario_files import ScenarioFile
from scenarios.reporting.style import BOLD, GREEN, RED, Style
from scenarios.runner import Failure, Result
from simulator.timeline import Record

FAILED = "   FAILED"
"""The beginning of the text of a failure."""


def failure_text(result: Result, style: Style) -> str:
    """Location and explanation of the failure of a scenario, indented; empty if it passed."""
    failure = result.failure
    if failure is None:
        return ""
    head = style(f"{FAILED} {result.seconds:.1f} s", RED, BOLD)
    explanation = "".join(f"      {line}\n" for line in failure.text.splitlines())
    return f"{head}   {failure_location(result.file, failure)}\n{explanation}"


def expected_failure_text(result: Result, style: Style) -> str:
    """The line of a scenario that has failed as it must: the reason of the file, and where it failed."""
    if result.expected is None:
        return ""
    head = style("   ok", GREEN, BOLD) + f" {result.seconds:.1f} s   failed as expected"
    return f"{head}: {result.file.scenario.expected_failure}   {failure_location(result.file, result.expected)}\n"


def failure_location(file: ScenarioFile, failure: Failure) -> str:
    """`path:line: step 3, <the step in words>`; `path:line: after step 3, …` for the last one; else only the path.

    For a program under test that could not be used: `path:line: client, python bot.py`.
    """
    if failure.program is not None:
        command = shlex.join(file.scenario.all_programs[failure.program].command)
        return f"{file.program_places[failure.program]}: {failure.program}, {command}"
    if failure.after_steps:
        steps = file.scenario.steps
        return f"{file.step_places[-1]}: after step {len(steps)}, {steps[-1]}"
    if failure.step is None:
        return str(file.path)
    return f"{file.step_places[failure.step]}: step {failure.step + 1}, {file.scenario.steps[failure.step]}"


def statistics(records: Iterable[Record]) -> str:
    """Counts of what a scenario contained: `2 calls · 3 digits · PCMU · 9 events`."""
    calls: set[str] = set()
    codecs: dict[str, None] = {}
    digits = events = 0
    for record in records:
        if record.fields.get("sip_call_id"):
            calls.add(record.fields["sip_call_id"])
        if codec := record.fields.get("codec"):
            codecs[codec] = None
        digits += (record.kind == "digit" and "digit" in record.fields) or record.fields.get("action") == "hears"
        events += record.kind == "event"
    counts = (_count_unless_zero(len(calls), "call"), _count_unless_zero(digits, "digit"), *codecs)
    return " · ".join(filter(None, (*counts, _count_unless_zero(events, "event"))))


def summary(results: Sequence[Result], seconds: float, style: Style) -> str:
    """One line for each failed scenario, then `22 scenarios, 22 passed in 14.8 s`."""
    failed = [result for result in results if not result.passed]
    as_expected = sum(result.expected is not None for result in results)
    counts = f"{_count(len(results), 'scenario')}, {len(results) - len(failed) - as_expected} passed"
    if as_expected:
        counts += f", {as_expected} failed as expected"
    if failed:
        counts += f", {len(failed)} failed"
    lines = [f"{style('failed', RED)}  {failure_location(each.file, each.failure)}" for each in failed if each.failure]
    lines.append(style(f"{counts} in {seconds:.1f} s", BOLD, RED if failed else GREEN))
    return "\n".join(lines)


def _count_unless_zero(number: int, noun: str) -> str:
    return _count(number, noun) if number else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
