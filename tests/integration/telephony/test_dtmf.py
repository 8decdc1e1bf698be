"""DTMF digits from and to a room, by telephone-event and by SIP INFO."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.values.errors import DailyError
from simulator.network import Network
from simulator.phone_call import PhoneCall
from tests.event_actions import actions

NUMBER = "+12065550142"


async def talking(network: Network, client: Client, *, telephone_event: bool = True) -> tuple[str, PhoneCall]:
    phone = await network.phone(NUMBER, telephone_event=telephone_event)
    session_id = await client.start_dialout({"phoneNumber": NUMBER})
    call = await phone.wait_for_call()
    await call.wait_answered()
    await client.wait_for("dialout-answered")
    return session_id, call


@pytest.mark.parametrize("method", ["telephone-event", "sip-info"])
async def test_digits_are_sent_with_the_requested_method_and_duration(
    phone_network: Network, daily_client: Client, method: str
) -> None:
    session_id, call = await talking(phone_network, daily_client)
    await daily_client.send_dtmf({"sessionId": session_id, "tones": "15*", "method": method, "digitDurationMs": 160})
    await call.wait_for_digits("15*")
    assert [digit.method for digit in call.heard] == [method] * 3
    assert all(abs(digit.duration_ms - 160) <= 20 for digit in call.heard)


@pytest.mark.parametrize(("telephone_event", "method"), [(True, "telephone-event"), (False, "sip-info")])
async def test_auto_uses_telephone_events_when_they_were_negotiated(
    phone_network: Network, daily_client: Client, telephone_event: bool, method: str
) -> None:
    session_id, call = await talking(phone_network, daily_client, telephone_event=telephone_event)
    await daily_client.send_dtmf({"sessionId": session_id, "tones": "7", "digitDurationMs": 100})
    await call.wait_for_digits("7", method=method)  # type: ignore[arg-type]
    await daily_client.stop_dialout(session_id)
    await daily_client.wait_for("dialout-stopped")
    assert "dtmf-event" not in actions(daily_client.events), "only received digits are events"


async def test_telephone_event_is_refused_when_it_was_not_negotiated(
    phone_network: Network, daily_client: Client
) -> None:
    session_id, _ = await talking(phone_network, daily_client, telephone_event=False)
    with pytest.raises(DailyError, match="telephone-event"):
        await daily_client.send_dtmf({"sessionId": session_id, "tones": "7", "method": "telephone-event"})


@pytest.mark.parametrize("method", ["telephone-event", "sip-info"])
async def test_each_received_digit_is_one_event(phone_network: Network, daily_client: Client, method: str) -> None:
    session_id, call = await talking(phone_network, daily_client)
    await call.press("12#A", method=method, duration_ms=80)  # type: ignore[arg-type]
    events = await daily_client.wait_for(["dtmf-event"] * 4)
    assert [event["tone"] for event in events] == list("12#A")
    assert {event["method"] for event in events} == {method}
    assert {event["sessionId"] for event in events} == {session_id}


async def test_tones_before_the_answer_are_refused(phone_network: Network, daily_client: Client) -> None:
    await phone_network.phone(NUMBER, calls="no_answer")
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-connected")
    with pytest.raises(DailyError, match="no media yet"):
        await daily_client.send_dtmf({"sessionId": session_id, "tones": "1"})


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"tones": "1a"}, "tones"),
        ({"tones": ""}, "tones"),
        ({"tones": "1" * 21}, "tones"),
        ({"tones": "1", "method": "carrier-pigeon"}, "method"),
        ({"tones": "1", "digitDurationMs": 49}, "digitDurationMs"),
        ({"tones": "1", "digitDurationMs": 2001}, "digitDurationMs"),
    ],
)
async def test_invalid_digit_requests_are_refused_with_the_name_of_the_field(
    daily_client: Client, settings: dict[str, object], names: str
) -> None:
    with pytest.raises(DailyError, match=names):
        await daily_client.send_dtmf({"sessionId": "x", **settings})
