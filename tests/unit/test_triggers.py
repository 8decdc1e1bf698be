"""Events by hand: each sample is valid against the contract, fields replace those of the sample, mistakes are named."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fake_daily_server.handles.triggers import (
    EVENTS,
    TriggeredEvent,
    TriggeredWebhook,
    receiver_of,
    samples,
    triggered,
)
from fake_daily_server.webhooks.event_types import EVENT_TYPES
from simulator.errors import ConfigurationError
from tests.contract_checker import contract, validator

SAMPLES = samples("demo", "a-domain", "sip:demo.0@127.0.0.1:5060", 1_800_000_000.5)


def made(event: str, **fields: Any) -> dict[str, Any]:
    sent = triggered(event, SAMPLES[event], fields)
    return sent.event if isinstance(sent, TriggeredEvent) else sent.payload


def test_each_webhook_with_a_payload_and_each_telephony_event_can_be_triggered() -> None:
    telephony = {name for name in contract("events")["x-events"] if name.startswith(("dialin-", "dialout-", "dtmf-"))}
    assert {*EVENTS} == {*SAMPLES} == {*contract("webhooks")["x-types"], *telephony}


@pytest.mark.parametrize("event", EVENTS)
def test_each_sample_is_valid_against_the_contract(event: str) -> None:
    sent = triggered(event, SAMPLES[event], {})
    if isinstance(sent, TriggeredWebhook):
        envelope = {"version": "1.0.0", "type": event, "id": "x", "event_ts": 1.5, "payload": sent.payload}
        assert [*validator("webhooks", contract("webhooks")["x-types"][event]).iter_errors(envelope)] == []
    else:
        whole = {**sent.event, "callClientId": "x"}
        assert [*validator("events", contract("events")["x-events"][event]).iter_errors(whole)] == []


def test_fields_replace_those_of_the_sample_and_null_leaves_one_out() -> None:
    assert made("dialout.answered", destination="+12065550188")["destination"] == "+12065550188"
    assert made("dtmf-event", tone="#", volume="12") == {**SAMPLES["dtmf-event"], "tone": "#", "volume": 12.0}
    changed = made("dialout-error", **{"details.destination": "sip:x@y", "details.sipHeaders.X-A": "1"}, errorMsg="e")
    assert changed["details"] == {"destination": "sip:x@y", "sipHeaders": {"X-A": "1"}}
    assert "origin" not in made("dialout-stopped", origin=None)
    assert SAMPLES["dialout-error"]["details"] == {"destination": "+12065550142"}


@pytest.mark.parametrize(
    ("event", "fields", "said"),
    [
        ("dialout.answerd", {}, "event: 'dialout.answerd' .* did you mean 'dialout.answered'.*dtmf-event"),
        ("recording.started", {}, "nothing is known of recording.started but its name"),
        ("dialout.answered", {"destinatio": "x"}, "fields.destinatio: .* did you mean 'destination'.*session_id"),
        ("dialout-answered", {"session_id": "x"}, "did you mean 'sessionId'"),
        ("dialout-error", {"details.dest": "x"}, "fields.details.dest: .* a field of dialout-error"),
        ("participant.joined", {"owner": "perhaps"}, "owner: 'perhaps' is not usable; allowed: true or false"),
        ("dialin.ready", {"sip_endpoint": None}, "sip_endpoint"),
        (
            "dtmf-event",
            {"method": "in-band"},
            "method: 'in-band' is not usable; allowed: 'telephone-event' or 'sip-inf",
        ),
        ("dialin.connected", {"sip_headers." + "x." * 9: 1}, "at most 8 names"),
    ],
)
def test_a_mistake_is_named_with_the_way_out(event: str, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        triggered(event, SAMPLES.get(event, {}), fields)
    assert re.search(said, str(refused.value))


def test_types_without_a_known_payload_are_said_to_be_so() -> None:
    for event in {*EVENT_TYPES} - {*EVENTS}:
        with pytest.raises(ConfigurationError, match="whose fields are known here"):
            receiver_of(event)
