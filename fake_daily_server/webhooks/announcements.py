"""What rooms and calls tell clients, said in the words of webhooks: snake_case facts under another type's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fake_daily_server.domain.domain_store import number_id
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
from fake_daily_server.values.participants import Participant

Announcement = tuple[str, Mapping[str, Any]]
"""The type of the event, and its payload without room, domain and time."""


def of_call(event: TelephonyEvent, display_name: str) -> Announcement | None:
    """The webhook that goes with a telephony event of clients; None for keys, which no webhook tells of.

    Clients are told the number that calls (`callerId`), webhooks its id.
    """
    facts = _facts(event, display_name)
    return None if facts is None else (event.action.replace("-", ".", 1), facts)


def _facts(event: TelephonyEvent, display_name: str) -> dict[str, Any] | None:
    facts: dict[str, Any] | None = None
    match event:
        case DialinConnected() | DialinStopped():
            facts = {
                "session_id": event.session_id,
                "sip_from": event.sip_from or "",
                "display_name": display_name,
                "sip_headers": event.sip_headers or {},
            }
        case DialinError() | DialinWarning():
            facts = {"session_id": event.session_id, "error_msg": event.error_msg}
        case DialoutConnected() | DialoutAnswered() | DialoutStopped():
            facts = {**_dialled(event), "origin": event.origin or ""}
        case DialoutWarning():
            facts = _dialled(event)
        case DialoutError():
            facts = {"session_id": event.session_id, "user_id": event.user_id, "error_msg": event.error_msg}
    return facts


def _dialled(event: DialoutConnected | DialoutAnswered | DialoutStopped | DialoutWarning) -> dict[str, Any]:
    return {
        "session_id": event.session_id,
        "user_id": event.user_id,
        "destination": event.destination or "",
        "caller_id": number_id(event.caller_id) if event.caller_id else None,
    }


def of_participant(who: Participant) -> dict[str, Any]:
    """The facts of participant.joined."""
    shown = who.as_seen_by(None)
    return {
        "user_id": who.user_id,
        "user_name": who.user_name,
        "session_id": who.session_id,
        "joined_at": round(who.joined_at.timestamp(), 3),
        "will_eject_at": who.will_eject_at,
        "owner": who.owner,
        "networkQualityState": shown["networkQualityState"],
        "permissions": shown["permissions"],
    }


def of_participant_gone(who: Participant, now: float) -> dict[str, Any]:
    """The facts of participant.left."""
    joined = of_participant(who)
    return {**joined, "duration": round(max(0.0, now - joined["joined_at"]), 3)}


def of_meeting(meeting_id: str, started_at: datetime) -> dict[str, Any]:
    """The facts of meeting.started."""
    return {"start_ts": round(started_at.timestamp(), 3), "meeting_id": meeting_id}
