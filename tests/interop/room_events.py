"""The telephony events of a room, in a short form for comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.network import Network
from simulator.timeline import Record
from tests.interop.program import poll

TELEPHONY = ("dialin-", "dialout-", "dtmf-event", "participant-joined", "participant-left")


def telephony_events(events: list[dict[str, Any]], session_id: str) -> list[str]:
    """The names of the telephony events of one session in order; a digit is `dtmf-event 5 telephone-event`."""
    return [_short_form(event) for event in events if _is_telephony(event) and session_of(event) == session_id]


def session_of(event: Mapping[str, Any]) -> str | None:
    """The session id of the event's participant or call."""
    if "participant" in event:
        session_id: str = event["participant"]["session_id"]
        return session_id
    return event.get("sessionId")


def _is_telephony(event: Mapping[str, Any]) -> bool:
    return str(event["action"]).startswith(TELEPHONY)


def _short_form(event: Mapping[str, Any]) -> str:
    if event["action"] == "dtmf-event":
        return f"dtmf-event {event['tone']} {event['method']}"
    return str(event["action"])


async def wait_for_media(network: Network, session_id: str) -> Record:
    """Wait until the media of a session are negotiated; return the `media` record."""

    def look() -> Record | None:
        records = network.timeline.records(kind="media")
        return next((record for record in records if record.fields.get("session_id") == session_id), None)

    return await poll(look, f"media of session {session_id}", within=5)
