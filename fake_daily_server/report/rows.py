"""The rows of a ladder as HTML: of a report, and of the page that shows a running server."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fake_daily_server.report.drawing import row
from fake_daily_server.report.step import Step


def ladder_row(step: Step, columns: Sequence[str], *, began: float, before: float, call: str) -> str:
    """One row, which opens to the whole message or record.

    `began` is the time of +0, `before` that of the row before, both in seconds on the clock of the timeline. `call` is
    the number of the step's call, by which the page filters.
    """
    since = (step.at - before) * 1000
    ends = f"{step.source} → {step.target}" if step.target else step.source
    sdp = (
        f'<details class="sdp" open><summary>session description</summary><pre>{escape(step.sdp)}</pre></details>'
        if step.sdp
        else ""
    )
    return (
        f'<details id="{step.anchor}" class="row" data-kind="{escape(step.kind)}" data-call="{call}">'
        f'<summary title="{escape(ends)}: {escape(step.label)}"><span class="times">'
        f"<b>+{step.at - began:.3f}</b> <i>{since:+.0f} ms</i></span> {row(step, columns)}</summary>"
        f'<p><a href="#{step.anchor}">{escape(ends)}</a>: {escape(step.label)}</p><pre>{escape(step.detail())}</pre>'
        f"{sdp}</details>\n"
    )
