"""Envelopes, ids and payloads in the form of the samples on Daily's pages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from fake_daily_server.webhooks.event_types import EVENT_TYPES
from fake_daily_server.webhooks.messages import Composer
from fake_daily_server.webhooks.payloads import PAYLOADS

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

FACTS: dict[str, dict[str, Any]] = {
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

IDS = {
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


def test_every_type_that_happens_is_known_and_tried_here() -> None:
    assert FACTS.keys() == PAYLOADS.keys() == IDS.keys()
    assert PAYLOADS.keys() < set(EVENT_TYPES)
    assert len(EVENT_TYPES) == len(set(EVENT_TYPES)) == 32


@pytest.mark.parametrize("kind", FACTS)
def test_an_event_says_what_its_page_lists(kind: str) -> None:
    message = Composer(DOMAIN).compose(kind, FACTS[kind], NOW)
    envelope = json.loads(message.body(NOW + 1))
    assert list(envelope) == ["version", "type", "id", "payload", "event_ts"]
    assert (envelope["version"], envelope["type"], envelope["event_ts"]) == ("1.0.0", kind, 1728023427.553)
    assert re.fullmatch(IDS[kind], envelope["id"])
    expected = dict(FACTS[kind])
    if kind.startswith("participant"):
        expected["networkQualityState"] = "unknown"
    elif not kind.startswith("meeting"):
        expected |= {"domain_id": DOMAIN, "timestamp": "1728023426"}
    assert envelope["payload"] == expected


def test_the_sample_of_a_dial_out_is_met_to_the_letter() -> None:
    facts = {**DIALLED, "room": "my-dialout-room", "caller_id": "34b0eb2b-4f6d-41e2-8189-c836e830ffbb"}
    payload = Composer(DOMAIN).compose("dialout.answered", facts, NOW).payload
    assert list(payload) == ["domain_id", "room", "timestamp", "session_id", "destination", "origin", "caller_id"]


def test_ids_of_one_domain_share_their_number_and_happenings_never_share_an_id() -> None:
    composer, ready = Composer(DOMAIN), FACTS["dialin.ready"]
    ids = [composer.compose("dialin.ready", ready, NOW).id for _ in range(3)]
    assert len(set(ids)) == 3
    other = Composer(DOMAIN).compose("dialout.error", FACTS["dialout.error"], NOW).id
    assert {ident.partition("-")[0] for ident in (*ids, other)} == {other.partition("-")[0]}


def test_tries_of_one_event_differ_in_event_ts_only() -> None:
    message = Composer(DOMAIN).compose("dialin.ready", FACTS["dialin.ready"], NOW)
    first, second = json.loads(message.body(NOW)), json.loads(message.body(NOW + 60))
    assert second.pop("event_ts") - first.pop("event_ts") == pytest.approx(60)
    assert first == second


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("dialout.ringing", DIALLED),
        ("dialout.answered", {**DIALLED, "error_msg": "x"}),
        ("dialin.ready", {"room": "r"}),
    ],
)
def test_what_is_no_event_cannot_be_composed(kind: str, facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"ringing|error_msg|sip_endpoint"):
        Composer(DOMAIN).compose(kind, facts, NOW)
