"""Sends Daily events to the clients of a room, and records them on the timeline."""

from __future__ import annotations

from typing import Any

from fake_daily_server.domain.roster import Event, Roster
from fake_daily_server.values.participants import Participant
from simulator.timeline import RecordKind, Timeline


class RoomEvents:
    """Sends the events of one room.

    The timeline records an event to all clients once, and an event to a single client with that client's session id as
    `to`.
    """

    def __init__(self, room_name: str, roster: Roster, timeline: Timeline) -> None:
        self._room_name = room_name
        self._roster = roster
        self._timeline = timeline

    def publish(self, event: Event, *, but: str | None = None, triggered: bool = False) -> None:
        """Send an event to every client except the one with the session id `but`.

        `triggered`: nothing of the kind has happened, somebody sends the event by hand; its record says so.
        """
        self._record(event, **({"triggered": True} if triggered else {}))
        for session_id, deliver in self._roster.receivers():
            if session_id != but:
                deliver(dict(event))

    def send(self, session_id: str, event: Event) -> None:
        """Send an event to one client. Does nothing for a participant without a client."""
        member = self._roster.find(session_id)
        if member is not None and member.deliver is not None:
            self._record(event, to=session_id)
            member.deliver(dict(event))

    def publish_participant(self, action: str, who: Participant, *, but: str | None = None) -> None:
        """Send an event about a participant to every client except `but`; `local` is true for the participant's own."""
        self._record({"action": action, "participant": who.as_seen_by(None)})
        for session_id, deliver in self._roster.receivers():
            if session_id != but:
                deliver({"action": action, "participant": who.as_seen_by(session_id)})

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

    def _record(self, event: Event, **fields: Any) -> None:
        session_id = event.get("sessionId") or event.get("participant", {}).get("session_id")
        known = {"session_id": session_id, "sip_call_id": event.get("sipCallId"), **fields}
        present = {name: value for name, value in known.items() if value is not None}
        self._timeline.append("event", room=self._room_name, event=event, **present)
