"""Expectations about what programs under test request of Daily, and about how they answer webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from fake_daily_server.timeline_text.lines import line
from scenarios.context.program_sessions import ProgramRequest, ProgramSessions
from scenarios.context.scenario_timeline import ScenarioTimeline
from scenarios.language.comparison import differences
from scenarios.language.program_verbs import VERBS
from simulator.differences import because, compared_fields, nearest_miss, shown
from simulator.errors import ExpectationFailed
from simulator.timeline import Record

CALLER_REQUESTS = ("room_creation_api", "sip_trunk.incoming", "sip_trunk.test")
"""The requests about held callers and calls to trunks, which are no webhook events but are answered like these."""

T = TypeVar("T")
_Candidate = tuple[Record, Mapping[str, Any]]


class ProgramRequests:
    """Requests of programs and their answers to webhooks, each matched once and in order.

    `customer_url` is the scenario's own server, whose answers are none of a program.
    """

    def __init__(self, timeline: ScenarioTimeline, sessions: ProgramSessions, customer_url: Callable[[], str]) -> None:
        self._timeline = timeline
        self._sessions = sessions
        self._customer_url = customer_url
        self._matched: set[int] = set()
        """`seq` of each record that a step has matched."""

    async def expect(
        self, verb: str, where: Mapping[str, Any], *, refused: Any, program: str | None, within: float
    ) -> Mapping[str, Any]:
        """Wait for the next request of this kind whose options match `where`; return its options.

        `refused` is what the refusal must say; with None a refused request does not match. Raises ExpectationFailed.
        """

        def candidates() -> list[_Candidate]:
            requests = (each for each in self._sessions.requests(program) if each.verb == verb)
            return self._unmatched([(each.record, _facts(each)) for each in requests])

        wanted = {"params": dict(where), "refused": "absent" if refused is None else refused}
        text = f"{program or 'a program'} requests {verb}{f'  {shown(where)}' if where else ''}"
        if refused is not None:
            text += f", which is refused: {shown(refused)}"
        found = await self._expect(candidates, wanted, text, within=within, otherwise=self._other_requests(program))
        params: Mapping[str, Any] = found["params"]
        return params

    async def expect_none(self, verb: str, where: Mapping[str, Any], *, program: str | None, for_s: float) -> None:
        """Raise ExpectationFailed if such a request comes within `for_s` seconds, or has come and was not matched."""

        def unexpected() -> _Candidate | None:
            requests = (each for each in self._sessions.requests(program) if each.verb == verb)
            candidates = self._unmatched([(each.record, each.params) for each in requests])
            return next((each for each in candidates if not differences(where, each[1])), None)

        if (request := await self._timeline.wait_until(unexpected, within=for_s)) is not None:
            raise ExpectationFailed(
                f"{program or 'the program'} does not request {verb}{f'  {shown(where)}' if where else ''}",
                nearest=f"{verb} {shown(request[1])}  {self._timeline.time_of(request[0])}",
                happened=self._timeline.latest_lines(),
            )

    async def expect_answer(
        self, event_type: str, where: Mapping[str, Any], status: Any, *, within: float
    ) -> Mapping[str, Any]:
        """Wait until a program has answered a webhook of this type; return its payload. Raises ExpectationFailed."""

        def candidates() -> list[_Candidate]:
            answers = ((record, _answer(record, event_type)) for record in self._timeline.records())
            customer = self._customer_url()
            return self._unmatched(
                [
                    (record, answer)
                    for record, answer in answers
                    if answer and not str(record.fields.get("url")).startswith(customer)
                ]
            )

        text = f"a program answers {event_type}{f'  {shown(where)}' if where else ''} with {shown(status)}"
        wanted = {"payload": dict(where), "status": status}
        otherwise = f"no {event_type} has been sent to a program; did it, or a `rest` step, subscribe its URL?"
        found = await self._expect(candidates, wanted, text, within=within, otherwise=lambda: otherwise)
        payload: Mapping[str, Any] = found["payload"]
        return payload

    async def _expect(
        self,
        candidates: Callable[[], Sequence[_Candidate]],
        wanted: Mapping[str, Any],
        text: str,
        *,
        within: float,
        otherwise: Callable[[], str],
    ) -> Mapping[str, Any]:
        """Wait for a candidate that matches `wanted`; later steps look only at candidates after it."""

        def found() -> _Candidate | None:
            return next((each for each in candidates() if not differences(wanted, each[1])), None)

        match = await self._timeline.wait_until(found, within=within)
        if match is not None:
            self._matched.add(match[0].seq)
            return match[1]
        nearest = nearest_miss(candidates(), lambda each: differences(wanted, each[1]))
        wrong = [] if nearest is None else differences(wanted, nearest[1])
        raise ExpectationFailed(
            f"{text}  within {within:g} s",
            nearest=otherwise() if nearest is None else line(nearest[0], self._timeline.started_at).strip(),
            because=because(wrong),
            happened=self._timeline.latest_lines(),
            compared=() if nearest is None else compared_fields(wanted, nearest[1], wrong),
        )

    def _unmatched(self, candidates: list[_Candidate]) -> list[_Candidate]:
        """Those after the last one that a step has matched."""
        matched = max((record.seq for record, _ in candidates if record.seq in self._matched), default=0)
        return [each for each in candidates if each[0].seq > matched]

    def _other_requests(self, program: str | None) -> Callable[[], str]:
        def text() -> str:
            requests = [each for each in self._sessions.requests(program) if each.verb in VERBS]
            others = [each for each in requests if each.record.seq not in self._matched]
            if others:
                said = f"it requested {', '.join(map(self._request_text, others))}"
            elif requests:
                said = f"it has requested nothing since {self._request_text(requests[-1])}"
            else:
                joined = self._sessions.of(program)
                said = "it has requested nothing of that kind" if joined else "it has joined no room"
            return "; ".join((said, *(self._ends(program) or ["it has not ended"])))

        return text

    def _request_text(self, request: ProgramRequest) -> str:
        return f"{request.verb} {self._timeline.time_of(request.record)}"

    def _ends(self, program: str | None) -> list[str]:
        """That a program, or any, has ended."""
        ends = (each for each in self._timeline.records() if each.kind == "program" and "status" in each.fields)
        return [
            f"{each.fields['program']} has ended with status {each.fields['status']}"
            for each in ends
            if program in (None, each.fields["program"])
        ]


def _facts(request: ProgramRequest) -> Mapping[str, Any]:
    refused = {} if request.refused is None else {"refused": request.refused}
    return {"params": request.params, **refused}


def _answer(record: Record, event_type: str) -> Mapping[str, Any] | None:
    """The answer to a webhook of this type that a record is about; None for any other record."""
    fields = record.fields
    if record.kind != "webhook":
        return None
    outcome = {"status": fields["status"]} if "status" in fields else {}
    if event_type in CALLER_REQUESTS:
        is_it = fields.get("purpose") == event_type and "body" in fields
        return {"payload": fields["body"], **outcome} if is_it else None
    if fields.get("purpose") != "event" or fields.get("type") != event_type or "payload" not in fields:
        return None
    return {"payload": fields["payload"], **outcome}
