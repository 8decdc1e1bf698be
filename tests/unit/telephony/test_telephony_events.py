"""Payloads of telephony events, compared with the fields that daily-js documents: required, optional, no others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

from fake_daily_server.telephony.events import (
    TELEPHONY_EVENTS,
    DialInEvents,
    DialOutEvents,
    dialin_ready,
    dtmf_event,
)

PARTIES = {"origin", "destination", "callerId"}
ALWAYS = {"userId", "actionTraceId"}

FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "dialin-ready": ({"sipEndpoint", "provider"}, set()),
    "dialin-connected": (
        {"sessionId", "provider", "sipCallId"},
        {"sipFrom", "sipEndpoint", "sipHeaders", *ALWAYS},
    ),
    "dialin-stopped": (
        {"sessionId", "provider"},
        {"sipFrom", "sipEndpoint", "sipHeaders", "sipCallId", *ALWAYS},
    ),
    "dialin-error": (
        {"sessionId", "provider", "errorMsg"},
        {"type", "details", "sipCallId", *ALWAYS},
    ),
    "dialin-warning": (
        {"sessionId", "provider", "errorMsg"},
        {"sipFrom", "sipEndpoint", "sipCallId", *ALWAYS},
    ),
    "dialout-connected": ({"sessionId", "provider", "sipCallId"}, {*PARTIES, *ALWAYS}),
    "dialout-answered": ({"sessionId", "provider", "sipCallId"}, {*PARTIES, *ALWAYS}),
    "dialout-stopped": ({"sessionId", "provider"}, {*PARTIES, "sipCallId", *ALWAYS}),
    "dialout-error": ({"provider", "errorMsg"}, {"sessionId", "details", "sipCallId", *ALWAYS}),
    "dialout-warning": (
        {"provider", "errorMsg"},
        {"sessionId", "sipCallId", *PARTIES, *ALWAYS},
    ),
    "dtmf-event": ({"tone", "volume", "method"}, {"sessionId"}),
}
"""Required and optional fields of each event, without `action` and the receiving client's `callClientId`."""

SAMPLES: dict[str, Any] = {
    "volume": 10,
    "method": "sip-info",
    "provider": "daily",
    "type": "start-failed",
    "details": {},
    "sipHeaders": {"X-A": "1"},
}


def sample(action: str, names: set[str]) -> dict[str, Any]:
    return {"action": action, **{name: SAMPLES.get(name, "text") for name in names}}


@pytest.mark.parametrize("action", FIELDS)
def test_the_required_fields_suffice_and_each_is_needed(action: str) -> None:
    required, _ = FIELDS[action]
    whole = sample(action, required)
    assert TELEPHONY_EVENTS.validate_python(whole).payload() == whole
    for name in required:
        with pytest.raises(ValidationError, match=name):
            TELEPHONY_EVENTS.validate_python({key: value for key, value in whole.items() if key != name})


@pytest.mark.parametrize("action", FIELDS)
def test_optional_fields_are_accepted_and_no_others(action: str) -> None:
    required, optional = FIELDS[action]
    whole = sample(action, required | optional)
    event = TELEPHONY_EVENTS.validate_python(whole)
    assert event.payload() == whole
    known = {field.alias for field in type(event).model_fields.values()}
    assert known == {"action", *required, *optional}


def test_there_are_eleven_events() -> None:
    schema = TELEPHONY_EVENTS.json_schema()
    assert set(schema["discriminator"]["mapping"]) == set(FIELDS)


DIAL_OUT = DialOutEvents(
    "s1", "sip:bob@example.com", origin="sip:demo.0@h", caller_id=None, user_id="u1", action_trace_id="t1"
)
DIAL_IN = DialInEvents(
    "s2",
    "c2",
    sip_from="sip:a@h",
    sip_endpoint="sip:demo.0@h",
    sip_headers={"X-A": "1"},
    provider="signalwire",
    action_trace_id="t2",
)
OUT_IDS = {
    "sessionId": "s1",
    "userId": "u1",
    "actionTraceId": "t1",
    "provider": "daily",
    "sipCallId": "c1",
}
OUT = {**OUT_IDS, "destination": "sip:bob@example.com", "origin": "sip:demo.0@h"}
IN_IDS = {
    "sessionId": "s2",
    "actionTraceId": "t2",
    "provider": "signalwire",
    "sipCallId": "c2",
}
IN = {**IN_IDS, "sipFrom": "sip:a@h", "sipEndpoint": "sip:demo.0@h"}


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        (DIAL_OUT.connected("c1"), {"action": "dialout-connected", **OUT}),
        (DIAL_OUT.answered("c1"), {"action": "dialout-answered", **OUT}),
        (DIAL_OUT.stopped("c1"), {"action": "dialout-stopped", **OUT}),
        (DIAL_OUT.warning("hm", "c1"), {"action": "dialout-warning", **OUT, "errorMsg": "hm"}),
        (
            DIAL_OUT.error("no", "c1", {"X-Q": "1"}),
            {
                "action": "dialout-error",
                **OUT_IDS,
                "errorMsg": "no",
                "details": {"destination": "sip:bob@example.com", "sipHeaders": {"X-Q": "1"}},
            },
        ),
        (DIAL_IN.connected(), {"action": "dialin-connected", **IN, "sipHeaders": {"X-A": "1"}}),
        (DIAL_IN.stopped(), {"action": "dialin-stopped", **IN, "sipHeaders": {"X-A": "1"}}),
        (DIAL_IN.warning("hm"), {"action": "dialin-warning", **IN, "errorMsg": "hm"}),
        (
            DIAL_IN.error("no", start_failed=True),
            {
                "action": "dialin-error",
                **IN_IDS,
                "errorMsg": "no",
                "type": "start-failed",
                "details": {"sipEndpoint": "sip:demo.0@h"},
            },
        ),
        (
            replace(DIAL_IN, sip_endpoint=None).error("no", start_failed=False),
            {"action": "dialin-error", **IN_IDS, "errorMsg": "no"},
        ),
        (
            dialin_ready("sip:demo.0@h"),
            {"action": "dialin-ready", "sipEndpoint": "sip:demo.0@h", "provider": "daily"},
        ),
        (
            dtmf_event("s1", "#", "sip-info"),
            {"action": "dtmf-event", "sessionId": "s1", "tone": "#", "volume": 10, "method": "sip-info"},
        ),
    ],
    ids=lambda value: value.action if hasattr(value, "action") else "",
)
def test_the_payload_of_each_event(event: BaseModel, payload: dict[str, Any]) -> None:
    parsed = TELEPHONY_EVENTS.validate_python(payload)
    assert event == parsed
    assert parsed.payload() == payload


def test_each_call_has_a_random_trace_id() -> None:
    one, other = DialOutEvents("s1", "+1"), DialOutEvents("s1", "+1")
    assert one.action_trace_id != other.action_trace_id
    assert UUID(one.action_trace_id).version == 4
    assert one.connected("c").action_trace_id == one.stopped("c").action_trace_id
