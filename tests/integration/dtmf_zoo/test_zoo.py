"""Every bad DTMF sender on real calls: what phones hear, and what clients of a room are told."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.handles.client import Client
from simulator.dtmf_zoo import ZOO, BadSender, Yield, play
from simulator.dtmf_zoo.play import Stream
from simulator.errors import CallEnded, ConfigurationError
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.relay.telephone_event_receiver import LOST_END

ANN, BOB = "+12065550142", "+12065550143"
FULL_STOP = "0"
"""Pressed by a good sender after a bad one: what it did not yield by then, it never will."""


async def talk(network: Network, **bob: object) -> tuple[PhoneCall, PhoneCall]:
    ann = await network.phone(ANN, name="ann")
    called = await network.phone(BOB, name="bob", **bob)  # type: ignore[arg-type]  # of Network.phone
    calling = await ann.dial(BOB)
    await calling.wait_answered()
    answered = await called.wait_for_call()
    await answered.wait_answered()
    return calling, answered


async def heard_of(sender: BadSender, saying: PhoneCall, hearing: PhoneCall, stream: Stream) -> list[Yield]:
    start = len(hearing.heard)
    await play(saying, sender, stream=stream)
    if sender.name == "lost-end":
        await asyncio.sleep(LOST_END + 0.1)  # the next key would end it
    await saying.press(FULL_STOP, method="telephone-event", duration_ms=40)
    wanted = "".join(each.digit for each in sender.yields) + FULL_STOP
    async with asyncio.timeout(3):
        while len(hearing.heard) < start + len(wanted):  # noqa: ASYNC110  # also what is wrong is to be seen
            await asyncio.sleep(0.01)
    keys = hearing.heard[start:]
    assert {key.method for key in keys} == {"telephone-event"}
    assert keys[-1].digit == FULL_STOP
    return [Yield(key.digit, key.duration_ms) for key in keys[:-1]]


@pytest.mark.parametrize("stream", ["same", "own"])
@pytest.mark.parametrize("sender", ZOO.values(), ids=list(ZOO))
async def test_one_press_for_each_key(phone_network: Network, sender: BadSender, stream: Stream) -> None:
    calling, answered = await talk(phone_network)
    assert await heard_of(sender, calling, answered, stream) == list(sender.yields)


async def test_the_called_phone_can_be_bad_too(phone_network: Network) -> None:
    calling, answered = await talk(phone_network)
    for name in ("no-marker", "overlapping-digits", "seven-ends"):
        assert await heard_of(ZOO[name], answered, calling, "same") == list(ZOO[name].yields)


@pytest.mark.parametrize(
    "name", ["no-marker", "new-timestamp-in-mid-digit", "overlapping-digits", "not-a-key", "long-key"]
)
async def test_a_room_gets_one_dtmf_event_for_each_key(phone_network: Network, daily_client: Client, name: str) -> None:
    desk = await phone_network.phone(BOB, name="desk")
    await daily_client.start_dialout({"phoneNumber": BOB})
    await daily_client.wait_for("dialout-answered")
    call = await desk.wait_for_call()
    await call.wait_answered()
    await play(call, ZOO[name])
    await call.press(FULL_STOP, method="telephone-event", duration_ms=40)
    wanted = "".join(each.digit for each in ZOO[name].yields) + FULL_STOP
    events = await daily_client.wait_for(["dtmf-event"] * len(wanted), within=3)
    assert "".join(event["tone"] for event in events) == wanted
    assert {event["method"] for event in events} == {"telephone-event"}


async def test_the_stream_goes_on_without_a_gap(phone_network: Network) -> None:
    """Taking a phone's place and giving it back shows in no sequence number."""
    calling, answered = await talk(phone_network)
    for name in ("textbook", "all-at-once", "seven-ends"):
        await play(calling, ZOO[name])
    await calling.press("1")
    await answered.wait_for_digits("5791")
    assert answered.packets_heard is not None
    assert answered.packets_heard.summary().lost_before == 0
    assert (await answered.statistics()).lost_packets == 0


async def test_where_it_cannot_play(phone_network: Network) -> None:
    calling, _ = await talk(phone_network, telephone_event=False)
    with pytest.raises(ConfigurationError, match="telephone-event"):
        await play(calling, ZOO["textbook"])
    with pytest.raises(ConfigurationError, match="same or own"):
        await play(calling, ZOO["textbook"], stream="other")  # type: ignore[arg-type]
    await calling.hang_up()
    await calling.wait_for_end()
    async with Network(rtp_relay=False) as network:
        calling, _ = await talk(network)
        with pytest.raises(ConfigurationError, match="rtp_relay"):
            await play(calling, ZOO["textbook"])


async def test_a_call_that_ends_meanwhile(phone_network: Network) -> None:
    calling, answered = await talk(phone_network)
    playing = asyncio.create_task(play(calling, ZOO["lost-end-then-same-key"]))
    await asyncio.sleep(0.05)
    await answered.hang_up()
    with pytest.raises(CallEnded):
        await playing
