"""A sample payload of each webhook event, for events that are triggered by hand, made as the payloads of facts are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from fake_daily_server.domain.facts import Fact, MeetingEnded, MeetingStarted, ParticipantJoined, ParticipantLeft
from fake_daily_server.telephony.facts import CallProgressed, EndpointRegistered, TransferProgressed
from fake_daily_server.telephony.machines.outputs import TransferStep
from fake_daily_server.telephony.sample_events import CALLEE, CALLER, sample_events
from fake_daily_server.values.ids import new_uuid
from fake_daily_server.values.participants import Participant
from fake_daily_server.webhooks.event_table import PAYLOADS
from fake_daily_server.webhooks.event_types import EventType
from fake_daily_server.webhooks.facts_to_events import event_for

_LASTED_S = 60


def sample_payloads(room: str, domain_id: str, sip_endpoint: str, now: float) -> Mapping[EventType, dict[str, Any]]:
    """Samples by type, for the time `now` in unix seconds. Ids are new for each mapping, and the same within it."""
    common = {"room": room, "domain_id": domain_id, "timestamp": str(int(now))}
    made = (event for fact in _facts(sip_endpoint, now) if (event := event_for(fact)) is not None)
    return {kind: PAYLOADS[kind].model_validate(_known(kind, common) | dict(fields)).as_json() for kind, fields in made}


def _known(kind: EventType, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in PAYLOADS[kind].model_fields}


def _facts(sip_endpoint: str, now: float) -> Iterator[Fact]:
    meeting_id, ended_at = new_uuid(), datetime.fromtimestamp(now, UTC)
    began = ended_at - timedelta(seconds=_LASTED_S)
    yield MeetingStarted(meeting_id, ended_at)
    yield MeetingEnded(meeting_id, began, now)
    session_id = new_uuid()
    yield ParticipantJoined(Participant(session_id=session_id, user_id=session_id, user_name="Ann", joined_at=ended_at))
    yield ParticipantLeft(Participant(session_id=session_id, user_id=session_id, user_name="Ann", joined_at=began), now)
    yield EndpointRegistered(sip_endpoint)
    for action, event in sample_events(sip_endpoint).items():
        if action not in ("dialin-ready", "dtmf-event"):
            yield CallProgressed(event, "Ann")
    for step in get_args(TransferStep):
        yield TransferProgressed(step, session_id, meeting_id, CALLEE, CALLER, is_sip_refer=False)
