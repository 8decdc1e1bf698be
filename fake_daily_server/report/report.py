"""A report: everything that the page says, as values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fake_daily_server.report.ladder import Ladder, ladder
from fake_daily_server.report.lanes import Lane, lanes
from fake_daily_server.report.parties import parties_of_calls
from simulator.compared_field import ComparedField
from simulator.errors import ExpectationFailed
from simulator.front_door.recent_messages import SeenMessage
from simulator.timeline import Record


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a test ended, in sentences: `facts` are shown below `headline`, each with its name."""

    passed: bool
    headline: str
    facts: Mapping[str, str] = field(default_factory=dict)
    compared: Sequence[ComparedField] = ()
    """What was expected beside what came nearest, field by field."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows. `command` runs the test again; `outputs` are texts of programs, by title."""

    title: str
    verdict: Verdict | None
    """None in the report of a server that is still running."""
    ladder: Ladder
    lanes: Sequence[Lane]
    records: Sequence[Record]
    began: float
    ended: float
    command: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[Path] = ()
    """Files that belong to it, such as the recorded sound in which nothing was found and its spectrogram."""
    scenario: str | None = None
    """A scenario file that repeats its calls."""
    capture_command: str | None = None
    """Runs the test again and captures its packets; shown unless `files` has a capture."""


def build_report(
    title: str,
    records: Collection[Record],
    messages: Iterable[SeenMessage],
    seconds_at: Callable[[float], float],
    *,
    verdict: Verdict | None = None,
    command: str | None = None,
    outputs: Mapping[str, str] | None = None,
    files: Sequence[Path] = (),
    scenario: str | None = None,
    capture_command: str | None = None,
) -> Report:
    """Build the report of the records and SIP messages of one test."""
    drawn = ladder(records, messages, seconds_at)
    times = [step.at for step in drawn.steps] + [record.at for record in records] or [0.0]
    return Report(
        title=title,
        verdict=verdict,
        ladder=drawn,
        lanes=lanes(records, parties_of_calls(records)),
        records=tuple(records),
        began=min(times),
        ended=max(times),
        command=command,
        outputs=outputs or {},
        files=files,
        scenario=scenario,
        capture_command=capture_command,
    )


def kept_files(error: BaseException | None) -> Sequence[Path]:
    """The files that a failed expectation has kept."""
    kept = error.kept if isinstance(error, ExpectationFailed) else None
    return [Path(name) for name in kept.split(", ")] if kept else []


def verdict_of(error: BaseException | None) -> Verdict:
    """The verdict of a test that ended with this error, or without one."""
    if error is None:
        return Verdict(passed=True, headline="passed")
    if isinstance(error, ExpectationFailed):
        facts = {"Expected": error.expected, "Nearest": error.nearest or "nothing like it happened"}
        if error.because:
            facts["Because"] = error.because
        headline = f"expected {error.expected}" + (f"; {error.because}" if error.because else "")
        return Verdict(passed=False, headline=headline, facts=facts, compared=error.compared)
    text = str(error).strip() or type(error).__name__
    first, _, rest = text.partition("\n")
    facts = {"Error": type(error).__name__}
    return Verdict(passed=False, headline=first, facts={**facts, "Text": rest.strip()} if rest.strip() else facts)
