"""Sends Daily events to the clients of a room, and records them on the timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fake_daily_server.domain.event_faults import EventFaults
from fake_daily_server.domain.roster import Event, Roster
from fake_daily_server.values.participants import Participant
from simulator.timeline import RecordKind, Timeline


class RoomEvents:
    """Sends the events of one room.

    The timeline records an event to all clients once, and an event to a single client with that client's session id as
    `to`. An event that a fault takes is recorded as it is sent, if it is, and a note says which fault took it.
    """

    def __init__(self, room_name: str, roster: Roster, timeline: Timeline, faults: EventFaults) -> None:
        self._room_name = room_name
        self._roster = roster
        self._timeline = timeline
        self._faults = faults
        self._held_back: list[Callable[[], None]] = []
        """Sends the events that come after the next one, because of a fault."""

    def publish(self, event: Event, *, but: str | None = None) -> None:
        """Send an event to every client except the one with the session id `but`."""

        def send(event: Event) -> None:
            self._record(event)
            for session_id, deliver in self._roster.receivers():
                if session_id != but:
                    deliver(dict(event))

        self._with_faults(event, send)

    def send(self, session_id: str, event: Event) -> None:
        """Send an event to one client. Does nothing for a participant without a client."""
        member = self._roster.find(session_id)
        if member is not None and member.deliver is not None:
            self._record(event, to=session_id)
            member.deliver(dict(event))

    def publish_participant(self, action: str, who: Participant, *, but: str | None = None) -> None:
        """Send an event about a participant to every client except `but`; `local` is true for the participant's own."""

        def send(event: Event) -> None:
            self._record(event)
            for session_id, deliver in self._roster.receivers():
                if session_id != but:
                    deliver({**event, "participant": who.as_seen_by(session_id)})

        self._with_faults({"action": action, "participant": who.as_seen_by(None)}, send)

    def publish_hidden_update(self, who: Participant) -> None:
        """Send `participant-updated` about a hidden participant to its own client only; record it without `to`."""
        self._record({"action": "participant-updated", "participant": who.as_seen_by(None)})
        member = self._roster.find(who.session_id)
        if member is not None and member.deliver is not None:
            member.deliver({"action": "participant-updated", "participant": who.as_seen_by(who.session_id)})

    def publish_counts(self) -> None:
        """Send `participant-counts-updated` to every client."""
        self.publish({"action": "participant-counts-updated", "participantCounts": self._roster.counts})

    def publish_speaker(self, session_id: str) -> None:
        """Send `active-speaker-change`, with the session id of the speaker, to every client."""
        self.publish({"action": "active-speaker-change", "activeSpeaker": {"peerId": session_id}})

    def record_media(self, kind: RecordKind, **fields: Any) -> None:
        """Record an event of the room's media on the timeline."""
        self._timeline.append(kind, room=self._room_name, **fields)

    def _with_faults(self, event: Event, send: Callable[[Event], None]) -> None:
        """Send an event as the faults want it, then those that a fault has held back."""
        taken = self._faults.take(str(event["action"])) if self._faults else None
        late, self._held_back = self._held_back, []
        if taken is None:
            send(event)
        else:
            fault, number = taken
            self._timeline.append(
                "note",
                text=f"{fault.action} number {number} has the fault {fault.fault}",
                room=self._room_name,
                did=fault.fault,
            )
            if fault.fault == "event-out-of-order":
                self._held_back.append(lambda: send(event))
            elif fault.delay_ms is not None:
                self._faults.send_late(fault.delay_ms, lambda: send(event))
            elif fault.fault != "event-drop":
                send(fault.changed(event))
            if fault.fault == "event-twice":
                send(event)
        for send_late in late:
            send_late()

    def _record(self, event: Event, **fields: Any) -> None:
        session_id = event.get("sessionId") or event.get("participant", {}).get("session_id")
        known = {"session_id": session_id, "sip_call_id": event.get("sipCallId"), **fields}
        present = {name: value for name, value in known.items() if value is not None}
        self._timeline.append("event", room=self._room_name, event=event, **present)
