"""What SIP says of Daily's calls, for the timeline."""

from __future__ import annotations

from simulator.timeline import Timeline
from simulator.useragent import messages


def record_notice(timeline: Timeline, notice: messages.AnyCallNotice, **about: object) -> None:
    """Put a notice on the timeline, if it is of interest; `about` says whose call it is."""
    match notice:
        case messages.Dialling():
            fields: dict[str, object] = {"message": "INVITE", "to": notice.remote_uri}
            kind = "sip"
        case messages.Ringing() | messages.EarlyMedia() | messages.Answered():
            kind, fields = "sip", {"message": f"{notice.status} {notice.reason}"}
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
        case messages.TransferProgress():
            kind, fields = "sip", {"message": f"REFER: {notice.status} {notice.reason}".rstrip()}
        case messages.Ended():
            kind, fields = "sip", {"message": f"ended: {notice.status} {notice.reason}", "by": notice.by}
        case _:
            return
    timeline.append(kind, at=notice.at, **about, **fields)
