"""A sample of each telephony event, for events that are triggered by hand: of one dialled and one incoming call."""

from __future__ import annotations

from collections.abc import Mapping

from fake_daily_server.telephony.events import DialInEvents, DialOutEvents, TelephonyEvent, dialin_ready, dtmf_event
from fake_daily_server.values.ids import new_uuid

CALLER, CALLEE = "+12065550199", "+12065550142"
"""Numbers of samples; 555-01XX is reserved for fiction."""
_REASON = "triggered by hand"


def sample_events(sip_endpoint: str) -> Mapping[str, TelephonyEvent]:
    """Samples by `action`. Session ids and Call-IDs are new for each mapping, and the same within it."""
    session_id, call_id = new_uuid(), f"{new_uuid()}@triggered"
    dialled = DialOutEvents(session_id, CALLEE, origin=CALLER)
    incoming = DialInEvents(session_id, call_id, f"sip:{CALLER}@127.0.0.1", sip_endpoint)
    events = (
        dialin_ready(sip_endpoint),
        incoming.connected(),
        incoming.stopped(),
        incoming.warning(_REASON),
        incoming.error(_REASON, start_failed=False),
        dialled.connected(call_id),
        dialled.answered(call_id),
        dialled.stopped(call_id),
        dialled.warning(_REASON, call_id),
        dialled.error(_REASON, call_id),
        dtmf_event(session_id, "1", "telephone-event"),
    )
    return {event.action: event for event in events}
