"""The contract checker finds violations, and fails the test in which they occur."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_daily_server.domain.api_log import ApiLog, ApiLogEntry
from fake_daily_server.settings import Settings
from fake_daily_server.site import Site
from fake_daily_server.telephony.events import DialOutEvents, dialin_ready, dtmf_event
from simulator.timeline import Timeline
from tests.contract_checker import ContractChecker

pytest_plugins = ["pytester"]
LEG = DialOutEvents("s1", "+12065550142")


def server_timeline() -> Timeline:
    """The timeline of a new server, which the checker listens to."""
    timeline = Timeline()
    Site(Settings(), timeline, base_url="http://127.0.0.1:1", sip_address="127.0.0.1:1")
    return timeline


def test_valid_events_pass(contract_checker: ContractChecker) -> None:
    timeline = server_timeline()
    before = contract_checker.checked.total()
    for event in (
        LEG.connected("a@b"),
        LEG.stopped(None),
        dialin_ready("sip:a.0@h"),
        dtmf_event("s1", "1", "sip-info"),
    ):
        timeline.append("event", event=event.payload())
    timeline.append("sip", message="INVITE")
    assert contract_checker.checked.total() == before + 4


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"action": "dialout-conected"}, "'dialout-conected' is not in the contract"),
        ({"sessionId": None}, "sessionId: None is not of type 'string'"),
        ({"callerId": None}, "callerId: None is not of type 'string'"),
        ({"provider": "acme"}, "provider"),
        ({"sip_call_id": "x"}, "Additional properties are not allowed ('sip_call_id' was unexpected)"),
    ],
)
def test_an_invalid_event_is_a_violation(contract_checker: ContractChecker, change: dict[str, Any], text: str) -> None:
    server_timeline().append("event", event={**LEG.connected("a@b").payload(), **change})
    violations = contract_checker.take_violations()
    assert len(violations) == 1
    assert text in violations[0]


def test_missing_fields_are_violations(contract_checker: ContractChecker) -> None:
    server_timeline().append("event", event={"action": "dialout-connected", "sessionId": "s1"})
    assert len(contract_checker.take_violations()) == 2, "provider and sipCallId"


def _call(**about: Any) -> ApiLogEntry:
    return ApiLogEntry(**{"source": "api", "method": "GET", "url": "/v1/rooms", "status": 200, "at": "", **about})


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (_call(response=b'{"total_count": "many", "data": []}'), "total_count: 'many' is not of type 'integer'"),
        (_call(url="/v1/roms", response=b"{}"), "GET /v1/roms was answered with 200 but is not in the contract"),
        (_call(status=404, response=b'{"error": "not-found"}'), "'info' is a required property"),
        (_call(source="webhook", request=b'{"type": "dialin.ringing"}'), "'dialin.ringing' is not in the contract"),
        (_call(source="webhook", request=b'{"test": "yes"}'), "webhook test: test: 'yes' is not one of"),
    ],
)
def test_an_invalid_body_is_a_violation(contract_checker: ContractChecker, entry: ApiLogEntry, text: str) -> None:
    ApiLog().append(entry)
    violations = contract_checker.take_violations()
    assert [violation for violation in violations if text in violation], violations


def test_a_webhook_with_the_payload_of_another_type_is_a_violation(contract_checker: ContractChecker) -> None:
    payload = {"room": "r", "start_ts": 1.5, "meeting_id": "m"}
    body = {"version": "1.0.0", "type": "meeting.started", "id": "x", "payload": payload, "event_ts": 1.5}
    ApiLog().append(_call(source="webhook", request=json.dumps(body).encode()))
    assert contract_checker.take_violations() == []
    ApiLog().append(_call(source="webhook", request=json.dumps({**body, "type": "dialin.ready"}).encode()))
    assert contract_checker.take_violations()


def test_a_test_with_a_violation_fails(pytester: pytest.Pytester, contract_checker: ContractChecker) -> None:
    pytester.makeconftest("from tests.conftest import contract_checker, everything_sent_matches_the_contract")
    pytester.makepyfile(
        """
        from tests.unit.contract.test_contract_checker import server_timeline

        def test_invalid():
            server_timeline().append("event", event={"action": "dialout-stoped"})

        def test_valid():
            server_timeline().append("event", event={"action": "left-meeting"})
        """
    )
    result = pytester.runpytest("-p", "no:schemathesis", "-p", "no:asyncio")
    assert len(contract_checker.take_violations()) == 1, "this test's own checker found it too"
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*event 'dialout-stoped' is not in the contract*"])
