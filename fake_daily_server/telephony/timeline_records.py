"""Timeline records of INVITEs and SIP notices of Daily's calls, and of the steps of their machines."""

from __future__ import annotations

from typing import Any

from fake_daily_server.telephony.machines.machine import Machine
from fake_daily_server.telephony.machines.outputs import Output
from simulator.timeline import RecordKind, Timeline
from simulator.useragent import messages


def record_invite(timeline: Timeline, incoming: messages.Incoming, **about: object) -> None:
    """Record an incoming INVITE; `about` are further fields."""
    timeline.append(
        "sip",
        at=incoming.at,
        message="INVITE",
        to=incoming.request_uri,
        **{"from": incoming.from_uri},
        sip_call_id=incoming.sip_call_id,
        **about,
    )


def record_notice(timeline: Timeline, notice: messages.AnyCallNotice, **about: object) -> None:
    """Record a notice of a call, if the timeline shows notices of its kind; `about` are further fields."""
    kind: RecordKind = "sip"
    fields: dict[str, object]
    match notice:
        case messages.Dialling():
            fields = {"message": "INVITE", "to": notice.remote_uri}
        case messages.Ringing() | messages.EarlyMedia() | messages.Answered():
            fields = {"message": f"{notice.status} {notice.reason}"}
        case messages.Media():
            kind = "media"
            fields = {
                "codec": notice.codec,
                "telephone_event": notice.telephone_event,
                "direction": notice.direction,
            }
        case messages.DigitEnd():
            kind = "digit"
            fields = {"digit": notice.digit, "method": notice.method, "duration_ms": notice.duration_ms}
            if notice.stated_ms is not None:
                fields["stated_ms"] = notice.stated_ms
        case messages.DigitsFailed():
            kind, fields = "digit", {"not_sent": notice.digits, "method": notice.method, "because": notice.error}
        case messages.InfoReceived():
            kind, fields = "sip", {"message": f"INFO {notice.content_type}: {notice.status}"}
        case messages.TransferProgress():
            outcome = f"{notice.status} {notice.reason}" if notice.status else notice.reason
            fields = {"message": f"REFER: {outcome}".rstrip()}
        case messages.TransferRequested():
            fields = {"message": "REFER received", "to": notice.to, "answer": notice.status}
        case messages.Ended():
            fields = {"message": f"ended: {notice.status} {notice.reason}", "by": notice.by}
        case _:
            return
    timeline.append(kind, at=notice.at, **about, **fields)


def feed_recorded(timeline: Timeline, machine: Machine[Any, Any], given: object, **about: Any) -> tuple[Output, ...]:
    """Feed an input to a call machine and record the step that it takes; `about` are further fields."""
    outputs = machine.feed(given)
    step = machine.taken
    if step is not None:
        about |= {"state": step.state, "input": step.input, "guard": step.guard, "next": step.to}
        timeline.append("flow", machine=machine.title, **about)
    return outputs
