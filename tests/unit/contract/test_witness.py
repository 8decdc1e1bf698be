"""The contract witness reports invalid events and bodies, and fails the test that caused them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_daily_server.domain.api_log import ApiLog, ApiLogEntry
from fake_daily_server.settings import Settings
from fake_daily_server.site import Site
from fake_daily_server.telephony.events import DialOutLeg, dialin_ready, dtmf_event
from simulator.timeline import Timeline
from tests.contract_witness import Witness

pytest_plugins = ["pytester"]
LEG = DialOutLeg("s1", "+12065550142")


def server_timeline() -> Timeline:
    """The timeline of a new server, which the witness checks like that of every server."""
    timeline = Timeline()
    Site(Settings(), timeline, base_url="http://127.0.0.1:1", sip_address="127.0.0.1:1")
    return timeline


def test_valid_events_pass(contract_witness: Witness) -> None:
    timeline = server_timeline()
    before = contract_witness.heard.total()
    for event in (
        LEG.connected("a@b"),
        LEG.stopped(None),
        dialin_ready("sip:a.0@h"),
        dtmf_event("s1", "1", "sip-info"),
    ):
        timeline.append("event", event=event.payload())
    timeline.append("sip", message="INVITE")
    assert contract_witness.heard.total() == before + 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"action": "dialout-conected"}, "'dialout-conected' is not in the contract"),
        ({"sessionId": None}, "sessionId: None is not of type 'string'"),
        ({"callerId": None}, "callerId: None is not of type 'string'"),
        ({"provider": "acme"}, "provider"),
        ({"sip_call_id": "x"}, "Additional properties are not allowed ('sip_call_id' was unexpected)"),
    ],
)
def test_invalid_events_are_reported(contract_witness: Witness, change: dict[str, Any], said: str) -> None:
    server_timeline().append("event", event={**LEG.connected("a@b").payload(), **change})
    complaints = contract_witness.take_complaints()
    assert len(complaints) == 1
    assert said in complaints[0]


def test_missing_fields_are_reported(contract_witness: Witness) -> None:
    server_timeline().append("event", event={"action": "dialout-connected", "sessionId": "s1"})
    assert len(contract_witness.take_complaints()) == 2, "provider and sipCallId"


def _call(**about: Any) -> ApiLogEntry:
    return ApiLogEntry(**{"source": "api", "method": "GET", "url": "/v1/rooms", "status": 200, "at": "", **about})


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (_call(response=b'{"total_count": "many", "data": []}'), "total_count: 'many' is not of type 'integer'"),
        (_call(url="/v1/roms", response=b"{}"), "GET /v1/roms was answered with 200 and is not in the contract"),
        (_call(status=404, response=b'{"error": "not-found"}'), "'info' is a required property"),
        (_call(source="webhook", request=b'{"type": "dialin.ringing"}'), "'dialin.ringing' is not in the contract"),
        (_call(source="webhook", request=b'{"test": "yes"}'), "webhook test: test: 'yes' is not one of"),
    ],
)
def test_invalid_bodies_are_reported(contract_witness: Witness, entry: ApiLogEntry, said: str) -> None:
    ApiLog().append(entry)
    complaints = contract_witness.take_complaints()
    assert [complaint for complaint in complaints if said in complaint], complaints


def test_a_webhook_with_the_payload_of_another_type_is_reported(contract_witness: Witness) -> None:
    payload = {"room": "r", "start_ts": 1.5, "meeting_id": "m"}
    body = {"version": "1.0.0", "type": "meeting.started", "id": "x", "payload": payload, "event_ts": 1.5}
    ApiLog().append(_call(source="webhook", request=json.dumps(body).encode()))
    assert contract_witness.take_complaints() == []
    ApiLog().append(_call(source="webhook", request=json.dumps({**body, "type": "dialin.ready"}).encode()))
    assert contract_witness.take_complaints()


def test_a_test_with_an_invalid_event_fails(pytester: pytest.Pytester, contract_witness: Witness) -> None:
    pytester.makeconftest("from tests.conftest import contract_witness, everything_said_is_in_the_contract")
    pytester.makepyfile(
        """
        from tests.unit.contract.test_witness import server_timeline

        def test_wrong():
            server_timeline().append("event", event={"action": "dialout-stoped"})

        def test_right():
            server_timeline().append("event", event={"action": "left-meeting"})
        """
    )
    result = pytester.runpytest("-p", "no:schemathesis", "-p", "no:asyncio")
    assert len(contract_witness.take_complaints()) == 1, "the witness of this test has seen it too"
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*event 'dialout-stoped' is not in the contract*"])
