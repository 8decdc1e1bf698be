"""Which mutants concern what the records of a test show."""

from __future__ import annotations

from typing import Any

from fake_daily_server.mutants.applicable import mutants_of
from fake_daily_server.values.story_agent import STORY_AGENT
from simulator.timeline import RecordKind, Timeline


def of(kind: RecordKind, **fields: Any) -> set[str]:
    timeline = Timeline()
    timeline.append(kind, **fields)
    return {str(mutant) for mutant in mutants_of(timeline.records())}


def test_an_event_that_was_met_can_be_missing_late_twice_and_out_of_order() -> None:
    found = of("event", event={"action": "dialout-stopped", "sessionId": "s", "callerId": "c"})
    assert found == {
        "event-drop dialout-stopped",
        "event-duplicate dialout-stopped",
        "event-out-of-order dialout-stopped",
        "event-delay dialout-stopped",
        "event-without-field dialout-stopped sessionId",
    }


def test_a_field_that_the_documents_leave_open_is_no_mutant() -> None:
    found = of("event", event={"action": "dialout-stopped", "callerId": "c", "sipCallId": "i"})
    assert "event-without-field dialout-stopped sipCallId" in found
    assert "event-without-field dialout-stopped callerId" not in found  # Daily's page leaves it out


def test_digits_can_be_lost_come_twice_and_by_the_other_method() -> None:
    assert of("event", event={"action": "dtmf-event", "tone": "5", "method": "sip-info"}) == {
        "digit-lost dtmf-event",
        "digit-doubled dtmf-event",
        "digit-other-method dtmf-event telephone-event",
    }


def test_digits_of_clients_can_be_lost_come_twice_and_by_the_other_method() -> None:
    wanted = {"sent-digit-lost sendDTMF", "sent-digit-doubled sendDTMF", "sent-digit-other-method sendDTMF"}
    assert of("client", method="sendDTMF", params={"tones": "1"}) == wanted
    assert of("client", method="sendDTMF", refused="no such session") == set()
    rest = {"method": "POST", "path": "/v1/rooms/demo/sendDTMF", "status": 200, "verb": "sendDTMF", "params": {}}
    assert of("rest", **rest, agent=STORY_AGENT) == wanted


def test_a_webhook_can_be_late_and_come_again() -> None:
    found = of("webhook", purpose="event", type="dialin.stopped", payload={}, status=200)
    assert {
        "webhook-delay dialin.stopped",
        "webhook-request-lost dialin.stopped",
        "webhook-answer-lost dialin.stopped",
    } < found


def test_an_answered_call_can_be_refused_or_hung_up() -> None:
    step = {"machine": "Dial-out", "state": "ringing", "input": "Answered", "guard": None, "next": "answered"}
    assert of("flow", **step) == {"call-refused INVITE 486", "far-end-hangs-up call"}


def test_a_codec_can_be_missing() -> None:
    assert of("media", codec="PCMU", telephone_event=101) == {"codec-fallback INVITE PCMU"}
    assert of("media", action="sound was lost") == set()


def test_rest_calls_of_programs_can_fail_and_those_of_stories_cannot() -> None:
    call = {"method": "POST", "path": "/v1/rooms/demo/dialOut/start", "status": 200}
    route = "POST /v1/rooms/{room}/dialOut/start"
    assert of("rest", **call, agent="httpx") == {f"rest-status {route} 429", f"rest-status {route} 500"}
    assert of("rest", **call, agent=STORY_AGENT) == set()
    assert of("rest", **{**call, "status": 404}, agent="httpx") == set()


def test_what_is_no_concern_of_telephony_is_no_mutant() -> None:
    assert of("event", event={"action": "active-speaker-change"}) == set()
    assert of("webhook", purpose="probe", status=200) == set()
