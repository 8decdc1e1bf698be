"""What happens in a room, as values. Webhooks put them into their own words (`webhooks/facts_to_events.py`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fake_daily_server.values.participants import Participant


class Fact:
    """Base of everything that a room announces."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class MeetingStarted(Fact):
    """The first participant has joined."""

    meeting_id: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class MeetingEnded(Fact):
    """The last participant has left and the calls are cut. `ended_at` is in unix seconds."""

    meeting_id: str
    started_at: datetime
    ended_at: float


@dataclass(frozen=True, slots=True)
class ParticipantJoined(Fact):
    """A participant is in the room; hidden and telephony participants are announced, too."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class ParticipantLeft(Fact):
    """A participant has left. `left_at` is in unix seconds."""

    participant: Participant
    left_at: float


Announce = Callable[[str, Fact], None]
"""Takes the name of a room and what has happened there."""
