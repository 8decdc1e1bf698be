"""`daily-sim contract diff`: what differs in a recording, what is not compared, and what is hidden."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import click.testing
import pytest

from fake_daily_server.contract.command import contract
from fake_daily_server.recordings.masking import masked

STOPPED: dict[str, Any] = {
    "action": "dialout-stopped",
    "provider": "daily",
    "sessionId": "s-1",
    "callClientId": "c-1",
    "sipCallId": "i-1",
}
WEBHOOK = {
    "version": "1.0.0",
    "type": "dialout.stopped",
    "id": "w-1",
    "event_ts": 1700000000.0,
    "payload": {
        "domain_id": "d-1",
        "room": "demo",
        "timestamp": "1700000000",
        "session_id": "s-1",
        "destination": "+12065550142",
        "origin": "+14155550100",
    },
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recorded.jsonl"


def diff(file: Path, *objects: Any, options: tuple[str, ...] = ()) -> click.testing.Result:
    file.write_text("".join(json.dumps(each) + "\n" for each in objects), "utf-8")
    return click.testing.CliRunner().invoke(contract, ["diff", str(file), *options])


def lines(result: click.testing.Result) -> list[str]:
    return [" ".join(line.split()) for line in result.output.splitlines()]


def test_what_is_as_the_contract_has_it_does_not_differ(file: Path) -> None:
    result = diff(file, STOPPED, {"at": 1.5, "event": STOPPED}, WEBHOOK)
    assert result.exit_code == 0, result.output
    assert lines(result) == ["compared: 2 events, 1 webhook"]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"region": "us"}, "note event dialout-stopped: region unknown field (line 1)"),
        ({"sessionId": 7}, "error event dialout-stopped: sessionId is 7, not of the type string (line 1)"),
        (
            {"provider": "twilio"},
            "warning event dialout-stopped: provider unknown value twilio; known: daily, signalwire (line 1)",
        ),
        ({"action": "dialout-paused"}, "warning event dialout-paused unknown event (line 1)"),
    ],
)
def test_each_difference_has_a_severity(file: Path, changes: dict[str, Any], found: str) -> None:
    result = diff(file, {**STOPPED, **changes})
    assert result.exit_code == 1
    assert lines(result)[0] == found


def test_a_missing_field_is_an_error_and_counted(file: Path) -> None:
    without = {name: value for name, value in STOPPED.items() if name != "sessionId"}
    result = diff(file, without, STOPPED, without)
    assert lines(result)[0] == (
        "error event dialout-stopped: sessionId missing; the contract has it always (2 times, first in line 1)"
    )


def test_webhooks_are_compared_with_their_payloads(file: Path) -> None:
    payload = {**WEBHOOK["payload"], "timestamp": 1700000000}  # type: ignore[dict-item]
    result = diff(file, {**WEBHOOK, "payload": payload}, {**WEBHOOK, "type": "dialout.paused"})
    assert lines(result)[:2] == [
        "error webhook dialout.stopped: payload.timestamp is …, not of the type string (line 1)",
        "warning webhook dialout.paused unknown webhook type (line 2)",
    ]


def test_requests_to_the_servers_of_trunks_are_compared(file: Path) -> None:
    caller = {"From": "+1", "To": "+2", "callId": "c", "sipHeaders": {}}
    room, trunk = {"name": "r", "url": "u"}, {"id": "t", "trunk_name": "support", "description": None}
    call = {"type": "sip_trunk.incoming", "room": {**room, "name": 7}, "trunk": trunk, "call": caller}
    result = diff(file, call, {"type": "sip_trunk.test", "zork": 1})
    assert (
        "error caller request sip_trunk.incoming: room.name is a number (hidden), not of the type string (line 1)"
        in lines(result)
    )
    assert any("sip_trunk.test" in line and "zork" in line for line in lines(result))


def test_rest_calls_are_compared_by_their_route(file: Path) -> None:
    call = {"method": "POST", "path": "/v1/rooms/demo/dialOut/stop", "status": 200}
    refused = {**call, "status": 404, "answer": {"error": "not-found"}}
    result = diff(file, {**call, "request": {"sessionId": "s", "why": "x"}, "answer": {"ok": 7}}, refused)
    route = "POST /v1/rooms/{room}/dialOut/stop"
    assert set(lines(result)) == {
        f"error answer of {route}: ok is 7, not of the type string or boolean (line 1)",
        f"error answer of {route} 404: info missing; the contract has it always (line 2)",
        f"note request of {route}: why unknown field (line 1)",
        "compared: 1 REST request, 2 REST answers",
    }


def test_what_cannot_be_compared_is_told_and_does_not_count(file: Path) -> None:
    file.write_text('{"hello": "world"}\nnot json\n' + json.dumps(STOPPED) + "\n", "utf-8")
    result = click.testing.CliRunner().invoke(contract, ["diff", str(file)])
    assert result.exit_code == 0
    told = lines(result)
    assert told[-1] == "compared: 1 event"
    assert any("line 1 no event (action), webhook (type, payload) or REST call" in line for line in told)
    assert any("line 2 it is not JSON" in line for line in told)
    joined = diff(file, {**WEBHOOK, "type": "participant.joined", "payload": {"permissions": {"canSend": True}}})
    assert any("payload.permissions the contract leaves its fields open" in line for line in lines(joined))


def test_a_recording_of_which_nothing_was_compared_is_not_equal(file: Path) -> None:
    result = diff(file, {"hello": "world"})
    assert result.exit_code == 1
    assert lines(result)[-1] == "compared: nothing"


def test_har_has_rest_calls_and_webhooks(tmp_path: Path) -> None:
    answer = base64.b64encode(json.dumps({"ok": 7}).encode()).decode()
    entries = [
        {
            "request": {
                "method": "POST",
                "url": "https://api.daily.co/v1/rooms/demo/dialOut/stop",
                "postData": {"text": '{"sessionId": "s"}'},
            },
            "response": {"status": 200, "content": {"text": answer, "encoding": "base64"}},
        },
        {"request": {"method": "POST", "url": "https://me.test/hook", "postData": {"text": json.dumps(WEBHOOK)}}},
        {"request": {"method": "GET", "url": "https://cdn.test/logo.png"}, "response": {"status": 200}},
    ]
    file = tmp_path / "recorded.har"
    file.write_text(json.dumps({"log": {"entries": entries}}), "utf-8")
    result = click.testing.CliRunner().invoke(contract, ["diff", str(file)])
    assert lines(result)[-1] == "compared: 1 REST request, 1 REST answer, 1 webhook"
    assert any("ok is 7, not of the type string or boolean (entry 1)" in line for line in lines(result))
    assert any("a request to cdn.test" in line for line in lines(result))


def test_the_severity_that_fails_can_be_chosen_and_json_printed(file: Path) -> None:
    more = {**STOPPED, "region": "us"}
    assert diff(file, more, options=("--fail-on", "warning")).exit_code == 0
    result = diff(file, more, options=("--json",))
    assert json.loads(result.output)["findings"][0]["path"] == "region"


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("+12065550142", "type"),
        ("sip:ann@example.com", "type"),
        ("ann@example.com", "type"),
        ("eyJhbGciOi.eyJzdWIi.c2ln", "type"),
        ("0123456789abcdef0123456789abcdef", "type"),
        ("Ann", "user_name"),
        ("w7", "hmac"),
    ],
)
def test_secrets_and_personal_values_are_hidden(value: str, field: str) -> None:
    shown = masked(value, field)
    assert value not in shown
    assert not any(part in shown for part in ("2065550142", "ann@", "Ann"))


def test_a_file_that_is_no_recording_is_refused(file: Path) -> None:
    file.write_text("hello\n", "utf-8")
    result = click.testing.CliRunner().invoke(contract, ["diff", str(file)])
    assert result.exit_code == 2
    assert "JSON lines (one object a line), a JSON list, or HAR" in result.output


def test_fields_are_still_listed_without_a_verb() -> None:
    result = click.testing.CliRunner().invoke(contract, ["DialoutStopped.sipCallId"])
    assert result.exit_code == 0
    assert "sipCallId" in result.output
