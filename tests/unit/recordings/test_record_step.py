"""One record as a step of a scenario, as Python, and as a request: what does it, or expects it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from fake_daily_server.recordings.record_request import request_of
from fake_daily_server.recordings.record_step import as_python, as_yaml, name_of, step_of
from scenarios.language.comparison import matches
from scenarios.language.references import resolve
from scenarios.steps import AnyStep
from simulator.timeline import Record, RecordKind

CALL = "call-1@127.0.0.1"
Given = tuple[RecordKind, dict[str, Any]]
RECORDS: list[tuple[Given, dict[str, Any], str]] = [
    (
        ("event", {"event": {"action": "dialout-error", "errorMsg": "486 Busy"}}),
        {"expect": "dialout-error", "where": {"errorMsg": "486 Busy"}},
        'client.wait_for("dialout-error", where={"errorMsg": "486 Busy"})',
    ),
    (
        ("event", {"event": {"action": "participant-joined", "participant": {"user_name": "Mary"}}}),
        {"expect": "participant-joined", "where": {"participant.user_name": "Mary"}},
        'client.wait_for("participant-joined", where={"participant.user_name": "Mary"})',
    ),
    (
        ("digit", {"digit": "#", "method": "sip-info", "duration_ms": 100}),
        {"expect": {"dtmf": "#", "method": "sip-info"}},
        'client.wait_for("dtmf-event", where={"tone": "#", "method": "sip-info"})',
    ),
    (
        ("client", {"method": "sendDTMF", "params": {"sessionId": "a", "tones": "1"}}),
        {"client": "sendDTMF", "with": {"tones": "1"}},
        'client.send_dtmf({"sessionId": session_id, "tones": "1"})',
    ),
    (
        ("client", {"method": "stopDialOut", "params": {"sessionId": "a"}}),
        {"client": "stopDialOut"},
        "client.stop_dialout(session_id)",
    ),
    (
        (
            "rest",
            {
                "method": "POST",
                "path": "/v1/rooms/demo/dialOut/start",
                "status": 200,
                "room": "demo",
                "params": {"phoneNumber": "+1"},
            },
        ),
        {"rest": "POST /rooms/${room.name}/dialOut/start", "with": {"phoneNumber": "+1"}},
        'answer = httpx.request("POST", f"{sync_fake_daily.api_url}/rooms/{room.name}/dialOut/start"',
    ),
    (
        ("webhook", {"purpose": "event", "type": "dialin.connected", "status": 200}),
        {"customer": "receives", "where": {"type": "dialin.connected"}},
        'sync_daily_webhook.wait_for("dialin.connected")',
    ),
    (
        (
            "phone",
            {"phone": "+12065550142", "action": "presses", "digits": "12", "method": "auto", "sip_call_id": CALL},
        ),
        {"phone": "phone_12065550142", "press": "12", "method": "auto"},
        'call_of_phone_12065550142.press("12", method="auto")',
    ),
    (
        ("phone", {"phone": "Ann", "action": "rejects", "status": 603}),
        {"phone": "ann", "do": "reject", "status": 603},
        "call_of_ann.reject(603)",
    ),
    (
        ("phone", {"phone": "Ann", "action": "call ended", "status": 200, "by": "remote"}),
        {"phone": "ann", "expect": "ended", "status": 200, "by": "remote"},
        "assert call_of_ann.wait_for_end().status == 200",
    ),
    (
        ("phone", {"phone": "Ann", "action": "dials", "to": "+12065550142"}),
        {"phone": "ann", "dial": "+12065550142"},
        'call_of_ann = ann.dial("+12065550142")',
    ),
    (
        ("phone", {"phone": "Ann", "action": "is called"}),
        {"phone": "ann", "expect": "call"},
        "call_of_ann = ann.wait_for_call()",
    ),
]


def record(given: Given) -> Record:
    return Record(7, 1.0, given[0], given[1])


@pytest.mark.parametrize(
    ("given", "step", "python"), RECORDS, ids=lambda each: each[0] if isinstance(each, tuple) else ""
)
def test_a_record_is_a_step_that_scenarios_take_and_a_line_of_python(
    given: Given, step: dict[str, Any], python: str
) -> None:
    found = step_of(record(given))
    assert found is not None
    assert yaml.safe_load(as_yaml(found)) == [step]
    texts = {name: str(value) if isinstance(value, int) else value for name, value in step.items()}  # as files are read
    TypeAdapter(AnyStep).validate_python(texts)
    written = as_python(found)
    assert python in written
    compile(written, "copied", "exec")


@pytest.mark.parametrize(
    ("given", "method", "path", "body"),
    [
        (("phone", {"phone": "Ann", "action": "dials", "to": "+1"}), "POST", "/_sim/phones/phone-1/dial", {"to": "+1"}),
        (("phone", {"phone": "Ann", "action": "hangs up"}), "POST", "/_sim/phones/phone-1/hangup", None),
        (("rest", {"method": "DELETE", "path": "/v1/rooms/demo", "status": 200}), "DELETE", "/v1/rooms/demo", None),
        (("client", {"method": "sipRefer", "room": "x", "params": {"a": 1}}), "POST", "/v1/rooms/x/sipRefer", {"a": 1}),
        (("mark", {"name": "here"}), "POST", "/_sim/marks", {"name": "here"}),
    ],
)  # fmt: skip
def test_a_record_is_a_request(given: Given, method: str, path: str, body: Any) -> None:
    request = request_of(record(given), {"Ann": "phone-1"})
    assert request is not None
    assert (request.method, request.path, request.body) == (method, path, body)
    line = request.curl("http://127.0.0.1:7880", "secret")
    assert line.startswith(f"curl -X {method} http://127.0.0.1:7880{path}")
    assert ("secret" in line) == path.startswith("/v1/")


@pytest.mark.parametrize("name", ["/busy/", "=5", "absent", "5±1", "$room", "costs $5", "a plain one"])
def test_a_text_is_expected_as_it_is(name: str) -> None:
    event = {"action": "participant-joined", "participant": {"user_name": name}}
    step = step_of(record(("event", {"event": event})))
    assert step is not None
    expected = yaml.safe_load(as_yaml(step))[0]["where"]["participant.user_name"]
    no_variables: dict[str, Any] = {}
    assert matches(resolve(expected, no_variables.__getitem__), name)
    assert f'"{name}"' in as_python(step)


@pytest.mark.parametrize(
    "given",
    [
        ("event", {"event": {"action": "dialin-ready"}}),
        ("phone", {"phone": "gone", "action": "hangs up"}),
        ("rtp", {"action": "begins"}),
    ],
)
def test_a_record_that_no_request_makes_has_none(given: Given) -> None:
    assert request_of(record(given), {}) is None


def test_the_name_of_a_phone_is_one_of_python() -> None:
    assert [name_of(name) for name in ("Ann", "+1206", "menu@numbers.test", "…")] == [
        "ann",
        "phone_1206",
        "menu_numbers_test",
        "phone",
    ]
