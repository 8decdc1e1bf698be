"""Webhook events: payloads, ids and envelopes in the form of the samples on Daily's pages, made from facts."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, cast, get_args

import pytest

from fake_daily_server.domain.facts import Fact, MeetingEnded, MeetingStarted, ParticipantJoined, ParticipantLeft
from fake_daily_server.telephony.events import DialInEvents, DialOutEvents, dtmf_event
from fake_daily_server.telephony.facts import CallProgressed, EndpointRegistered, TransferProgressed
from fake_daily_server.telephony.machines.outputs import TransferStep
from fake_daily_server.values.participants import Participant
from fake_daily_server.webhooks.event_table import SENT_EVENTS
from fake_daily_server.webhooks.event_types import EVENT_TYPES, EventType, event_type
from fake_daily_server.webhooks.facts_to_events import event_for
from fake_daily_server.webhooks.webhook_event import WebhookEventFactory

DOMAIN = "04b89420-cf8b-4ea5-a428-02c40b0e2a59"
SESSION = "7d208e2a-520b-4a8d-a2c9-3a36dfa0d342"
MEETING = "34888835-dadc-4874-a2a8-be38da1f8296"
NOW = 1728023426.5527

MET = {"room": "r", "meeting_id": MEETING, "start_ts": 1.5}
JOINED = {
    "room": "r",
    "user_id": "u",
    "user_name": "Ann",
    "session_id": SESSION,
    "joined_at": 1.5,
    "owner": False,
    "permissions": {"hasPresence": True},
}
CALLER = {
    "room": "r",
    "session_id": SESSION,
    "sip_from": "sip:a@b",
    "display_name": "A",
    "sip_headers": {"X-Key": "1"},
}
TROUBLE = {"room": "r", "session_id": SESSION, "error_msg": "no codec"}
DIALLED = {"room": "r", "session_id": SESSION, "destination": "+12065550142", "origin": "+14155550100"}
MOVED = {"room": "r", "session_id": SESSION, "mtg_session_id": MEETING, "to_endpoint": "sip:b@c", "from_endpoint": "a"}

FIELDS: dict[EventType, dict[str, Any]] = {
    "meeting.started": MET,
    "meeting.ended": {**MET, "end_ts": 2.5},
    "participant.joined": JOINED,
    "participant.left": {**JOINED, "duration": 3.25},
    "dialin.ready": {"room": "r", "sip_endpoint": "sip:r.0@h"},
    "dialin.connected": CALLER,
    "dialin.stopped": CALLER,
    "dialin.warning": TROUBLE,
    "dialin.error": TROUBLE,
    "dialout.connected": DIALLED,
    "dialout.answered": DIALLED,
    "dialout.stopped": DIALLED,
    "dialout.warning": {name: value for name, value in DIALLED.items() if name != "origin"},
    "dialout.error": {**TROUBLE, "user_id": "u"},
    "calltransfer.triggered": {**MOVED, "is_sip_refer": False},
    "calltransfer.initiated": {**MOVED, "is_sip_refer": True},
    "calltransfer.answered": MOVED,
    "calltransfer.completed": MOVED,
}

IDS: dict[EventType, str] = {
    "meeting.started": rf"met-sta-{MEETING}-\d+",
    "meeting.ended": rf"met-end-{MEETING}-\d+",
    "participant.joined": rf"ptcpt-join-{SESSION}-\d+",
    "participant.left": rf"ptcpt-left-{SESSION}-\d+",
    "dialin.ready": r"\d{4}-dial-in-ready-\d+",
    "dialin.connected": rf"\d{{4}}-dial-in-con-{SESSION}",
    "dialin.stopped": rf"\d{{4}}-dial-in-stop-{SESSION}",
    "dialin.warning": rf"\d{{4}}-dial-in-warn-{SESSION}",
    "dialin.error": rf"\d{{4}}-dial-in-err-{SESSION}",
    "dialout.connected": rf"\d{{4}}-dial-out-con-{SESSION}",
    "dialout.answered": rf"\d{{4}}-dial-out-ans-{SESSION}",
    "dialout.stopped": rf"\d{{4}}-dial-out-stop-{SESSION}",
    "dialout.warning": rf"\d{{4}}-dial-out-warn-{SESSION}",
    "dialout.error": rf"\d{{4}}-dial-out-err-{SESSION}",
    "calltransfer.triggered": rf"\d{{4}}-call-transfer-trig-{SESSION}1728023426",
    "calltransfer.initiated": rf"\d{{4}}-call-transfer-init-{SESSION}1728023426",
    "calltransfer.answered": rf"\d{{4}}-call-transfer-ans-{SESSION}1728023426",
    "calltransfer.completed": rf"\d{{4}}-call-transfer-completed-{SESSION}1728023426",
}


def test_every_sent_event_is_tested_here() -> None:
    assert FIELDS.keys() == SENT_EVENTS.keys() == IDS.keys()
    assert SENT_EVENTS.keys() < set(EVENT_TYPES)
    assert len(EVENT_TYPES) == len(set(EVENT_TYPES)) == 32


@pytest.mark.parametrize("kind", FIELDS)
def test_an_event_has_the_fields_of_its_page(kind: EventType) -> None:
    event = WebhookEventFactory(DOMAIN).make(kind, FIELDS[kind], NOW)
    envelope = json.loads(event.body(NOW + 1))
    assert list(envelope) == ["version", "type", "id", "payload", "event_ts"]
    assert (envelope["version"], envelope["type"], envelope["event_ts"]) == ("1.0.0", kind, 1728023427.553)
    assert re.fullmatch(IDS[kind], envelope["id"])
    expected = dict(FIELDS[kind])
    if kind.startswith("participant"):
        expected["networkQualityState"] = "unknown"
    elif not kind.startswith("meeting"):
        expected |= {"domain_id": DOMAIN, "timestamp": "1728023426"}
    assert envelope["payload"] == expected


def test_a_dial_out_event_has_its_fields_in_the_order_of_the_sample() -> None:
    fields = {**DIALLED, "room": "my-dialout-room", "caller_id": "34b0eb2b-4f6d-41e2-8189-c836e830ffbb"}
    payload = WebhookEventFactory(DOMAIN).make("dialout.answered", fields, NOW).payload
    assert list(payload) == ["domain_id", "room", "timestamp", "session_id", "destination", "origin", "caller_id"]


def test_ids_of_a_domain_begin_with_the_same_number_and_are_unique() -> None:
    factory, ready = WebhookEventFactory(DOMAIN), FIELDS["dialin.ready"]
    ids = [factory.make("dialin.ready", ready, NOW).id for _ in range(3)]
    assert len(set(ids)) == 3
    other = WebhookEventFactory(DOMAIN).make("dialout.error", FIELDS["dialout.error"], NOW).id
    assert {ident.partition("-")[0] for ident in (*ids, other)} == {other.partition("-")[0]}


def test_attempts_to_deliver_an_event_differ_in_event_ts_only() -> None:
    event = WebhookEventFactory(DOMAIN).make("dialin.ready", FIELDS["dialin.ready"], NOW)
    first, second = json.loads(event.body(NOW)), json.loads(event.body(NOW + 60))
    assert second.pop("event_ts") - first.pop("event_ts") == pytest.approx(60)
    assert first == second


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("recording.started", DIALLED),
        ("dialout.answered", {**DIALLED, "error_msg": "x"}),
        ("dialin.ready", {"room": "r"}),
    ],
)
def test_types_that_are_not_sent_and_unfitting_fields_are_refused(kind: EventType, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"recording\.started|error_msg|sip_endpoint"):
        WebhookEventFactory(DOMAIN).make(kind, fields, NOW)


def test_a_type_that_daily_does_not_have_is_an_error_that_names_it() -> None:
    assert event_type("dialout.answered") == "dialout.answered"
    with pytest.raises(ValueError, match=r"'dialout\.ringing' is not a webhook event type"):
        event_type("dialout.ringing")


CLERK = Participant(session_id=SESSION, user_id="u", user_name="Ann")
STARTED = datetime(2024, 10, 4, tzinfo=UTC)
DIAL_OUT = DialOutEvents(SESSION, "+12065550142", origin="+14155550100", caller_id="+14155550100", user_id="u")
DIAL_IN = DialInEvents(SESSION, "call@host", "sip:a@b", "sip:r.0@h", {"X-Key": "1"})

ROOM_FACTS: dict[EventType, Fact] = {
    "meeting.started": MeetingStarted(MEETING, STARTED),
    "meeting.ended": MeetingEnded(MEETING, STARTED, STARTED.timestamp() + 60),
    "participant.joined": ParticipantJoined(CLERK),
    "participant.left": ParticipantLeft(CLERK, CLERK.joined_at.timestamp() + 1),
    "dialin.ready": EndpointRegistered("sip:r.0@h"),
    "dialin.connected": CallProgressed(DIAL_IN.connected(), "A"),
    "dialin.stopped": CallProgressed(DIAL_IN.stopped(), "A"),
    "dialin.warning": CallProgressed(DIAL_IN.warning("no codec"), "A"),
    "dialin.error": CallProgressed(DIAL_IN.error("no codec", start_failed=False), "A"),
    "dialout.connected": CallProgressed(DIAL_OUT.connected("call@host"), "A"),
    "dialout.answered": CallProgressed(DIAL_OUT.answered("call@host"), "A"),
    "dialout.stopped": CallProgressed(DIAL_OUT.stopped("call@host"), "A"),
    "dialout.warning": CallProgressed(DIAL_OUT.warning("no codec", "call@host"), "A"),
    "dialout.error": CallProgressed(DIAL_OUT.error("no codec", "call@host"), "A"),
    **{
        event_type(f"calltransfer.{step}"): TransferProgressed(
            cast("TransferStep", step), SESSION, MEETING, "sip:b@c", "a", is_sip_refer=False
        )
        for step in get_args(TransferStep)
    },
}


def test_facts_lead_to_every_sent_event_and_to_no_other() -> None:
    reported = [event_for(fact) for fact in ROOM_FACTS.values()]
    assert [event and event[0] for event in reported] == list(ROOM_FACTS)
    assert ROOM_FACTS.keys() == SENT_EVENTS.keys()


@pytest.mark.parametrize("kind", ROOM_FACTS)
def test_the_fields_of_a_fact_fit_the_payload(kind: EventType) -> None:
    event = event_for(ROOM_FACTS[kind])
    assert event is not None
    made = WebhookEventFactory(DOMAIN).make(event[0], {**event[1], "room": "r"}, NOW)
    assert made.payload.keys() >= FIELDS[kind].keys()


def test_no_webhook_reports_a_digit() -> None:
    assert event_for(CallProgressed(dtmf_event(SESSION, "5", "sip-info"), "A")) is None


def test_a_fact_without_an_event_is_an_error_that_names_it() -> None:
    with pytest.raises(TypeError, match="no webhook event reports Fact"):
        event_for(Fact())
