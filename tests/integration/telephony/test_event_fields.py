"""Every field of Daily's ten telephony events, by value, as a client receives them of calls over real SIP.

https://docs.daily.co/reference/daily-js/events/telephony-events
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.network import Network

NUMBER, CALLER, DOMAIN_NUMBER = "+12065550142", "+12065550199", "+14155550100"
CALLEE = "sip:callee@example.com"
FALLBACK = "Requested codec unavailable, using fallback (G722 was asked for, PCMA is used)"
ROOM: dict[str, Any] = {"enable_dialout": True, "sip": {"sip_mode": "dial-in", "codecs": {"audio": ["G722"]}}}
TELEPHONY = re.compile(r"dial(in|out)-")


@pytest.fixture
async def bot(fake_daily: FakeDaily) -> Client:
    """The owner of a room that wants G722 of its callers."""
    return await fake_daily.join(await fake_daily.create_room(**ROOM))


def received(client: Client, trace_id: str) -> dict[str, dict[str, Any]]:
    """The events of one call by action, after the checks of what all of them have in common.

    `callClientId` has daily-js's form, `provider` is there, and the one `actionTraceId` of the call is a UUID.
    """
    assert str(UUID(trace_id)) == trace_id
    assert re.fullmatch(r"\d{13,}\.\d+", client.call_client_id)
    events: dict[str, dict[str, Any]] = {}
    for event in client.events:
        if TELEPHONY.match(event["action"]) and event.get("actionTraceId") == trace_id:
            assert event["action"] not in events, "each event of a call comes once"
            common = {"callClientId": client.call_client_id, "provider": "daily", "actionTraceId": trace_id}
            assert event.items() >= common.items()
            events[event["action"]] = {key: value for key, value in event.items() if key not in {"action", *common}}
    return events


async def test_those_of_a_caller(phone_network: Network, bot: Client) -> None:
    ready = await bot.wait_for("dialin-ready")
    endpoint = ready["sipEndpoint"]
    assert ready == {
        "action": "dialin-ready",
        "callClientId": bot.call_client_id,
        "sipEndpoint": endpoint,
        "provider": "daily",
    }
    caller = await phone_network.phone(CALLER, codecs=["PCMA"])
    call = await caller.dial(endpoint, headers={"X-Account": "77", "Subject": "no X- header"})
    await call.wait_answered()
    await bot.wait_for("dialin-warning")
    await call.hang_up()
    stopped = await bot.wait_for("dialin-stopped")

    identity = {"sessionId": str(UUID(stopped["sessionId"])), "sipCallId": call.sip_call_id}
    who = {**identity, "sipFrom": f"sip:{CALLER}@127.0.0.1", "sipEndpoint": endpoint}
    assert received(bot, stopped["actionTraceId"]) == {
        "dialin-connected": {**who, "sipHeaders": {"X-Account": "77"}},
        "dialin-warning": {**who, "errorMsg": FALLBACK},
        "dialin-stopped": {**who, "sipHeaders": {"X-Account": "77"}},
    }


async def test_that_of_a_caller_whose_media_cannot_start(phone_network: Network, bot: Client) -> None:
    endpoint = (await bot.wait_for("dialin-ready"))["sipEndpoint"]
    caller = await phone_network.phone(CALLER, codecs=["GSM"])
    call = await caller.dial(endpoint)
    await call.wait_for_end()
    error = await bot.wait_for("dialin-error")
    fields = received(bot, error["actionTraceId"])["dialin-error"]
    assert fields.pop("errorMsg").startswith("SDP negotiation failed")
    assert fields == {
        "sessionId": str(UUID(error["sessionId"])),
        "sipCallId": call.sip_call_id,
        "type": "start-failed",
        "details": {"sipEndpoint": endpoint},
    }


@pytest.mark.parametrize("target", [{"phoneNumber": NUMBER}, {"sipUri": CALLEE}], ids=["phone", "sip"])
async def test_those_of_a_callee(phone_network: Network, bot: Client, target: dict[str, str]) -> None:
    phone = await phone_network.phone(
        target.get("phoneNumber"), uri=target.get("sipUri"), codecs=["PCMA"], calls=[{"ring_ms": 50, "then": "answer"}]
    )
    asked = {**target, "userId": "user_123", "codecs": {"audio": ["G722"]}}
    session_id = await bot.start_dialout(asked)
    answered, _ = await bot.wait_for(["dialout-answered", "dialout-warning"])
    call = await phone.wait_for_call()
    await call.hang_up()
    await bot.wait_for("dialout-stopped")

    if "sipUri" in target:
        parties = {"destination": CALLEE, "origin": (await bot.wait_for("dialin-ready"))["sipEndpoint"]}
    else:
        parties = {"destination": NUMBER, "origin": DOMAIN_NUMBER, "callerId": DOMAIN_NUMBER}
    common = {"sessionId": session_id, "sipCallId": call.sip_call_id, "userId": "user_123", **parties}
    assert received(bot, answered["actionTraceId"]) == {
        "dialout-connected": common,
        "dialout-answered": common,
        "dialout-warning": {**common, "errorMsg": FALLBACK},
        "dialout-stopped": common,
    }


async def test_that_of_a_callee_who_is_busy(phone_network: Network, bot: Client) -> None:
    phone = await phone_network.phone(NUMBER, calls="busy")
    session_id = await bot.start_dialout({"phoneNumber": NUMBER, "userId": "user_123"})
    error = await bot.wait_for("dialout-error")
    call = await phone.wait_for_call()
    assert received(bot, error["actionTraceId"]) == {
        "dialout-error": {
            "sessionId": session_id,
            "sipCallId": call.sip_call_id,
            "userId": "user_123",
            "errorMsg": "DialOut failed with error: 486 Busy Here (busy)",
            "details": {"destination": NUMBER},
        }
    }


async def test_a_call_without_a_user_id_has_none_in_its_events(phone_network: Network, bot: Client) -> None:
    await phone_network.phone(NUMBER)
    session_id = await bot.start_dialout({"phoneNumber": NUMBER})
    answered = await bot.wait_for("dialout-answered", where={"sessionId": session_id})
    assert "userId" not in answered
