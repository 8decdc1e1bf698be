"""Dial-out over REST: requests, responses and refusals that need no telephony."""

from __future__ import annotations

from typing import Any

import pytest

from tests.daily_side import DailySide, daily_side

START = "/rooms/demo/dialOut/start"


async def test_a_dial_out_is_started_receives_digits_and_is_stopped(side: DailySide) -> None:
    side.room(enable_dialout=True)
    async with side.client() as client:
        started = await side.api.post(START, json={"phoneNumber": "+12065550142", "displayName": "Desk"})
        assert started.status_code == 200
        session_id = started.json()["sessionId"]
        assert started.json() == {"ok": True, "sessionId": session_id}
        await client.wait_for(["dialout-connected", "participant-joined"])
        dtmf = {"sessionId": session_id, "tones": "12#", "method": "sip-info", "digitDurationMs": 50}
        assert (await side.api.post("/rooms/demo/dialOut/sendDTMF", json=dtmf)).json() == {"ok": True}
        stopped = await side.api.post("/rooms/demo/dialOut/stop", json={"sessionId": session_id})
        assert stopped.json() == {"ok": True}
        await client.wait_for("dialout-stopped", where={"sessionId": session_id})
    verbs = [verb for verb, _ in side.telephony.requests]
    assert verbs == ["started", "start", "dtmf", "stop", "ended"]


async def test_ok_can_be_the_string_of_the_samples() -> None:
    async with daily_side(ok="true") as side:
        side.room(enable_dialout=True)
        async with side.client():
            started = await side.api.post(START, json={"sipUri": "sip:bob@example.com"})
            assert started.json()["ok"] == "true"


async def test_unknown_and_empty_rooms_cannot_dial_out(side: DailySide) -> None:
    body = {"phoneNumber": "+12065550142"}
    unknown = await side.api.post(START, json=body)
    assert (unknown.status_code, unknown.json()["info"]) == (404, "room demo not found")
    side.room(enable_dialout=True)
    empty = await side.api.post(START, json=body)
    assert (empty.status_code, empty.json()["error"]) == (404, "not-found")
    assert "has no call" in empty.json()["info"]
    async with side.client():
        stop = await side.api.post("/rooms/demo/dialOut/stop", json={"sessionId": "zork"})
        assert stop.status_code == 404


async def test_a_room_without_enable_dialout_cannot_dial_out(side: DailySide) -> None:
    side.room()
    async with side.client():
        response = await side.api.post(START, json={"phoneNumber": "+12065550142"})
    assert (response.status_code, response.json()["error"]) == (400, "invalid-request-error")
    assert "enable_dialout" in response.json()["info"]


async def test_a_session_that_goes_on_after_the_expiry_can_dial_out(side: DailySide) -> None:
    side.room(enable_dialout=True, exp=side.clock() + 60)
    async with side.client():
        side.clock.ahead = 61
        response = await side.api.post(START, json={"phoneNumber": "+12065550142"})
        assert response.status_code == 200


PHONE = {"phoneNumber": "+12065550142"}
SIP = {"sipUri": "sip:bob@example.com"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "exactly one of sipUri and phoneNumber"),
        ({**PHONE, **SIP}, "exactly one of sipUri and phoneNumber"),
        ({"phoneNumber": "12065550142"}, "phoneNumber: '12065550142' is not a phone number; allowed: E.164"),
        ({"phoneNumber": "+1206555014212345"}, "at most 15 digits"),
        ({"sipUri": "bob@example.com"}, "must begin with sip:"),
        ({"sipUri": "sip:bob@exa mple"}, "sip:bob@exa mple"),
        ({"sipUri": "sip:bob@example.com?Subject=hi"}, "names must start with X-"),
        ({"sipUri": "sip:bob@example.com?X-a=1%0d%0aEvil:%20x"}, "line breaks"),
        ({**PHONE, "callerId": "Ann"}, "'Ann' is not a caller id"),
        ({**SIP, "provider": "twilio"}, "'daily' or 'signalwire'"),
        ({**SIP, "video": True, "videoSettings": {"fps": 31}}, "videoSettings.fps: 31"),
        ({**PHONE, "extension": "1", "waitBeforeExtensionDialSec": 61}, "less than or equal to 60"),
        ({**PHONE, "extension": "1" * 21}, "1 to 20"),
        ({**PHONE, "extension": "x"}, "'x' cannot be dialled"),
        ({**PHONE, "displayName": "n" * 200}, "displayName"),
        ({**PHONE, "userId": "n" * 37}, "userId"),
        ({**PHONE, "codecs": {"audio": []}}, "codecs.audio"),
        ({**PHONE, "codecs": {"audio": ["GSM"]}}, "codecs.audio.0: 'GSM'"),
        ({**PHONE, "permissions": {"canReceive": {"bass": True}}}, "did you mean 'base'?"),
        ({"phoneNumer": "+12065550142"}, "did you mean 'phoneNumber'?"),
        ({"phone_number": "+12065550142"}, "unknown field 'phone_number'; did you mean 'phoneNumber'?"),
        ({"sip_uri": "sip:bob@example.com"}, "unknown field 'sip_uri'; did you mean 'sipUri'?"),
        ({**PHONE, "display_name": "Bob"}, "did you mean 'displayName'?"),
        ({**PHONE, "permissions": {"can_receive": {}}}, "did you mean 'canReceive'?"),
        ({**SIP, "video": True, "videoSettings": {"video_bitrate": 100}}, "did you mean 'videoBitrate'?"),
    ],
)
async def test_invalid_dial_out_requests_are_refused(side: DailySide, body: dict[str, Any], expected: str) -> None:
    side.room(enable_dialout=True)
    async with side.client():
        response = await side.api.post(START, json=body)
    assert (response.status_code, response.json()["error"]) == (400, "invalid-request-error")
    assert expected in response.json()["info"]
    assert "start" not in [verb for verb, _ in side.telephony.requests]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"tones": "12E"}, "'12E' cannot be sent; allowed: 1 to 20 of 0-9 A-D * #"),
        ({"tones": "a"}, "'a' cannot be sent"),
        ({"tones": "1" * 21}, "1 to 20"),
        ({"tones": ""}, "'' cannot be sent"),
        ({"method": "inband"}, "'sip-info', 'telephone-event' or 'auto'"),
        ({"digitDurationMs": 49}, "digitDurationMs: 49"),
        ({"digitDurationMs": 2001}, "digitDurationMs: 2001"),
        ({"digitDurationMs": 99.5}, "digitDurationMs: 99.5"),
        ({"sessionId": ""}, "sessionId: ''"),
        ({"tone": "1"}, "did you mean 'tones'?"),
        ({"session_id": "s"}, "did you mean 'sessionId'?"),
        ({"digit_duration_ms": 100}, "did you mean 'digitDurationMs'?"),
    ],
)
async def test_invalid_digit_requests_are_refused(side: DailySide, change: dict[str, Any], expected: str) -> None:
    side.room()
    async with side.client():
        body = {"sessionId": "s", "tones": "1", **change}
        response = await side.api.post("/rooms/demo/dialOut/sendDTMF", json=body)
    assert response.status_code == 400
    assert expected in response.json()["info"]
