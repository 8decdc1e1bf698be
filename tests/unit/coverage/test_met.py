"""Which points records show."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.contract.routes import route_of
from fake_daily_server.coverage.met import points_met
from fake_daily_server.coverage.point import Point
from simulator.timeline import RecordKind, Timeline


def met(*records: tuple[RecordKind, dict[str, Any]]) -> set[str]:
    timeline = Timeline()
    for kind, fields in records:
        timeline.append(kind, **fields)
    return {str(point) for point in points_met(timeline.records())}


def request(method: str, **fields: Any) -> tuple[RecordKind, dict[str, Any]]:
    return "client", {"client": "client", "by": "s-1", "method": method, **fields}


def test_an_event_its_optional_fields_and_values() -> None:
    event = {"action": "dtmf-event", "tone": "5", "volume": 10.0, "method": "sip-info", "sessionId": "s"}
    assert met(("event", {"event": event})) == {
        "events: dtmf-event",
        "event fields: dtmf-event.sessionId",
        'event fields: dtmf-event.method = "sip-info"',
        "DTMF: received as sip-info",
    }


def test_a_request_that_is_refused_is_not_met() -> None:
    refusal = {"refused": "NOT_FOUND: no telephony session 'nobody'", "error": "not-found"}
    tried = {"params": {"sessionId": "nobody", "tones": "12"}}
    refused = {"client requests: sendDTMF refused", "error codes: not-found"}
    assert met(request("sendDTMF", **tried), request("sendDTMF", **refusal)) == refused
    assert met(request("sendDTMF", **tried), request("sendDTMF", **tried), request("sendDTMF", **refusal)) == {
        *refused,
        "client requests: sendDTMF",
        "DTMF: sent as auto",
    }


@pytest.mark.parametrize(
    ("message", "by", "name"),
    [
        ("ended: 486 Busy Here", "remote", "busy"),
        ("ended: 503 Service Unavailable", "remote", "network failure"),
        ("ended: 200 Normal call clearing", "remote", "hung up by the far end"),
        ("ended: 200 OK", "local", "hung up by Daily"),
        ("ended: 408 Worker lost", "worker", "SIP worker lost"),
    ],
)
def test_causes_of_the_end(message: str, by: str, name: str) -> None:
    assert met(("sip", {"message": message, "by": by})) == {f"hang-up causes: {name}"}


def test_rest_calls_and_their_refusals() -> None:
    found = {"method": "GET", "path": "/v1/rooms/demo", "status": 200}
    missing = {**found, "status": 404, "refused": "no room", "error": "not-found"}
    assert met(("rest", found)) == {"REST calls: GET /v1/rooms/{room}"}
    assert met(("rest", missing)) == {"REST calls: GET /v1/rooms/{room} refused", "error codes: not-found"}
    assert met(("rest", {"did": "rest-status", "method": "GET", "path": "/v1/rooms/demo"})) == set()


def test_the_route_without_a_parameter_comes_first() -> None:
    assert route_of("POST", "/v1/rooms/demo/dialOut/start") == "POST /v1/rooms/{room}/dialOut/start"
    assert route_of("GET", "/v1/rooms") == "GET /v1/rooms"
    assert route_of("GET", "/v1/nothing") is None


def test_webhooks_count_when_they_are_sent() -> None:
    sent = {"purpose": "event", "type": "dialout.stopped", "attempt": 2, "payload": {"user_id": "u"}}
    assert met(("webhook", sent)) == {
        "webhooks: dialout.stopped",
        "webhooks: a delivery is retried",
        "webhook fields: dialout.stopped.user_id",
    }
    assert met(("webhook", {"purpose": "dropped", "type": "dialout.stopped", "because": "it is FAILED"})) == set()


def test_requests_to_the_servers_of_trunks_count_by_their_outcome() -> None:
    call = {"purpose": "sip_trunk.incoming", "status": 200}
    assert met(("webhook", call)) == {"webhooks: sip_trunk.incoming"}
    assert met(("webhook", {**call, "status": 500, "error": "answered 500"})) == {"webhooks: sip_trunk.incoming fails"}
    assert met(("webhook", {"purpose": "sip_trunk.test", "status": 204})) == {"webhooks: sip_trunk.test"}


def test_codecs_and_fallbacks() -> None:
    warning = {"action": "dialout-warning", "errorMsg": "Requested codec unavailable, using fallback (…)"}
    found = met(("media", {"codec": "PCMU", "telephone_event": None}), ("event", {"event": warning}))
    assert {"codecs: PCMU", "codecs: no telephone-event", "codecs: fallback of a dial-out"} < found


def test_steps_of_machines() -> None:
    step = {"machine": "Dial-out", "state": "ringing", "input": "Answered", "guard": None, "next": "answered"}
    assert met(("flow", step)) == {"states: Dial-out: answered", "arcs: Dial-out: ringing -> answered: Answered"}


def test_what_the_catalogue_does_not_have_is_no_point() -> None:
    assert met(("event", {"event": {"action": "something-else"}})) == set()
    assert Point("events", "something-else") not in points_met(())
