"""Checks the events of a room one by one for what clients must never see, whatever happens in the room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class CheckedSession:
    """One telephony session as its events show it."""

    seen: list[str] = field(default_factory=list)
    joined: int = 0
    left: int = 0

    @property
    def ends(self) -> int:
        return sum(action.endswith(("-stopped", "-error")) for action in self.seen)

    @property
    def connected(self) -> bool:
        return any(action.endswith("-connected") for action in self.seen)


class EventChecker:
    """Takes the published events of one room, in order, and raises AssertionError for one that is out of place."""

    def __init__(self, *, left_first: bool) -> None:
        self.sessions: dict[str, CheckedSession] = {}
        self.present: set[str] = set()
        self.counts: dict[str, int] | None = None
        self._left_first = left_first

    def check(self, event: Mapping[str, Any]) -> None:
        """Check an event that was published to all clients."""
        action = str(event["action"])
        if action.startswith(("dialin-", "dialout-")) and action != "dialin-ready":
            self._check_call(action, self._session(event["sessionId"]))
        elif action == "dtmf-event":
            session = self._session(event["sessionId"])
            assert session.connected, "a digit of a call that is not connected"
            assert session.ends == 0, "a digit of a call that has ended"
        elif action in ("participant-joined", "participant-left"):
            self._check_participant(action, event["participant"])
        elif action == "participant-counts-updated":
            self.counts = dict(event["participantCounts"])

    def _session(self, session_id: str) -> CheckedSession:
        return self.sessions.setdefault(session_id, CheckedSession())

    def _check_call(self, action: str, session: CheckedSession) -> None:
        assert session.ends == 0, f"{action} after {session.seen}"
        match action.partition("-")[2]:
            case "connected":
                assert not session.connected, f"{action} twice: {session.seen}"
            case "answered" | "warning":
                assert session.connected, f"{action} before connected: {session.seen}"
                assert action not in session.seen, f"{action} twice"
            case "stopped" | "error" if self._left_first:
                assert session.joined == session.left, f"{action} while the participant is in the room"
        session.seen.append(action)

    def _check_participant(self, action: str, who: Mapping[str, Any]) -> None:
        session_id, is_call = who["session_id"], "participantType" in who
        if action == "participant-joined":
            assert session_id not in self.present, f"{session_id} joined twice"
            self.present.add(session_id)
        else:
            assert session_id in self.present, f"{session_id} left without having joined"
            self.present.remove(session_id)
        if is_call:
            session = self._session(session_id)
            if action == "participant-joined":
                assert session.connected, "a participant of a call that is not connected"
                assert session.ends == 0, "a participant of a call that has ended"
                session.joined += 1
            else:
                session.left += 1
            assert session.left <= session.joined <= 1

    def check_all_ended(self) -> None:
        """Check that nobody is in the room, and that every session has ended once."""
        assert self.present == set()
        for session_id, session in self.sessions.items():
            assert session.ends == 1, f"{session_id} ended {session.ends} times: {session.seen}"
            assert session.joined == session.left, f"{session_id} joined {session.joined}, left {session.left}"
