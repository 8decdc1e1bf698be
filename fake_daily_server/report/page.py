"""The report as a page: readable without script and style, which only add filters, comparison and looks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

from fake_daily_server.report.comparison import comparison
from fake_daily_server.report.drawing import head, picture_of
from fake_daily_server.report.report import Report
from fake_daily_server.report.rows import ladder_row
from fake_daily_server.report.step import Step

STYLE, SCRIPT = "report.css", "report.js"
CAPTURE = ".pcapng"
_MOST_FILTERED = 5
"""Calls in a filter for Wireshark."""
_HERE = Path(__file__).parent
_MOST_STEPS = 2000
"""Rows of a ladder; of a longer one, the first and the last are shown."""
_MOST_RECORDS = 5000


def page(report: Report, *, whole: bool, folder: Path | None = None) -> str:
    """The HTML of a report: with style and script inside it if `whole`, else with links to two files beside it.

    `folder` is where the page will be, from which it links to the files of the report.
    """
    return "".join(_parts(report, whole=whole, folder=folder or Path()))


def asset(name: str) -> str:
    """The text of the style sheet or the script."""
    return (_HERE / name).read_text("utf-8")


def _parts(report: Report, *, whole: bool, folder: Path) -> Iterator[str]:
    style = f"<style>{asset(STYLE)}</style>" if whole else f'<link rel="stylesheet" href="{STYLE}">'
    script = f"<script>{asset(SCRIPT)}</script>" if whole else f'<script src="{SCRIPT}" defer></script>'
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title>{style}</head><body>\n"
    )
    yield from _verdict(report)
    if report.verdict is not None and report.verdict.compared:
        yield from comparison(report.verdict.compared)
    yield from _files(report, folder)
    yield from _ladder(report)
    yield from _lanes(report)
    for title, text in report.outputs.items():
        if text.strip():
            yield f"<h2>{escape(title)}</h2><pre>{escape(text)}</pre>"
    yield from _scenario(report)
    yield from _records(report)
    yield f"{script}</body></html>\n"


def _verdict(report: Report) -> Iterator[str]:
    verdict = report.verdict
    yield f"<h1>{escape(report.title)}</h1>\n"
    if verdict is not None:
        kind = "passed" if verdict.passed else "failed"
        yield f'<p class="verdict {kind}"><strong>{kind}</strong> {escape(verdict.headline)}</p>'
        if verdict.facts:
            yield "<dl>"
            for name, text in verdict.facts.items():
                yield f"<dt>{escape(name)}</dt><dd><pre>{escape(text)}</pre></dd>"
            yield "</dl>"
    if report.command:
        yield f"<p>Run it again: <code>{escape(report.command)}</code></p>"


def _files(report: Report, folder: Path) -> Iterator[str]:
    for file in report.files:
        address = escape(quote(os.path.relpath(file, folder).replace(os.sep, "/")))
        yield f'<p>Kept: <a href="{address}">{escape(file.name)}</a>'
        yield f'<br><img src="{address}" alt="spectrogram">' if file.suffix == ".png" else ""
        if file.suffix == CAPTURE:
            filters = " || ".join(f'sip.Call-ID == "{call}"' for call in _calls(report)[:_MOST_FILTERED])
            yield ", SIP and RTP for Wireshark"
            yield f"; its SIP messages: <code>{escape(filters)}</code>" if filters else ""
        yield "</p>"
    if report.capture_command is not None and _calls(report) and not any(f.suffix == CAPTURE for f in report.files):
        yield f"<p>SIP and RTP for Wireshark: <code>{escape(report.capture_command)}</code></p>"


def _calls(report: Report) -> list[str]:
    """The Call-IDs of the calls, in their order."""
    return list(dict.fromkeys(step.call for step in report.ladder.steps if step.call))


def _ladder(report: Report) -> Iterator[str]:
    yield '<h2 id="ladder">Ladder</h2>'
    steps = report.ladder.steps
    if not steps:
        yield "<p>Nothing has happened.</p>"
        return
    yield (
        '<p class="hint">Seconds since the first record, then since the row before. Open a row for the whole message '
        "or record.</p>"
    )
    columns = report.ladder.columns
    yield f'<div id="rows"><div class="head"><span class="times"></span>{head(columns)}</div>\n'
    before = report.began
    calls = {call: str(number) for number, call in enumerate(_calls(report), 1)}
    for step in _shortened(steps):
        if isinstance(step, str):
            yield f"<p>{step}</p>"
            continue
        yield ladder_row(step, columns, began=report.began, before=before, call=calls.get(step.call or "", ""))
        before = step.at
    verdict = report.verdict
    if verdict is not None and not verdict.passed:
        yield f'<p class="verdict failed" id="failure"><strong>failed here</strong> {escape(verdict.headline)}</p>'
    yield "</div>"


def _shortened(steps: tuple[Step, ...]) -> Iterable[Step | str]:
    if len(steps) <= _MOST_STEPS:
        return steps
    half = _MOST_STEPS // 2
    return (*steps[:half], f"… {len(steps) - 2 * half} rows are left out here …", *steps[-half:])


def _lanes(report: Report) -> Iterator[str]:
    if report.lanes:
        yield '<h2 id="media">Media</h2><div class="wide">'
        yield picture_of(report.lanes, report.began, report.ended)
        yield "</div>"


def _scenario(report: Report) -> Iterator[str]:
    if report.scenario is not None:
        yield (
            '<h2 id="scenario">The calls as a scenario</h2><details><summary>A file for <code>daily-sim run</code>, '
            "which repeats them and expects the same events</summary>"
            f'<pre class="copied">{escape(report.scenario)}</pre></details>'
        )


def _records(report: Report) -> Iterator[str]:
    shown = report.records[-_MOST_RECORDS:]
    yield f'<h2 id="records">Records</h2><details><summary>{len(report.records)} records of the timeline'
    yield f", of which the last {len(shown)}" if len(shown) < len(report.records) else ""
    yield ", one JSON object a line</summary><pre>"
    for record in shown:
        yield escape(json.dumps(record.as_dict(), ensure_ascii=False, default=str)) + "\n"
    yield "</pre></details>"
