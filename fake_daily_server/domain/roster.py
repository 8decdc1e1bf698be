"""The roster of a room: its participants, and how to deliver events to their clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fake_daily_server.domain.clock import ScheduledCall
from fake_daily_server.values.participants import Participant

Event = dict[str, Any]
"""A Daily event as JSON; `action` is its name."""

Deliver = Callable[[Event], None]
"""Delivers an event to one client."""


@dataclass(slots=True)
class Member:
    """A participant, with a way to deliver events to its client. Scripted and telephony participants have no client."""

    participant: Participant
    deliver: Deliver | None = None
    on_left: Callable[[], None] | None = None
    """Called after the participant has left the room, for whichever reason."""
    ejection: ScheduledCall | None = None


class Roster:
    """The members of one room by session id, in order of joining. Telephony and hidden participants are included."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def add(self, member: Member) -> None:
        """Add a member."""
        self._members[member.participant.session_id] = member

    def remove(self, session_id: str) -> Member | None:
        """Remove a member and return it; None if there is none with this session id."""
        return self._members.pop(session_id, None)

    def find(self, session_id: str) -> Member | None:
        """The member with this session id; None if there is none."""
        return self._members.get(session_id)

    @property
    def participants(self) -> Mapping[str, Participant]:
        """All participants by session id."""
        return {session_id: member.participant for session_id, member in self._members.items()}

    @property
    def clients(self) -> list[Participant]:
        """All participants except calls."""
        return [who for who in self.participants.values() if not who.is_telephony]

    @property
    def counts(self) -> dict[str, int]:
        """Daily's `participantCounts`: how many participants are present, and how many hidden."""
        present = sum(member.participant.present for member in self._members.values())
        return {"present": present, "hidden": len(self._members) - present}

    def seen_by(self, session_id: str) -> dict[str, Any]:
        """The result of daily-js's `participants()` for a client: itself under `local`, others by session id."""
        seen: dict[str, Any] = {}
        for other_id, who in self.participants.items():
            if other_id == session_id:
                seen["local"] = who.as_seen_by(session_id)
            elif who.present:
                seen[other_id] = who.as_seen_by(session_id)
        return seen

    def receivers(self) -> Iterator[tuple[str, Deliver]]:
        """Yield the session id of each member that has a client, and the function that delivers events to it."""
        for session_id, member in tuple(self._members.items()):
            if member.deliver is not None:
                yield session_id, member.deliver
