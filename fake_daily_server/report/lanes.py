"""What each call carried, on one clock: streams of RTP, digits, tones and silence, and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_daily_server.report.parties import Parties
from fake_daily_server.report.quality import quality_of
from simulator.timeline import Record


@dataclass(slots=True)
class Span:
    """A stretch of a lane, in seconds on the clock of the timeline."""

    begins: float
    ends: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on a lane."""

    at: float
    label: str


@dataclass(slots=True)
class Lane:
    """One row of the picture."""

    name: str
    spans: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


def lanes(records: Iterable[Record], parties: Mapping[str, Parties]) -> list[Lane]:
    """The lanes of all calls with media, each side's RTP first, then what its phone and Daily heard."""
    found: dict[tuple[str, str], Lane] = {}
    open_spans: dict[tuple[str, str], Span] = {}
    latest = 0.0
    for record in records:
        latest = max(latest, record.at)
        call_id = record.fields.get("sip_call_id")
        if not call_id:
            continue
        name, text = _on_lane(record, parties.get(call_id, Parties()))
        if name is None:
            continue
        lane = found.setdefault((call_id, name), Lane(name))
        if record.kind == "rtp" and record.fields["action"] == "begins":
            if record.fields["carries"] != "TELEPHONE-EVENT":
                _close(open_spans.pop((call_id, name), None), record.at)
                span = open_spans[call_id, name] = Span(record.at, record.at, text)
                lane.spans.append(span)
        elif record.kind == "rtp" and record.fields["action"] == "sums up":
            span_or_none = open_spans.pop((call_id, name), None)
            _close(span_or_none, record.at)
            if span_or_none is not None:
                span_or_none.label = text
        else:
            lane.marks.append(Mark(record.at, text))
    for span in open_spans.values():
        _close(span, latest)
    return list(found.values())


def _close(span: Span | None, at: float) -> None:
    if span is not None:
        span.ends = at


def _on_lane(record: Record, parties: Parties) -> tuple[str | None, str]:
    """Name of the lane that shows a record, and the text there; None for a record that no lane shows."""
    fields = record.fields
    if record.kind == "rtp":
        return _rtp(fields, parties)
    if record.kind == "digit" and "digit" in fields:
        return "Daily hears", f"{fields['digit']} ({fields['method']})"
    if record.kind == "phone":
        action = str(fields.get("action"))
        phone = str(fields.get("phone"))
        if action in _HEARD:
            return f"{phone} hears", _HEARD[action](fields)
        if action == "presses":
            return f"{phone} presses", f"{fields.get('digits')} ({fields.get('method')})"
    return None, ""


def _rtp(fields: Mapping[str, Any], parties: Parties) -> tuple[str | None, str]:
    action = fields.get("action")
    if action == "faults":
        side = _side(str(fields.get("towards")), parties)
        return f"line to {side}", str(fields["faults"])
    if action not in {"begins", "sums up", "digit"}:
        return None, ""
    sender = _side(str(fields.get("sender")), parties)
    if action == "digit":
        return f"{sender} sends digits", f"{fields['digit']} {fields['duration_ms']} ms"
    lane = f"{sender} sends"
    if action == "begins":
        return lane, str(fields["carries"])
    quality = quality_of(fields)
    lost = f", {quality.lost} lost" if quality.lost else ""
    dropped = f", {quality.dropped} dropped on purpose" if quality.dropped else ""
    jitter = "" if quality.jitter_ms is None else f" · jitter {quality.jitter_ms:.1f} ms"
    mos = "" if quality.mos is None else f" · MOS {quality.mos:.1f}"
    return lane, f"{quality.codec} · {quality.packets} packets{lost}{dropped}{jitter}{mos}"


def _side(side: str, parties: Parties) -> str:
    return (parties.caller if side == "caller" else parties.callee) or side


_HEARD: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "hears": lambda fields: f"{fields['digit']} ({fields['method']})",
    "hears tones": lambda fields: f"{' + '.join(f'{hz:g}' for hz in fields['hz'])} Hz",
    "hears silence": lambda fields: f"{fields['seconds']:g} s silence",
    "hears in-band digits": lambda fields: f"{fields['digits']} (in-band)",
    "is heard": lambda fields: f"is heard after {fields['after_ms']} ms",
}
