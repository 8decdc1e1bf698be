"""A row of the page's ladder: it can be selected, and opens to the whole message or record, which the page asks for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fake_daily_server.report.drawing import row
from fake_daily_server.report.step import Step


def ladder_line(step: Step, columns: Sequence[str], *, before: float, number: str, call: str, seq: int) -> str:
    """The row of a step.

    `before` is the time of the row before, `number` that of the step's call, `call` a Call-ID or session id of it, and
    `seq` that of its record; of a SIP message that of the record before it.
    """
    ends = f"{step.source} → {step.target}" if step.target else step.source
    about = escape(f"{ends}: {step.label}")
    return (
        f'<div id="{step.anchor}" class="line" data-kind="{escape(step.kind)}" data-call="{escape(call)}" '
        f'data-seq="{seq}"><input type="checkbox" class="pick" aria-label="select {about}">'
        f'<details class="row" data-kind="{escape(step.kind)}" data-call="{number}">'
        f'<summary title="{about}"><span class="times"><b>+{step.at:.3f}</b> '
        f"<i>{(step.at - before) * 1000:+.0f} ms</i></span> {row(step, columns)}</summary></details></div>"
    )
