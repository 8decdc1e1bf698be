"""The quality of RTP on the page: of each direction of the latest calls with media, once they have ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from fake_daily_server.report.parties import Parties
from fake_daily_server.report.quality import quality_of
from simulator.timeline import Record

MOST_SHOWN = 12


def sums_up(record: Record) -> bool:
    """Whether a record tells the totals of one direction of a call."""
    return record.kind == "rtp" and record.fields.get("action") == "sums up"


def quality_panel(records: Iterable[Record], parties: Mapping[str, Parties]) -> str:
    """A table of the records `sums up`, newest first; a sentence if there are none."""
    rows = "".join(_row(record, parties) for record in reversed([*records]))
    if not rows:
        return '<p class="hint">No call with media has ended yet.</p>'
    head = "".join(f'<th scope="col">{name}</th>' for name in ("sender", "codec", "packets", "lost", "jitter", "MOS"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(record: Record, parties: Mapping[str, Parties]) -> str:
    fields = record.fields
    quality, known = quality_of(fields), parties.get(str(fields.get("sip_call_id")), Parties())
    sender, receiver = (known.caller or "caller", known.callee or "callee")
    if fields.get("sender") != "caller":
        sender, receiver = receiver, sender
    jitter = "" if quality.jitter_ms is None else f"{quality.jitter_ms:.1f} ms"
    mos = "" if quality.mos is None else f"{quality.mos:.1f}"
    cells = (quality.codec, str(quality.packets), f"{quality.loss_percent:.1f} %", jitter, mos)
    return (
        f'<tr id="quality-{record.seq}"><th scope="row">{escape(sender)} → {escape(receiver)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
    )
