"""Which clients of the rooms are programs under test: when they joined, when they left, and what they requested."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fake_daily_server.values.story_agent import STORY_AGENT
from scenarios.context.scenario_timeline import ScenarioTimeline
from simulator.timeline import Record

"""The user agent of the scenario's own REST requests, which are none of a program."""


@dataclass(frozen=True, slots=True)
class ProgramSession:
    """One stay of a program in a room."""

    session_id: str
    user_id: str
    room: str
    joined: Record
    left: Record | None


@dataclass(frozen=True, slots=True)
class ProgramRequest:
    """A request of a program, over the signalling or over REST."""

    verb: str
    params: Mapping[str, Any]
    refused: str | None
    session_id: str | None
    """The session id of the client that made it; None over REST."""
    record: Record


class ProgramSessions:
    """What the timeline has about the programs of a scenario.

    `own` returns the session ids of the scenario's own clients. `user_ids` are the user ids in the tokens that programs
    get, by name: with several programs, a client that uses one of them belongs to that program.
    """

    def __init__(
        self, timeline: ScenarioTimeline, own: Callable[[], Collection[str]], user_ids: Mapping[str, str]
    ) -> None:
        self._timeline = timeline
        self._own = own
        self._user_ids = user_ids

    def of(self, program: str | None) -> list[ProgramSession]:
        """The sessions of a program, oldest first; those of all programs with None."""
        others = {user_id for name, user_id in self._user_ids.items() if name != program} if program else set()
        return [session for session in self._all() if session.user_id not in others]

    def requests(self, program: str | None) -> list[ProgramRequest]:
        """The requests of a program, oldest first; over REST those of all programs, as nothing tells them apart."""
        mine = {session.session_id for session in self.of(program)}
        found: list[ProgramRequest] = []
        for record in self._timeline.records():
            request = _request(record)
            if request is None or (request.session_id is not None and request.session_id not in mine):
                continue
            refused = _index_of_refused(found, request)
            if refused is None:
                found.append(request)
            else:
                found[refused] = replace(found[refused], refused=request.refused)
        return found

    def _all(self) -> list[ProgramSession]:
        own = self._own()
        found: dict[str, ProgramSession] = {}
        for record in self._timeline.records():
            event = record.fields.get("event", {}) if record.kind == "event" else {}
            session_id = str(record.fields.get("to") or record.fields.get("session_id"))
            action = event.get("action")
            if action == "joined-meeting" and session_id not in own:
                user_id = event["participants"]["local"]["user_id"]
                found[session_id] = ProgramSession(session_id, user_id, record.fields["room"], record, None)
            elif action in ("left-meeting", "participant-left") and session_id in found:
                found[session_id] = replace(found[session_id], left=found[session_id].left or record)
        return list(found.values())


def _index_of_refused(requests: Sequence[ProgramRequest], refusal: ProgramRequest) -> int | None:
    """The index of the request that was refused; None unless `refusal` is the second record of a request."""
    if refusal.session_id is None or refusal.refused is None:
        return None
    wanted = refusal.session_id, refusal.verb, None
    indices = (index for index, each in enumerate(requests) if (each.session_id, each.verb, each.refused) == wanted)
    return max(indices, default=None)


def _request(record: Record) -> ProgramRequest | None:
    """The request that a record is about; None for any other record. A refusal is a record of its own."""
    fields = record.fields
    if record.kind == "client" and "method" in fields:
        params = fields.get("params", {})
        return ProgramRequest(fields["method"], params, fields.get("refused"), fields.get("by", ""), record)
    if record.kind == "rest" and "verb" in fields and fields.get("agent") != STORY_AGENT:
        is_accepted = fields.get("refused") is None and fields["status"] < 400
        refused = None if is_accepted else str(fields.get("refused") or fields["status"])
        return ProgramRequest(fields["verb"], fields["params"], refused, None, record)
    return None
