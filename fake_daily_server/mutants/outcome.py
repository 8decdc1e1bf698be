"""What became of each mutant, as values, as lines of a file, and in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fake_daily_server.mutants.mutant import Mutant
from fake_daily_server.mutants.plan import Candidate

Verdict = Literal["noticed", "survived", "not tried"]

_SHOWN_TESTS = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant. `by` is the test that noticed it, or why it was not tried."""

    mutant: Mutant
    verdict: Verdict
    by: str = ""

    def as_line(self) -> str:
        """The outcome as a line of JSON."""
        return json.dumps({"mutant": self.mutant.as_list(), "verdict": self.verdict, "by": self.by}) + "\n"


def read_outcomes(file: Path) -> Iterator[Outcome]:
    """Read the outcomes of a file of JSON lines; none if it does not exist. A line that was cut off is left out."""
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            given = json.loads(line)
        except ValueError:
            continue
        yield Outcome(Mutant(*given["mutant"]), given["verdict"], given["by"])


def with_untried(found: Sequence[Candidate], outcomes: Iterable[Outcome], why: str) -> list[Outcome]:
    """One outcome for each candidate, in their order: for those without one, that it was not tried, and why."""
    known: Mapping[Mutant, Outcome] = {outcome.mutant: outcome for outcome in outcomes}
    return [known.get(candidate.mutant, Outcome(candidate.mutant, "not tried", why)) for candidate in found]


def survivors(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The mutants that no test has noticed and that a program need not cope with."""
    return [outcome for outcome in outcomes if outcome.verdict == "survived" and not outcome.mutant.tolerable]


def outcome_lines(found: Sequence[Candidate], outcomes: Sequence[Outcome], excluded: int = 0) -> Iterator[str]:
    """The report, for a person: the numbers, the survivors, what a program coped with, what was not tried."""
    tests = {candidate.mutant: candidate.tests for candidate in found}
    tried = [outcome for outcome in outcomes if outcome.verdict != "not tried"]
    noticed = sum(outcome.verdict == "noticed" for outcome in outcomes)
    also = f"; {excluded} excluded" if excluded else ""
    yield f"tried {len(tried)} of {len(outcomes)} mutants: {noticed} noticed, {len(tried) - noticed} not{also}"
    yield from _survivor_lines([outcome.mutant for outcome in survivors(outcomes)], tests)
    coped = [each for each in outcomes if each.verdict == "survived" and each.mutant.tolerable]
    if coped:
        yield "no test failed because of these, which a good program copes with:"
        yield from (f"    {outcome.mutant.words}" for outcome in coped)
    reasons: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.verdict == "not tried":
            reasons.setdefault(outcome.by, []).append(str(outcome.mutant))
    for why, mutants in reasons.items():
        yield f"not tried: {len(mutants)}, {why}"
        yield from (f"    {mutant}" for mutant in mutants)


def _survivor_lines(survived: Sequence[Mutant], tests: Mapping[Mutant, Sequence[str]]) -> Iterator[str]:
    """Two lines for each survivor; fields of one event share them."""
    fields: dict[str, list[str]] = {}
    for mutant in survived:
        if mutant.kind == "event-without-field":
            fields.setdefault(mutant.of, []).append(mutant.detail)
    for mutant in survived:
        if mutant.kind == "event-without-field" and mutant.detail != fields[mutant.of][0]:
            continue
        if mutant.kind == "event-without-field" and len(fields[mutant.of]) > 1:
            yield f"nobody noticed that `{mutant.of}` had no {', '.join(f'`{name}`' for name in fields[mutant.of])}"
            yield f"    {_names(tests[mutant])} met it; mutants: {mutant.kind} {mutant.of} *"
        else:
            yield f"nobody noticed that {mutant.words}"
            yield f"    {_names(tests[mutant])} met it; mutant: {mutant}"


def _names(tests: Sequence[str]) -> str:
    more = len(tests) - _SHOWN_TESTS
    return ", ".join(tests[:_SHOWN_TESTS]) + (f" and {more} more" if more > 0 else "")
