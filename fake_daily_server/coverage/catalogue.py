"""All points of Daily's telephony, derived from the contract's schema files and the state tables of the calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import get_args

from fake_daily_server.contract.files import Schema, contract_schema, definition_at, resolved
from fake_daily_server.coverage.point import Point, Section
from fake_daily_server.rest.requested_verbs import VERBS
from fake_daily_server.telephony.causes import ALL_CAUSES
from fake_daily_server.telephony.codec_choice import DAILY_CODECS
from fake_daily_server.telephony.machines.all_machines import MACHINES, steps
from fake_daily_server.values.errors import ERROR_CODES
from simulator.video.negotiated import VideoCodec

BY_FAR_END, BY_DAILY, WORKER_LOST = "hung up by the far end", "hung up by Daily", "SIP worker lost"
FALLBACKS = {"dialout-warning": "fallback of a dial-out", "dialin-warning": "fallback of a dial-in"}
NO_TELEPHONE_EVENT = "no telephone-event"
RETRIED = "a delivery is retried"
ANNOUNCES_CALL, FAILS_TO_ANNOUNCE = "sip_trunk.incoming", "sip_trunk.incoming fails"
TESTS_SERVER, FAILS_TEST = "sip_trunk.test", "sip_trunk.test fails"
CREATES_ROOM, FAILS_TO_CREATE = "room_creation_api", "room_creation_api fails"


@cache
def catalogue() -> frozenset[Point]:
    """Everything that a suite can meet."""
    return frozenset((*_of_clients(), *_of_rest(), *_of_webhooks(), *_of_calls(), *_of_machines()))


def _of_clients() -> Iterator[Point]:
    events, signalling = contract_schema("events"), contract_schema("signalling")
    for action, ref in events["x-events"].items():
        yield Point("events", action)
        yield from _fields("event fields", action, definition_at(ref, events), events)
    for method in signalling["$defs"]["ClientFrame"]["discriminator"]["mapping"]:
        yield Point("client requests", method)
    for method in VERBS.values():
        yield Point("client requests", f"{method} refused")
    for method in signalling["$defs"]["SendDtmf"]["properties"]["method"]["enum"]:
        yield Point("DTMF", f"sent as {method}")
    for method in definition_at(events["x-events"]["dtmf-event"], events)["properties"]["method"]["enum"]:
        yield Point("DTMF", f"received as {method}")


def _of_rest() -> Iterator[Point]:
    for route, bodies in contract_schema("rest")["x-routes"].items():
        yield Point("REST calls", route)
        if "{" in route or "request" in bodies:  # others are refused only for their API key, which is an error code
            yield Point("REST calls", f"{route} refused")
    for code in ERROR_CODES:
        yield Point("error codes", code)


def _of_webhooks() -> Iterator[Point]:
    webhooks = contract_schema("webhooks")
    for kind, ref in webhooks["x-types"].items():
        yield Point("webhooks", kind)
        payload = resolved(definition_at(ref, webhooks)["properties"]["payload"], webhooks)
        yield from _fields("webhook fields", kind, payload, webhooks)
    of_trunks = (ANNOUNCES_CALL, FAILS_TO_ANNOUNCE, TESTS_SERVER, FAILS_TEST)
    for name in (RETRIED, CREATES_ROOM, FAILS_TO_CREATE, *of_trunks):
        yield Point("webhooks", name)


def _fields(section: Section, name: str, definition: Schema, schema: Schema) -> Iterator[Point]:
    """The fields that may be absent, and the values of fields that have few."""
    for field, about in definition["properties"].items():
        if field not in definition.get("required", ()):
            yield Point(section, f"{name}.{field}")
        for value in resolved(about, schema).get("enum", ()):
            yield Point(section, f"{name}.{field} = {json.dumps(value)}")


def _of_calls() -> Iterator[Point]:
    for name in (*DAILY_CODECS, *get_args(VideoCodec), NO_TELEPHONE_EVENT, *FALLBACKS.values()):
        yield Point("codecs", name)
    for cause in (BY_FAR_END, BY_DAILY, WORKER_LOST, *ALL_CAUSES):
        yield Point("hang-up causes", cause)


def _of_machines() -> Iterator[Point]:
    for machine in MACHINES:
        for step in steps(machine):
            yield Point("states", f"{machine.title}: {step.to}")
            yield Point("arcs", f"{machine.title}: {step}")
