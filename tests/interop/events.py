"""What the interop tests look at in a room's events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.network import Network
from simulator.timeline import Record
from tests.interop.program import seen

TELEPHONY = ("dialin-", "dialout-", "dtmf-event", "participant-joined", "participant-left")


def story(events: list[dict[str, Any]], session_id: str) -> list[str]:
    """The telephony events of one session in order; a digit as `dtmf-event 5 telephone-event`."""
    return [_line(event) for event in events if _is_told(event) and session_of(event) == session_id]


def session_of(event: Mapping[str, Any]) -> str | None:
    """The session id that an event is about."""
    if "participant" in event:
        session_id: str = event["participant"]["session_id"]
        return session_id
    return event.get("sessionId")


def _is_told(event: Mapping[str, Any]) -> bool:
    return str(event["action"]).startswith(TELEPHONY)


def _line(event: Mapping[str, Any]) -> str:
    if event["action"] == "dtmf-event":
        return f"dtmf-event {event['tone']} {event['method']}"
    return str(event["action"])


async def media_is_up(network: Network, session_id: str) -> Record:
    """Wait until the room's side of a session can send; its record says what was negotiated."""

    def look() -> Record | None:
        records = network.timeline.records(kind="media")
        return next((record for record in records if record.fields.get("session_id") == session_id), None)

    return await seen(look, f"media of session {session_id}", within=5)
