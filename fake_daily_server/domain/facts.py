"""Facts: what happens in a room, as values from which webhook events are made (`webhooks/facts_to_events.py`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fake_daily_server.values.participants import Participant


class Fact:
    """The base class of everything that a room announces."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class MeetingStarted(Fact):
    """A session has begun: the first client has joined."""

    meeting_id: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class MeetingEnded(Fact):
    """A session has ended: the last client has left, and all calls have ended. `ended_at` is in unix seconds."""

    meeting_id: str
    started_at: datetime
    ended_at: float


@dataclass(frozen=True, slots=True)
class ParticipantJoined(Fact):
    """A participant has joined. Hidden and telephony participants are announced, too."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class ParticipantLeft(Fact):
    """A participant has left. `left_at` is in unix seconds."""

    participant: Participant
    left_at: float


Announce = Callable[[str, Fact], None]
"""A function that takes the name of a room and a fact about it."""
