"""Which points of Daily's telephony the records of a timeline show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fake_daily_server.contract.routes import route_of
from fake_daily_server.coverage.catalogue import (
    ANNOUNCES_CALL,
    BY_DAILY,
    BY_FAR_END,
    CREATES_ROOM,
    FAILS_TEST,
    FAILS_TO_ANNOUNCE,
    FAILS_TO_CREATE,
    FALLBACKS,
    NO_TELEPHONE_EVENT,
    RETRIED,
    TESTS_SERVER,
    WORKER_LOST,
    catalogue,
)
from fake_daily_server.coverage.point import Point, Section
from fake_daily_server.rest.faults import NO_EFFECT
from fake_daily_server.telephony.causes import cause
from fake_daily_server.telephony.machines.machine import Step
from simulator.timeline import Record

Fields = Mapping[str, Any]

_OF_TRUNKS = {
    "sip_trunk.incoming": (ANNOUNCES_CALL, FAILS_TO_ANNOUNCE),
    "sip_trunk.test": (TESTS_SERVER, FAILS_TEST),
}
"""The points of an accepted and of a failed request to the server of a trunk, by its purpose."""
_ENDED = re.compile(r"ended: (\d{3})")


def points_met(records: Iterable[Record]) -> frozenset[Point]:
    """The points of the catalogue that these records of one server show; events sent by hand show nothing."""
    met: set[Point] = set()
    open_requests: dict[tuple[object, object], Fields] = {}
    for record in records:
        if record.fields.get("triggered"):
            continue
        if record.kind == "client" and "method" in record.fields:
            met.update(_of_request(record.fields, open_requests))
        elif (of_kind := _OF_KIND.get(record.kind)) is not None:
            met.update(of_kind(record.fields))
    for request in open_requests.values():
        met.update(_accepted(request["method"], request["params"]))
    return catalogue() & met


def _of_request(fields: Fields, open_requests: dict[tuple[object, object], Fields]) -> Iterator[Point]:
    """Points of a client's request; it counts as accepted when no refusal of it follows."""
    of = fields.get("by", fields["client"]), fields["method"]
    earlier = open_requests.pop(of, None)
    if "refused" in fields:
        yield Point("client requests", f"{fields['method']} refused")
        yield Point("error codes", str(fields.get("error")))
        return
    if earlier is not None:
        yield from _accepted(earlier["method"], earlier["params"])
    open_requests[of] = fields


def _accepted(method: str, params: Fields) -> Iterator[Point]:
    yield Point("client requests", method)
    if method == "sendDTMF":
        yield Point("DTMF", f"sent as {params.get('method', 'auto')}")


def _event(fields: Fields) -> Iterator[Point]:
    event = fields["event"]
    action = str(event.get("action"))
    yield Point("events", action)
    yield from _fields("event fields", action, event)
    if action == "dtmf-event":
        yield Point("DTMF", f"received as {event.get('method')}")
    if action in FALLBACKS and str(event.get("errorMsg", "")).startswith("Requested codec unavailable"):
        yield Point("codecs", FALLBACKS[action])


def _fields(section: Section, name: str, given: Fields) -> Iterator[Point]:
    for field, value in given.items():
        yield Point(section, f"{name}.{field}")
        if isinstance(value, str | bool | int | None):
            yield Point(section, f"{name}.{field} = {json.dumps(value)}")


def _rest(fields: Fields) -> Iterator[Point]:
    route = None if "did" in fields else route_of(fields["method"], fields["path"])
    if route is None or fields.get("fault") in NO_EFFECT:
        return
    if fields["status"] < 400:
        yield Point("REST calls", route)
        if fields.get("verb") == "sendDTMF":
            yield Point("DTMF", f"sent as {fields['params'].get('method', 'auto')}")
    else:
        yield Point("REST calls", f"{route} refused")
        yield Point("error codes", str(fields.get("error")))


def _webhook(fields: Fields) -> Iterator[Point]:
    if fields.get("purpose") == "room_creation_api" and not fields.get("probe"):
        yield Point("webhooks", CREATES_ROOM if fields.get("status") == 200 else FAILS_TO_CREATE)
    if fields.get("purpose") in _OF_TRUNKS:
        accepted, failed = _OF_TRUNKS[fields["purpose"]]
        yield Point("webhooks", failed if "error" in fields else accepted)
    if fields.get("purpose") == "event" and "payload" in fields:
        yield Point("webhooks", fields["type"])
        yield from _fields("webhook fields", fields["type"], fields["payload"])
        if fields["attempt"] > 1:
            yield Point("webhooks", RETRIED)


def _media(fields: Fields) -> Iterator[Point]:
    if "codec" in fields:
        yield Point("codecs", str(fields["codec"]))
        if fields.get("telephone_event") is None:
            yield Point("codecs", NO_TELEPHONE_EVENT)


def _phone(fields: Fields) -> Iterator[Point]:
    if fields.get("action") == "shows its test card":
        yield Point("codecs", str(fields["codec"]))


def _sip(fields: Fields) -> Iterator[Point]:
    ended = _ENDED.match(str(fields.get("message", "")))
    if ended is None:
        return
    if fields["by"] == "worker":
        yield Point("hang-up causes", WORKER_LOST)
    elif int(ended[1]) >= 300:
        yield Point("hang-up causes", cause(int(ended[1])))
    else:
        yield Point("hang-up causes", BY_FAR_END if fields["by"] == "remote" else BY_DAILY)


def _flow(fields: Fields) -> Iterator[Point]:
    step = Step(fields["state"], fields["input"], fields["guard"], fields["next"])
    yield Point("states", f"{fields['machine']}: {step.to}")
    yield Point("arcs", f"{fields['machine']}: {step}")


_OF_KIND: Mapping[str, Callable[[Fields], Iterator[Point]]] = {
    "event": _event,
    "flow": _flow,
    "media": _media,
    "phone": _phone,
    "rest": _rest,
    "sip": _sip,
    "webhook": _webhook,
}
