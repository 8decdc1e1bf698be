"""The page of survivors: what no test noticed, who met it, and the step that shows it in a story. Without script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from fake_daily_server.mutants.fault import step_of
from fake_daily_server.mutants.outcome import Outcome, survivors
from fake_daily_server.mutants.plan import Candidate
from fake_daily_server.report.page import STYLE, asset


def write_survivors(found: Sequence[Candidate], outcomes: Sequence[Outcome], folder: Path) -> Path:
    """Write the page and its style sheet into a folder; returns the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mutants.html"
    path.write_text("".join(_parts(found, outcomes)), encoding="utf-8")
    (folder / STYLE).write_text(asset(STYLE), encoding="utf-8")
    return path


def _parts(found: Sequence[Candidate], outcomes: Sequence[Outcome]) -> Iterator[str]:
    tests = {candidate.mutant: candidate.tests for candidate in found}
    survived = survivors(outcomes)
    tried = [outcome for outcome in outcomes if outcome.verdict != "not tried"]
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>What would nobody notice?</title>'
        f'<link rel="stylesheet" href="{STYLE}"></head><body>\n<h1>What would nobody notice?</h1>\n'
        f"<p>{len(tried)} of {len(outcomes)} mutants were tried; no test noticed {len(survived)}.</p>\n"
    )
    for outcome in survived:
        mutant = outcome.mutant
        yield f"<h2>Nobody noticed that {escape(mutant.words)}</h2>\n<p>Met by:</p><ul>"
        yield from (f"<li><code>{escape(test)}</code></li>" for test in tests[mutant])
        yield (
            "</ul>\n<p>In a story, this step lets it go wrong:</p>"
            f"<pre>{escape(step_of(mutant))}</pre>\n<p>Only this one: <code>--daily-mutants-only "
            f"&#x27;{escape(str(mutant))}&#x27;</code>; <code>daily-sim mutants --only</code> with stories.</p>\n"
        )
    untried = [outcome for outcome in outcomes if outcome.verdict == "not tried"]
    if untried:
        yield "<h2>Not tried</h2><ul>"
        yield from (f"<li><code>{escape(str(each.mutant))}</code>: {escape(each.by)}</li>" for each in untried)
        yield "</ul>"
    yield "</body></html>\n"
