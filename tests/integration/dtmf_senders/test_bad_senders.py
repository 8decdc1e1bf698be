"""Every bad DTMF sender on live calls: which digits phones hear, and which events the clients of a room receive."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.handles.client import Client
from simulator.dtmf_senders import BAD_SENDERS, BadSender, ExpectedDigit, press_like
from simulator.dtmf_senders.press_like import Stream
from simulator.errors import CallEnded, ConfigurationError
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.relay.telephone_event_receiver import LOST_END

ANN, BOB = "+12065550142", "+12065550143"
LAST_DIGIT = "0"
"""Sent by a good sender after a bad one: what has not been reported by then never will be."""


async def connect(network: Network, **bob: object) -> tuple[PhoneCall, PhoneCall]:
    ann = await network.phone(ANN, name="ann")
    called = await network.phone(BOB, name="bob", **bob)  # type: ignore[arg-type]  # of Network.phone
    calling = await ann.dial(BOB)
    await calling.wait_answered()
    answered = await called.wait_for_call()
    await answered.wait_answered()
    return calling, answered


async def received(sender: BadSender, sending: PhoneCall, receiving: PhoneCall, stream: Stream) -> list[ExpectedDigit]:
    """The digits that the receiving phone reports for this sender."""
    start = len(receiving.heard)
    await press_like(sending, sender, stream=stream)
    if sender.name == "lost-end":
        await asyncio.sleep(LOST_END + 0.1)  # otherwise the next digit would end it
    await sending.press(LAST_DIGIT, method="telephone-event", duration_ms=40)
    wanted = "".join(each.digit for each in sender.expected) + LAST_DIGIT
    async with asyncio.timeout(3):
        while len(receiving.heard) < start + len(wanted):  # noqa: ASYNC110  # `wait_for_digits` fails at a wrong digit
            await asyncio.sleep(0.01)
    heard = receiving.heard[start:]
    assert {each.method for each in heard} == {"telephone-event"}
    assert heard[-1].digit == LAST_DIGIT
    return [ExpectedDigit(each.digit, each.duration_ms) for each in heard[:-1]]


@pytest.mark.parametrize("stream", ["same", "own"])
@pytest.mark.parametrize("sender", BAD_SENDERS.values(), ids=list(BAD_SENDERS))
async def test_a_phone_hears_each_digit_once(phone_network: Network, sender: BadSender, stream: Stream) -> None:
    calling, answered = await connect(phone_network)
    assert await received(sender, calling, answered, stream) == list(sender.expected)


async def test_the_called_phone_can_be_a_bad_sender_too(phone_network: Network) -> None:
    calling, answered = await connect(phone_network)
    for name in ("no-marker", "overlapping-digits", "seven-ends"):
        assert await received(BAD_SENDERS[name], answered, calling, "same") == list(BAD_SENDERS[name].expected)


@pytest.mark.parametrize(
    "name", ["no-marker", "new-timestamp-in-mid-digit", "overlapping-digits", "not-a-key", "long-key"]
)
async def test_a_room_gets_one_event_for_each_digit(phone_network: Network, daily_client: Client, name: str) -> None:
    desk = await phone_network.phone(BOB, name="desk")
    await daily_client.start_dialout({"phoneNumber": BOB})
    await daily_client.wait_for("dialout-answered")
    call = await desk.wait_for_call()
    await call.wait_answered()
    await press_like(call, BAD_SENDERS[name])
    await call.press(LAST_DIGIT, method="telephone-event", duration_ms=40)
    wanted = "".join(each.digit for each in BAD_SENDERS[name].expected) + LAST_DIGIT
    events = await daily_client.wait_for(["dtmf-event"] * len(wanted), within=3)
    assert "".join(event["tone"] for event in events) == wanted
    assert {event["method"] for event in events} == {"telephone-event"}


async def test_sequence_numbers_have_no_gap_after_the_phones_stream_was_replaced(phone_network: Network) -> None:
    calling, answered = await connect(phone_network)
    for name in ("textbook", "all-at-once", "seven-ends"):
        await press_like(calling, BAD_SENDERS[name])
    await calling.press("1")
    await answered.wait_for_digits("5791")
    assert answered.packets_heard is not None
    assert answered.packets_heard.summary().lost_before == 0
    assert (await answered.statistics()).lost_packets == 0


async def test_calls_on_which_a_bad_sender_cannot_send_are_refused(phone_network: Network) -> None:
    calling, _ = await connect(phone_network, telephone_event=False)
    with pytest.raises(ConfigurationError, match="telephone-event"):
        await press_like(calling, BAD_SENDERS["textbook"])
    with pytest.raises(ConfigurationError, match="same or own"):
        await press_like(calling, BAD_SENDERS["textbook"], stream="other")  # type: ignore[arg-type]
    await calling.hang_up()
    await calling.wait_for_end()
    async with Network(rtp_relay=False) as network:
        calling, _ = await connect(network)
        with pytest.raises(ConfigurationError, match="rtp_relay"):
            await press_like(calling, BAD_SENDERS["textbook"])


async def test_sending_fails_when_the_call_ends_meanwhile(phone_network: Network) -> None:
    calling, answered = await connect(phone_network)
    sending = asyncio.create_task(press_like(calling, BAD_SENDERS["lost-end-then-same-key"]))
    await asyncio.sleep(0.05)
    await answered.hang_up()
    with pytest.raises(CallEnded):
        await sending
