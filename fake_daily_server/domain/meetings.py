"""The log of meetings and their participants, which `GET /meetings` and `GET /logs` show.

https://docs.daily.co/reference/rest-api/meetings. It is kept in memory, and limited to the latest entries; times are
unix seconds.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from fake_daily_server.values.participants import Participant, timestamp

MAX_MEETINGS = 10_000
MAX_LINES = 10_000
"""Beyond these numbers, the oldest meetings and lines are dropped."""

LogLevel = Literal["ERROR", "INFO", "DEBUG"]
LEVEL_NUMBERS: dict[LogLevel, int] = {"ERROR": 0, "INFO": 1, "DEBUG": 2}


@dataclass(slots=True)
class Attendance:
    """The presence of one participant in a meeting, from its join to its leave. Calls are participants, too."""

    participant_id: str
    user_id: str | None
    user_name: str | None
    joined_at: float
    left_at: float | None = None

    def as_dict(self, now: float) -> dict[str, Any]:
        """The participant object of `GET /meetings`. `duration` runs until `now` while the participant is present."""
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
    attendances: dict[str, Attendance] = field(default_factory=dict)
    max_participants: int = 0
    present: int = 0

    @property
    def ongoing(self) -> bool:
        """Whether the session has not ended yet."""
        return self.ended_at is None

    def as_dict(self, now: float, *, participants: bool = True) -> dict[str, Any]:
        """Daily's meeting object. `duration` runs until `now`, in unix seconds, while the session is in progress."""
        shown: dict[str, Any] = {
            "id": self.id,
            "room": self.room,
            "start_time": int(self.started_at),
            "duration": int((now if self.ended_at is None else self.ended_at) - self.started_at),
            "ongoing": self.ongoing,
            "max_participants": self.max_participants,
        }
        if participants:
            shown["participants"] = [attendance.as_dict(now) for attendance in self.attendances.values()]
        return shown


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log of a meeting, about one participant. `at` is in unix seconds."""

    at: float
    message: str
    meeting_id: str
    participant_id: str
    level: LogLevel = "INFO"

    def as_dict(self, domain: str) -> dict[str, Any]:
        """The object that `GET /logs` returns."""
        moment = timestamp(datetime.fromtimestamp(self.at, UTC))
        return {
            "time": moment,
            "clientTime": moment,
            "message": self.message,
            "mtgSessionId": self.meeting_id,
            "userSessionId": self.participant_id,
            "peerId": None,
            "domainName": domain,
            "level": LEVEL_NUMBERS[self.level],
            "code": None,
        }


class MeetingLog:
    """The log of all meetings of a server, to which rooms report joins and leaves. Used on one loop."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._meetings: OrderedDict[str, Meeting] = OrderedDict()
        self._present: dict[str, tuple[Meeting, Attendance]] = {}
        self.lines: deque[LogLine] = deque(maxlen=MAX_LINES)
        """The lines of all meetings, oldest first."""

    @property
    def meetings(self) -> tuple[Meeting, ...]:
        """All meetings, oldest first."""
        return tuple(self._meetings.values())

    def find(self, meeting_id: str) -> Meeting | None:
        """The meeting with this id; None if the log has none."""
        return self._meetings.get(meeting_id)

    def meeting_started(self, meeting_id: str, room: str) -> None:
        """Record that a session has begun in a room."""
        self._meetings[meeting_id] = Meeting(meeting_id, room, self._now())
        while len(self._meetings) > MAX_MEETINGS:
            self._meetings.popitem(last=False)

    def participant_joined(self, meeting_id: str, who: Participant) -> None:
        """Record a join. Does nothing for a session that is not in the log."""
        meeting = self._meetings.get(meeting_id)
        if meeting is None:
            return
        own_id = who.user_id if who.user_id != who.session_id else None
        attendance = Attendance(who.session_id, own_id, who.user_name or None, self._now())
        meeting.attendances[who.session_id] = attendance
        meeting.present += 1
        meeting.max_participants = max(meeting.max_participants, meeting.present)
        self._present[who.session_id] = meeting, attendance
        self._append_line("joined session", meeting_id, who.session_id)

    def participant_left(self, participant_id: str) -> None:
        """Record a leave. Does nothing for a participant that is in no meeting."""
        if (entry := self._present.pop(participant_id, None)) is None:
            return
        meeting, attendance = entry
        attendance.left_at = self._now()
        meeting.present -= 1
        self._append_line("leaving session", meeting.id, participant_id)

    def meeting_ended(self, meeting_id: str) -> None:
        """Record that a session has ended."""
        if (meeting := self._meetings.get(meeting_id)) is not None:
            meeting.ended_at = self._now()

    def clear(self) -> None:
        """Remove all lines, and the meetings that have ended."""
        self._meetings = OrderedDict((own.id, own) for own in self._meetings.values() if own.ongoing)
        self.lines.clear()

    def _append_line(self, message: str, meeting_id: str, participant_id: str) -> None:
        self.lines.append(LogLine(self._now(), message, meeting_id, participant_id))
