"""The meetings that were and are: who was in which room, and when. What `GET /meetings` and `GET /logs` tell of.

https://docs.daily.co/reference/rest-api/meetings. In memory, the latest of them; times are unix seconds.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from fake_daily_server.values.participants import Participant, timestamp

MOST_MEETINGS = 10_000
MOST_LINES = 10_000
"""Older ones are forgotten."""

LogLevel = Literal["ERROR", "INFO", "DEBUG"]
LEVELS: dict[LogLevel, int] = {"ERROR": 0, "INFO": 1, "DEBUG": 2}


@dataclass(slots=True)
class Visit:
    """One participant from its joining to its leaving; a call is one too."""

    participant_id: str
    user_id: str | None
    user_name: str | None
    joined_at: float
    left_at: float | None = None

    def as_dict(self, now: float) -> dict[str, Any]:
        """As `GET /meetings` shows it."""
        return {
            "user_id": self.user_id,
            "participant_id": self.participant_id,
            "user_name": self.user_name,
            "join_time": int(self.joined_at),
            "duration": int((now if self.left_at is None else self.left_at) - self.joined_at),
        }


@dataclass(slots=True)
class Meeting:
    """One session of a room."""

    id: str
    room: str
    started_at: float
    ended_at: float | None = None
    visits: dict[str, Visit] = field(default_factory=dict)
    max_participants: int = 0
    present: int = 0

    @property
    def ongoing(self) -> bool:
        """Whether somebody is in it."""
        return self.ended_at is None

    def as_dict(self, now: float, *, participants: bool = True) -> dict[str, Any]:
        """Daily's meeting object."""
        shown: dict[str, Any] = {
            "id": self.id,
            "room": self.room,
            "start_time": int(self.started_at),
            "duration": int((now if self.ended_at is None else self.ended_at) - self.started_at),
            "ongoing": self.ongoing,
            "max_participants": self.max_participants,
        }
        if participants:
            shown["participants"] = [visit.as_dict(now) for visit in self.visits.values()]
        return shown


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something that happened to somebody in a meeting."""

    at: float
    message: str
    meeting_id: str
    participant_id: str
    level: LogLevel = "INFO"

    def as_dict(self, domain: str) -> dict[str, Any]:
        """As `GET /logs` shows it."""
        moment = timestamp(datetime.fromtimestamp(self.at, UTC))
        return {
            "time": moment,
            "clientTime": moment,
            "message": self.message,
            "mtgSessionId": self.meeting_id,
            "userSessionId": self.participant_id,
            "peerId": None,
            "domainName": domain,
            "level": LEVELS[self.level],
            "code": None,
        }


class MeetingLog:
    """Rooms tell it who comes and goes; used on one loop."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._meetings: OrderedDict[str, Meeting] = OrderedDict()
        self._places: dict[str, tuple[Meeting, Visit]] = {}
        self.lines: deque[LogLine] = deque(maxlen=MOST_LINES)
        """What happened, oldest first."""

    @property
    def meetings(self) -> tuple[Meeting, ...]:
        """Oldest first."""
        return tuple(self._meetings.values())

    def find(self, meeting_id: str) -> Meeting | None:
        """One of them."""
        return self._meetings.get(meeting_id)

    def started(self, meeting_id: str, room: str) -> None:
        """A session begins."""
        self._meetings[meeting_id] = Meeting(meeting_id, room, self._now())
        while len(self._meetings) > MOST_MEETINGS:
            self._meetings.popitem(last=False)

    def joined(self, meeting_id: str, who: Participant) -> None:
        """Somebody comes into a session. Nothing for a session that is not known."""
        meeting = self._meetings.get(meeting_id)
        if meeting is None:
            return
        own_id = who.user_id if who.user_id != who.session_id else None
        visit = Visit(who.session_id, own_id, who.user_name or None, self._now())
        meeting.visits[who.session_id] = visit
        meeting.present += 1
        meeting.max_participants = max(meeting.max_participants, meeting.present)
        self._places[who.session_id] = meeting, visit
        self._note("joined session", meeting_id, who.session_id)

    def left(self, participant_id: str) -> None:
        """Somebody goes."""
        if (place := self._places.pop(participant_id, None)) is None:
            return
        meeting, visit = place
        visit.left_at = self._now()
        meeting.present -= 1
        self._note("leaving session", meeting.id, participant_id)

    def ended(self, meeting_id: str) -> None:
        """A session ends."""
        if (meeting := self._meetings.get(meeting_id)) is not None:
            meeting.ended_at = self._now()

    def note(self, participant_id: str, message: str, level: LogLevel = "INFO") -> None:
        """Something else happened to somebody who is in a session."""
        if (place := self._places.get(participant_id)) is not None:
            self._note(message, place[0].id, participant_id, level)

    def clear(self) -> None:
        """Forget everything that is over."""
        self._meetings = OrderedDict((own.id, own) for own in self._meetings.values() if own.ongoing)
        self.lines.clear()

    def _note(self, message: str, meeting_id: str, participant_id: str, level: LogLevel = "INFO") -> None:
        self.lines.append(LogLine(self._now(), message, meeting_id, participant_id, level))
