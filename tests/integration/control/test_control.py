"""The control API under /_sim, used as from another language: over HTTP alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.control.sim import Sim, live_room

NUMBER = "+12065550142"


def test_a_dial_out_is_driven_over_http_alone(sim: Sim) -> None:
    phone = sim.post("/_sim/phones", {"number": NUMBER, "calls": [{"ring_ms": 20, "then": "answer"}]})
    assert phone["number"] == NUMBER
    assert phone["uri"].startswith(f"sip:{NUMBER}@127.0.0.1:")
    room = live_room(sim)
    started = sim.post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": NUMBER})
    assert started["ok"] is True
    seq, answered = sim.wait_for("dialout-answered")
    assert answered["sessionId"] == started["sessionId"]

    sim.post(
        f"/v1/rooms/{room}/dialOut/sendDTMF", {"sessionId": started["sessionId"], "tones": "5", "digitDurationMs": 80}
    )
    sim.post(f"/_sim/phones/{phone['id']}/press", {"tones": "12#", "method": "sip-info"})
    seq, event = sim.wait_for("dtmf-event", seq)
    assert (event["tone"], event["method"]) == ("1", "sip-info")
    sim.post(f"/_sim/phones/{phone['id']}/hangup")
    sim.wait_for("dialout-stopped", seq)
    shown = sim.get(f"/_sim/phones/{phone['id']}")
    assert shown["digits"] == "5"
    assert shown["calls"][0]["state"] == "ended"
    assert shown["calls"][0]["heard"][0]["method"] == "telephone-event"
    assert shown["calls"][0]["ended"]["status"] == 200


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"enable_dial_out": True}, "unknown property 'enable_dial_out'; did you mean 'enable_dialout'?"),
        ({"enableDialout": True}, "unknown property 'enableDialout'; did you mean 'enable_dialout'?"),
        ({"name": "mine"}, "unknown property 'name'"),
        ({"properties": {"enable_dialout": True}}, "unknown property 'properties'"),
    ],
)
def test_a_room_with_a_misspelt_property_is_refused(sim: Sim, properties: Any, says: str) -> None:
    refused = sim.post("/_sim/rooms", {"properties": properties}, status=400)
    assert refused["info"].startswith(says)


def test_a_room_is_created_over_http(sim: Sim) -> None:
    wanted = {"name": "mine", "privacy": "private", "properties": {"enable_dialout": True}}
    room = sim.post("/_sim/rooms", wanted)
    assert (room["name"], room["privacy"], room["config"]["enable_dialout"]) == ("mine", "private", True)
    assert sim.get("/v1/rooms/mine") == room
    assert sim.post("/_sim/rooms")["privacy"] == "public"


def test_dial_outs_that_fail_are_ordered_over_http(sim: Sim) -> None:
    room = live_room(sim)
    cause = {"cause": "no media server is free"}
    assert sim.post("/_sim/dialouts/fail", cause) == {**cause, "count": 1}
    sim.post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": NUMBER})
    _, error = sim.wait_for("dialout-error")
    assert error["errorMsg"] == "DialOut failed with error: no media server is free"
    assert "sessionId" not in error


def test_a_dial_in_is_driven_over_http_alone(sim: Sim) -> None:
    room = live_room(sim)
    _, ready = sim.wait_for("dialin-ready")
    phone = sim.post("/_sim/phones", {"number": NUMBER})
    call = sim.post(f"/_sim/phones/{phone['id']}/dial", {"to": ready["sipEndpoint"], "headers": {"X-Id": "9"}})
    _, connected = sim.wait_for("dialin-connected")
    assert connected["sipCallId"] == call["sip_call_id"]
    assert connected["sipHeaders"] == {"X-Id": "9"}
    presence = sim.http.get(f"/{room}")
    assert presence.status_code == 200


def test_a_waiting_call_is_answered_or_rejected_over_http(sim: Sim) -> None:
    phone = sim.post("/_sim/phones", {"number": NUMBER, "calls": ["wait", "wait"]})
    room = live_room(sim)
    sim.post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": NUMBER})
    seq, _ = sim.wait_for("dialout-connected")
    sim.post(f"/_sim/phones/{phone['id']}/answer")
    seq, _ = sim.wait_for("dialout-answered", seq)
    sim.post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": NUMBER})
    seq, _ = sim.wait_for("dialout-connected", seq)
    sim.post(f"/_sim/phones/{phone['id']}/reject", {"status": 603})
    _, error = sim.wait_for("dialout-error", seq)
    assert "603" in error["errorMsg"]


def test_a_scripted_participant_leaves(sim: Sim) -> None:
    room = sim.post("/v1/rooms", {})["name"]
    joined = sim.post(f"/_sim/rooms/{room}/participants")
    answer = sim.http.delete(f"/_sim/rooms/{room}/participants/{joined['session_id']}")
    assert answer.status_code == 200
    sim.wait_for("participant-left")
    again = sim.http.delete(f"/_sim/rooms/{room}/participants/{joined['session_id']}")
    assert (again.status_code, again.json()["error"]) == (404, "not-found")


def test_a_reset_removes_everything_and_seq_continues(sim: Sim) -> None:
    sim.post("/_sim/phones", {"number": NUMBER})
    room = live_room(sim)
    last = sim.get("/_sim/timeline")["records"][-1]["seq"]
    reset = sim.post("/_sim/reset")
    assert reset["seq"] >= last
    assert sim.get("/_sim/phones") == {"phones": []}
    assert sim.get(f"/v1/rooms/{room}", status=404)["error"] == "not-found"
    sim.post("/_sim/phones", {"number": NUMBER})


def test_the_timeline_waits_no_longer_than_asked(sim: Sim) -> None:
    after = sim.post("/_sim/reset")["seq"] + 100
    assert sim.get("/_sim/timeline", after=after, kind="event", wait_ms=20)["records"] == []


@pytest.mark.parametrize(
    ("path", "body", "status", "names"),
    [
        ("/_sim/phones", {"number": "12"}, 400, "number"),
        ("/_sim/phones", {"nummer": NUMBER}, 400, "nummer"),
        ("/_sim/phones", {"codecs": ["MP3"]}, 400, "codecs"),
        ("/_sim/phones", {"calls": [{"then": "sing"}]}, 400, "sing"),
        ("/_sim/phones", {"calls": [{"then": "drop"}]}, 400, "after_ms"),
        ("/_sim/phones/phone-77/dial", {"to": NUMBER}, 404, "phone-77"),
        ("/_sim/rooms/nowhere/participants", {}, 404, "nowhere"),
        ("/_sim/carrier/refuse", {"number": NUMBER, "status": 200}, 400, "status"),
        ("/_sim/nothing", {}, 404, "/_sim/nothing"),
    ],
)
def test_an_invalid_request_is_refused_and_names_the_field(
    sim: Sim, path: str, body: Any, status: int, names: str
) -> None:
    answer = sim.post(path, body, status=status)
    assert set(answer) == {"error", "info"}
    assert names in answer["info"]


@pytest.mark.parametrize(
    ("to", "names"),
    [("+1", "+1"), ("sip:x@pbx.example.com", "allow_hosts"), ("hello world", "hello world")],
)
def test_a_phone_cannot_dial_an_invalid_target(sim: Sim, to: str, names: str) -> None:
    phone = sim.post("/_sim/phones", {"number": NUMBER})
    answer = sim.post(f"/_sim/phones/{phone['id']}/dial", {"to": to}, status=400)
    assert names in answer["info"]


def test_call_verbs_without_a_call_are_refused(sim: Sim) -> None:
    phone = sim.post("/_sim/phones", {"number": NUMBER})
    for verb in ("answer", "hangup", "hold", "resume", "ring", "reject"):
        answer = sim.post(f"/_sim/phones/{phone['id']}/{verb}", status=409)
        assert NUMBER in answer["info"]


def test_the_report_shows_what_has_happened(sim: Sim) -> None:
    caller = sim.post("/_sim/phones", {"number": "+12065550142"})
    sim.post("/_sim/phones", {"number": "+12065550143"})
    sim.post(f"/_sim/phones/{caller['id']}/dial", {"to": "+12065550143"})
    answer = sim.http.get("/_sim/report")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "INVITE sip:+12065550143@" in answer.text
    assert "<script>" in answer.text


def test_openapi_describes_every_route(sim: Sim) -> None:
    document = sim.get("/_sim/openapi.json")
    for path in (
        "/_sim/phones",
        "/_sim/phones/{phone_id}/dial",
        "/_sim/phones/{phone_id}/press",
        "/_sim/phones/{phone_id}/wait-for-digits",
        "/_sim/phones/{phone_id}/expect-tone",
        "/_sim/rooms/{room}/participants",
        "/_sim/rooms/{room}/events/wait",
        "/_sim/timeline",
        "/_sim/reset",
    ):
        assert path in document["paths"]
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert all(operation["summary"] and "408" in operation["responses"] for operation in operations)
    assert document["paths"]["/_sim/phones"]["get"]["tags"] == ["phones"]
    assert {tag for operation in operations for tag in operation["tags"]} == {
        "phones",
        "rooms and clients",
        "network, time and records",
    }
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    schemas = document["components"]["schemas"]
    assert [name for name in schemas if "__" in name] == []
    assert [name for name, about in schemas.items() if not about.get("description") and "enum" not in about] == []
