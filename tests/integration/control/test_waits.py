"""Waits over HTTP for calls, digits, audio and events, and the explanation of a failed wait."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.control.sim import Sim, live_room

NUMBER = "+12065550142"


def phone(sim: Sim, **spec: Any) -> str:
    return f"/_sim/phones/{sim.post('/_sim/phones', {'number': NUMBER, **spec})['id']}"


def test_a_dial_out_is_followed_with_waits(sim: Sim) -> None:
    desk = phone(sim)
    room = live_room(sim)
    started = sim.post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": NUMBER})
    call = sim.post(f"{desk}/wait-for-call")
    assert call["incoming"] is True
    assert call["headers"]["From"].startswith("<sip:")
    assert sim.post(f"{desk}/wait-answered")["codec"] == "PCMU"
    wanted = {"events": ["dialout-connected", "dialout-answered"], "where": {"sessionId": started["sessionId"]}}
    found = sim.post(f"/_sim/rooms/{room}/events/wait", wanted)
    assert [each["event"]["action"] for each in found["events"]] == wanted["events"]

    sim.post(f"/v1/rooms/{room}/dialOut/sendDTMF", {"sessionId": started["sessionId"], "tones": "12#"})
    heard = sim.post(f"{desk}/wait-for-digits", {"digits": "12#", "method": "telephone-event"})
    assert heard["digits"] == "12#"
    sim.post(f"{desk}/press", {"tones": "5"})
    tone = {"events": "dtmf-event", "where": {"tone": "5"}, "after": found["seq"]}
    assert sim.post(f"/_sim/rooms/{room}/events/wait", tone)["seq"] > found["seq"]

    sim.post(f"/v1/rooms/{room}/dialOut/stop", {"sessionId": started["sessionId"]})
    assert sim.post(f"{desk}/wait-for-end")["ended"]["by"] == "remote"
    assert sim.post(f"{desk}/wait-for-end", {"sip_call_id": call["sip_call_id"]})["state"] == "ended"


def test_audio_is_sent_and_expected_both_ways(sim: Sim) -> None:
    desk = phone(sim)
    room = live_room(sim)
    me = sim.get(f"/_sim/rooms/{room}")["participants"][0]["session_id"]
    bot = f"/_sim/rooms/{room}/participants/{me}"
    sim.post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": NUMBER})
    sim.post(f"{desk}/wait-for-call")
    sim.post(f"{desk}/wait-answered")
    sim.post(f"{desk}/hum", {"hz": 440})
    sim.post(f"{bot}/expect-tone", {"hz": 440})
    sim.post(f"{desk}/hush")
    sim.post(f"{bot}/expect-silence", {"seconds": 0.2})
    sim.post(f"{bot}/say", {"what": "Hello"})
    sim.post(f"{desk}/expect-speech")
    sim.post(f"{bot}/finish-talking")
    sim.post(f"{bot}/hum", {"hz": 660, "seconds": 2})
    sim.post(f"{desk}/expect-tone", {"hz": 660})
    assert sim.post(f"{desk}/statistics")["statistics"]


@pytest.mark.parametrize(
    ("path", "body", "expected", "nearest"),
    [
        ("{desk}/wait-for-call", {}, "+12065550142 is called  within 0.05 s", "calls so far: 0"),
        ("{room}/events/wait", {"events": "dialout-answered"}, "dialout-answered  within 0.05 s", "nothing like it"),
        (
            "{room}/events/wait",
            {"events": "participant-counts-updated", "where": {"participantCounts.present": 2}},
            "participant-counts-updated  {participantCounts.present: 2}  within 0.05 s",
            "participant-counts-updated  {participantCounts: {'present': 1, 'hidden': 0}}",
        ),
        ("{room}/wait-until-empty", {}, "has no participants except calls", "in the room: 'bot' ("),
    ],
)
def test_a_failed_wait_says_what_happened_instead(
    sim: Sim, path: str, body: dict[str, Any], expected: str, nearest: str
) -> None:
    places = {"desk": phone(sim), "room": f"/_sim/rooms/{live_room(sim)}"}
    answer = sim.post(path.format(**places), {**body, "within_ms": 50}, status=408)
    assert answer["error"] == "expectation-failed"
    first, second, *_ = answer["info"].splitlines()
    assert first.startswith("Expected  ")
    assert expected in first
    assert second.startswith("Nearest   ")
    assert nearest in second


def test_a_failed_wait_says_that_the_phone_is_still_ringing(sim: Sim) -> None:
    desk = phone(sim, calls=[{"ring_ms": 10_000, "then": "answer"}])
    room = live_room(sim)
    sim.post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": NUMBER})
    sim.post(f"{desk}/wait-for-call")
    wanted = {"events": "dialout-answered", "within_ms": 50}
    info = sim.post(f"/_sim/rooms/{room}/events/wait", wanted, status=408)["info"]
    assert f"Because   the phone '{NUMBER}' rings for 10 s as planned, then: answer" in info
    happened = info.partition("Happened\n")[2]
    assert NUMBER in happened
    assert "action=" not in happened


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/_sim/rooms/{room}/events/wait", {"events": "dialout-answerd"}, "did you mean 'dialout-answered'?"),
        ("/_sim/rooms/{room}/events/wait", {"event": "dialout-answered"}, "did you mean 'events'?"),
        ("/_sim/rooms/{room}/events/wait", {"events": "error", "where": {"errorMsg": "/(/"}}, "where.errorMsg: '/(/'"),
        ("/_sim/rooms/{room}/events/wait", {"events": "error", "within_ms": 10**6}, "within_ms: 1000000 is not usable"),
        ("/_sim/rooms/{room}/events/wait", {"events": []}, "allowed: at least one name of an event"),
        ("{desk}/wait-for-digits", {"digts": "1"}, "unknown field 'digts'; did you mean 'digits'?"),
        ("{desk}/impair", {"loss": 3}, "loss: 3 is not usable; allowed: less than or equal to 1"),
        ("{desk}/hum", {}, "hz is required"),
        ("{desk}/expect-tones", {"hz": [440, 9000]}, "hz.1: 9000 is not usable; allowed: less than 8000"),
    ],
)
def test_an_invalid_body_is_refused_and_names_the_field(sim: Sim, path: str, body: dict[str, Any], said: str) -> None:
    places = {"desk": phone(sim), "room": live_room(sim)}
    assert said in sim.post(path.format(**places), body, status=400)["info"]


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        ("/_sim/timeline", {"aftr": 3}, "unknown query parameter 'aftr'; did you mean 'after'?"),
        ("/_sim/timeline", {"kind": "evnt"}, "kind: 'evnt' is not usable"),
        ("/_sim/webhooks/deliveries", {"type": "dialout.answerd"}, "did you mean 'dialout.answered'?"),
        ("/_sim/phones", {"number": "1"}, "unknown query parameter 'number'; known: none"),
    ],
)
def test_an_invalid_query_is_refused(sim: Sim, path: str, params: dict[str, Any], said: str) -> None:
    assert said in sim.get(path, status=400, **params)["info"]


def test_events_are_filtered_by_name_and_seq(sim: Sim) -> None:
    room = live_room(sim)
    told = sim.get(f"/_sim/rooms/{room}/events", action="dialin-ready")
    assert [each["event"]["provider"] for each in told["events"]] == ["daily"]
    assert sim.get(f"/_sim/rooms/{room}/events", after=told["seq"])["events"] == []
    joined = sim.get(f"/_sim/rooms/{room}/events", action="joined-meeting")["events"][0]
    assert joined["to"] == joined["event"]["participants"]["local"]["session_id"]
    assert sim.get("/_sim/rooms/nowhere/events", status=404)["info"] == "room nowhere not found"


def test_packets_of_a_phone_are_blocked_and_let_through_again(sim: Sim) -> None:
    desk = phone(sim)
    room = live_room(sim)
    me = sim.get(f"/_sim/rooms/{room}")["participants"][0]["session_id"]
    sim.post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": NUMBER})
    sim.post(f"{desk}/wait-for-call")
    sim.post(f"{desk}/wait-answered")
    sim.post(f"{desk}/hum", {"hz": 440})
    bot = f"/_sim/rooms/{room}/participants/{me}"
    sim.post(f"{bot}/expect-tone", {"hz": 440})
    assert sim.post(f"{desk}/impair", {"blocked": True, "direction": "from_phone"})["faults"]["blocked"] is True
    sim.post(f"{bot}/expect-silence", {"seconds": 0.3})
    sim.post(f"{desk}/recover")
    sim.post(f"{bot}/expect-tone", {"hz": 440})


def test_a_capture_is_started_and_stopped(sim: Sim, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = str(tmp_path / "call.pcapng")
    sim.post("/_sim/capture", {"path": path})
    assert "one capture at a time" in sim.post("/_sim/capture", {"path": path}, status=400)["info"]
    desk = phone(sim)
    room = live_room(sim)
    sim.post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": NUMBER})
    sim.post(f"{desk}/wait-for-call")
    sim.post(f"{desk}/wait-answered")
    stopped = sim.http.delete("/_sim/capture").json()
    assert stopped["packets"] > 4
    assert (tmp_path / "call.pcapng").stat().st_size > 1000
    assert sim.http.delete("/_sim/capture").status_code == 409


def test_waiting_for_a_delivery_returns_when_the_time_is_over(sim: Sim) -> None:
    nothing = sim.get("/_sim/webhooks/deliveries", type="participant.joined", wait_ms=30)
    assert nothing == {"deliveries": [], "webhooks": {}}
