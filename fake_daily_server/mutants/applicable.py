"""Which mutants concern what a test has met, by the records of its timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, get_args

from fake_daily_server.contract.files import contract_schema, definition_at
from fake_daily_server.contract.routes import route_of
from fake_daily_server.mutants.mutant import Mutant
from fake_daily_server.rest.faults import NO_EFFECT
from fake_daily_server.telephony.codec_choice import DAILY_CODECS
from fake_daily_server.values.story_agent import STORY_AGENT
from simulator.timeline import Record
from simulator.useragent.messages import DigitMethod

Fields = Mapping[str, Any]

_PARTICIPANTS = frozenset({"participant-joined", "participant-left"})
_CALL_EVENTS = ("dialin-", "dialout-")


def mutants_of(records: Iterable[Record]) -> frozenset[Mutant]:
    """The mutants that would change something of what these records show."""
    return frozenset(
        mutant
        for record in records
        if (of_kind := _OF_KIND.get(record.kind)) is not None and not record.fields.get("triggered")
        for mutant in of_kind(record.fields)
    )


def _event(fields: Fields) -> Iterator[Mutant]:
    event = fields["event"]
    action = str(event.get("action"))
    if action == "dtmf-event":
        yield Mutant("digit-lost", action)
        yield Mutant("digit-doubled", action)
        for method in get_args(DigitMethod):
            if method != event.get("method"):
                yield Mutant("digit-other-method", action, method)
        return
    if not action.startswith(_CALL_EVENTS) and action not in _PARTICIPANTS:
        return
    yield Mutant("event-drop", action)
    yield Mutant("event-duplicate", action)
    yield Mutant("event-out-of-order", action)
    yield Mutant("event-delay", action)
    if action in _PARTICIPANTS:
        return
    for field in _documented_fields(action):
        if field in event:
            yield Mutant("event-without-field", action, field)


@cache
def _documented_fields(action: str) -> frozenset[str]:
    """The fields that Daily's documents give the event. What they leave open is no mutant."""
    events = contract_schema("events")
    fields = definition_at(events["x-events"][action], events)["properties"]
    sources = {name: about.get("x-source", {}) for name, about in fields.items() if name != "action"}
    return frozenset(
        name for name, source in sources.items() if source.get("confidence") == "documented" and "decided" not in source
    )


def _flow(fields: Fields) -> Iterator[Mutant]:
    if fields["input"] == "Answered" and fields["machine"] in ("Dial-out", "Dial-in"):
        yield Mutant("call-refused", "INVITE", "486")
        yield Mutant("far-end-hangs-up", "call")


def _media(fields: Fields) -> Iterator[Mutant]:
    if fields.get("codec") in DAILY_CODECS:
        yield Mutant("codec-fallback", "INVITE", fields["codec"])


def _webhook(fields: Fields) -> Iterator[Mutant]:
    if fields.get("purpose") == "event" and "payload" in fields:
        yield Mutant("webhook-drop", fields["type"])
        yield Mutant("webhook-twice", fields["type"])
        yield Mutant("webhook-out-of-order", fields["type"])
        yield Mutant("webhook-bad-signature", fields["type"])
        yield Mutant("webhook-request-lost", fields["type"])
        yield Mutant("webhook-answer-lost", fields["type"])
        yield Mutant("webhook-delay", fields["type"])


def _client(fields: Fields) -> Iterator[Mutant]:
    if fields.get("method") == "sendDTMF" and "refused" not in fields:
        yield from _sent_digits()


def _sent_digits() -> Iterator[Mutant]:
    yield Mutant("sent-digit-lost", "sendDTMF")
    yield Mutant("sent-digit-doubled", "sendDTMF")
    yield Mutant("sent-digit-other-method", "sendDTMF")


def _rest(fields: Fields) -> Iterator[Mutant]:
    if "did" in fields or fields.get("fault") in NO_EFFECT or fields["status"] >= 400:
        return
    if fields.get("verb") == "sendDTMF":
        yield from _sent_digits()
    if fields.get("agent") == STORY_AGENT:
        return  # a fault on a call that a scenario file makes itself would test the file
    route = route_of(fields["method"], fields["path"])
    if route is not None:
        yield Mutant("rest-status", route, "429")
        yield Mutant("rest-status", route, "500")


_OF_KIND: Mapping[str, Callable[[Fields], Iterator[Mutant]]] = {
    "client": _client,
    "event": _event,
    "flow": _flow,
    "media": _media,
    "rest": _rest,
    "webhook": _webhook,
}
