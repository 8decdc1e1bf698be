"""What clients of a room may never see, whatever happens in it: judged event by event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Session:
    """One telephony session as its events tell of it."""

    seen: list[str] = field(default_factory=list)
    joined: int = 0
    left: int = 0

    @property
    def ends(self) -> int:
        return sum(self.seen.count(action) for action in self.seen_ends())

    def seen_ends(self) -> set[str]:
        return {action for action in self.seen if action.endswith(("-stopped", "-error"))}

    @property
    def connected(self) -> bool:
        return any(action.endswith("-connected") for action in self.seen)


class Onlooker:
    """Takes the published events of one room, in order. A broken promise is an AssertionError."""

    def __init__(self, *, left_first: bool) -> None:
        self.sessions: dict[str, Session] = {}
        self.present: set[str] = set()
        self.counts: dict[str, int] | None = None
        self._left_first = left_first

    def take(self, event: Mapping[str, Any]) -> None:
        """One event that was published to all."""
        action = str(event["action"])
        if action.startswith(("dialin-", "dialout-")) and action != "dialin-ready":
            self._of_call(action, self._session(event["sessionId"]))
        elif action == "dtmf-event":
            session = self._session(event["sessionId"])
            assert session.connected, "a key of a call that is not connected"
            assert session.ends == 0, "a key of a call that is over"
        elif action in ("participant-joined", "participant-left"):
            self._of_participant(action, event["participant"])
        elif action == "participant-counts-updated":
            self.counts = dict(event["participantCounts"])

    def _session(self, session_id: str) -> Session:
        return self.sessions.setdefault(session_id, Session())

    def _of_call(self, action: str, session: Session) -> None:
        assert session.ends == 0, f"{action} after {session.seen}"
        match action.partition("-")[2]:
            case "connected":
                assert not session.connected, f"{action} twice: {session.seen}"
            case "answered" | "warning":
                assert session.connected, f"{action} before connected: {session.seen}"
                assert action not in session.seen, f"{action} twice"
            case "stopped" | "error" if self._left_first:
                assert session.joined == session.left, f"{action} while the participant is there"
        session.seen.append(action)

    def _of_participant(self, action: str, who: Mapping[str, Any]) -> None:
        session_id, is_call = who["session_id"], "participantType" in who
        if action == "participant-joined":
            assert session_id not in self.present, f"{session_id} joined twice"
            self.present.add(session_id)
        else:
            assert session_id in self.present, f"{session_id} left without being there"
            self.present.remove(session_id)
        if is_call:
            session = self._session(session_id)
            if action == "participant-joined":
                assert session.connected, "a participant of a call that is not connected"
                assert session.ends == 0, "a participant of a call that is over"
                session.joined += 1
            else:
                session.left += 1
            assert session.left <= session.joined <= 1

    def check_over(self) -> None:
        """Nothing goes on any more."""
        assert self.present == set()
        for session_id, session in self.sessions.items():
            assert session.ends == 1, f"{session_id} ended {session.ends} times: {session.seen}"
            assert session.joined == session.left, f"{session_id} joined {session.joined}, left {session.left}"
