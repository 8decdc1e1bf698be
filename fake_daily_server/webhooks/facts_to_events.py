"""Turns facts about meetings, participants and calls, which rooms announce, into webhook events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fake_daily_server.domain.facts import Fact, MeetingEnded, MeetingStarted, ParticipantJoined, ParticipantLeft
from fake_daily_server.telephony.events import (
    DialinConnected,
    DialinError,
    DialinStopped,
    DialinWarning,
    DialoutAnswered,
    DialoutConnected,
    DialoutError,
    DialoutStopped,
    DialoutWarning,
    TelephonyEvent,
)
from fake_daily_server.telephony.facts import CallProgressed, EndpointRegistered, TransferProgressed
from fake_daily_server.values.ids import number_id
from fake_daily_server.values.participants import Participant
from fake_daily_server.webhooks.event_types import EventType, event_type

TypeAndFields = tuple[EventType, Mapping[str, Any]]
"""The type of an event, and the fields of its payload other than room, domain and time."""


def event_for(fact: Fact) -> TypeAndFields | None:
    """The webhook event that reports `fact`; None for a DTMF digit, which no webhook reports.

    Raises TypeError for a kind of fact that is not known here.
    """
    event: TypeAndFields | None = None
    match fact:
        case MeetingStarted(meeting_id, started_at):
            event = "meeting.started", _meeting(meeting_id, started_at)
        case MeetingEnded(meeting_id, started_at, ended_at):
            event = "meeting.ended", {**_meeting(meeting_id, started_at), "end_ts": round(ended_at, 3)}
        case ParticipantJoined(participant):
            event = "participant.joined", _participant(participant)
        case ParticipantLeft(participant, left_at):
            event = "participant.left", _participant_left(participant, left_at)
        case EndpointRegistered(sip_endpoint):
            event = "dialin.ready", {"sip_endpoint": sip_endpoint}
        case CallProgressed(telephony_event, display_name):
            fields = _call(telephony_event, display_name)
            # Webhooks name these events as clients do, with a dot for the first dash.
            action = telephony_event.action.replace("-", ".", 1)
            event = None if fields is None else (event_type(action), fields)
        case TransferProgressed():
            event = event_type(f"calltransfer.{fact.step}"), _transfer(fact)
        case _:
            raise TypeError(f"no webhook event reports {type(fact).__name__}; add it to facts_to_events.event_for")
    return event


def _call(event: TelephonyEvent, display_name: str) -> dict[str, Any] | None:
    """The payload fields of an event about a call; None for a DTMF digit."""
    fields: dict[str, Any] | None = None
    match event:
        case DialinConnected() | DialinStopped():
            fields = {
                "session_id": event.session_id,
                "sip_from": event.sip_from or "",
                "display_name": display_name,
                "sip_headers": event.sip_headers or {},
            }
        case DialinError() | DialinWarning():
            fields = {"session_id": event.session_id, "error_msg": event.error_msg}
        case DialoutConnected() | DialoutAnswered() | DialoutStopped():
            fields = {**_dialled(event), "origin": event.origin or ""}
        case DialoutWarning():
            fields = _dialled(event)
        case DialoutError():
            fields = {"session_id": event.session_id, "user_id": event.user_id, "error_msg": event.error_msg}
    return fields


def _dialled(event: DialoutConnected | DialoutAnswered | DialoutStopped | DialoutWarning) -> dict[str, Any]:
    """The payload fields that dial-out events share; `caller_id` is the id of the number in clients' `callerId`."""
    return {
        "session_id": event.session_id,
        "user_id": event.user_id,
        "destination": event.destination or "",
        "caller_id": number_id(event.caller_id) if event.caller_id else None,
    }


def _transfer(fact: TransferProgressed) -> dict[str, Any]:
    fields = {
        "session_id": fact.session_id,
        "mtg_session_id": fact.meeting_id,
        "to_endpoint": fact.to_endpoint,
        "from_endpoint": fact.from_endpoint,
    }
    if fact.step in ("triggered", "initiated"):
        return {**fields, "is_sip_refer": fact.is_sip_refer}
    return fields


def _participant(participant: Participant) -> dict[str, Any]:
    shown = participant.as_seen_by(None)
    return {
        "user_id": participant.user_id,
        "user_name": participant.user_name,
        "session_id": participant.session_id,
        "joined_at": round(participant.joined_at.timestamp(), 3),
        "will_eject_at": participant.will_eject_at,
        "owner": participant.owner,
        "networkQualityState": shown["networkQualityState"],
        "permissions": shown["permissions"],
    }


def _participant_left(participant: Participant, left_at: float) -> dict[str, Any]:
    joined = _participant(participant)
    return {**joined, "duration": round(max(0.0, left_at - joined["joined_at"]), 3)}


def _meeting(meeting_id: str, started_at: datetime) -> dict[str, Any]:
    return {"start_ts": round(started_at.timestamp(), 3), "meeting_id": meeting_id}
