"""Impaired calls: which digits and packets arrive, what RTP statistics say, and recovery."""

from __future__ import annotations

import asyncio
import time

import pytest

from simulator.errors import ConfigurationError, ExpectationFailed, UnknownNumber
from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.relay import Faults, Tap
from tests.integration.relay.soon import soon

ANN, BOB = "+12065550142", "+12065550143"
DIGITS = "0123456789*#ABCD"


@pytest.fixture
async def ann(phone_network: Network) -> Phone:
    return await phone_network.phone(ANN, name="ann")


@pytest.fixture
async def bob(phone_network: Network) -> Phone:
    return await phone_network.phone(BOB, name="bob")


async def talk(caller: Phone, called: Phone) -> tuple[PhoneCall, PhoneCall]:
    calling = await caller.dial(called.number or called.uri)
    await calling.wait_answered()
    answered = await called.wait_for_call()
    await answered.wait_answered()
    return calling, answered


def tap(call: PhoneCall) -> Tap:
    """Of the packets that the call receives."""
    assert call.packets_heard is not None
    return call.packets_heard


async def received(call: PhoneCall, more: int) -> None:
    """Wait until the phone has received so many more packets."""
    goal = (await call.statistics()).received_packets + more

    async def were_received() -> bool:
        return (await call.statistics()).received_packets >= goal

    await soon(were_received, f"{more} more packets at {call.phone}")


@pytest.mark.parametrize("seed", [1, 2])
async def test_all_digits_are_received_when_a_fifth_of_the_packets_is_lost(ann: Phone, bob: Phone, seed: int) -> None:
    """Each digit has seven packets, three of them end packets (RFC 4733 §2.5.1.4)."""
    calling, answered = await talk(ann, bob)
    await answered.impair(Faults(loss=0.2), direction="to_phone", seed=seed)
    await calling.press(DIGITS, method="telephone-event", gap_ms=60)
    await answered.wait_for_digits(DIGITS)
    assert tap(answered).summary().dropped > 10
    assert answered.digits == DIGITS


async def test_all_digits_are_received_with_jitter_reordering_and_duplicates(ann: Phone, bob: Phone) -> None:
    calling, answered = await talk(ann, bob)
    await answered.impair(Faults(delay_ms=40, jitter_ms=60, reordering=0.2, duplication=0.3), seed=5)
    await calling.press(DIGITS, method="telephone-event", gap_ms=60)
    await answered.wait_for_digits(DIGITS)
    assert answered.digits == DIGITS


async def test_a_digit_whose_end_packets_are_lost_is_received_once(ann: Phone, bob: Phone) -> None:
    """The packets of the phone's peer are blocked while it sends the digit."""
    calling, answered = await talk(ann, bob)
    pressing = asyncio.create_task(calling.press("5", method="telephone-event", duration_ms=1000))
    await soon(lambda: any(packet.event for packet in tap(answered).packets), "the first packet of the digit")
    await answered.impair(Faults(blocked=True), direction="to_phone")
    await pressing
    await answered.wait_for_digits("5", within=3)
    assert answered.heard[0].duration_ms < 1000
    await answered.recover()
    await calling.press("6")
    await answered.wait_for_digits("6")
    assert answered.digits == "56"


async def test_blocking_one_direction_does_not_affect_the_other(ann: Phone, bob: Phone) -> None:
    calling, answered = await talk(ann, bob)
    await answered.impair(Faults(blocked=True), direction="from_phone")
    await answered.press("1", method="telephone-event")
    with pytest.raises(ExpectationFailed):
        await calling.wait_for_digits("1", within=0.5)
    await calling.press("2", method="telephone-event")
    await answered.wait_for_digits("2")
    before = (await calling.statistics()).received_packets
    await received(answered, 10)
    assert (await calling.statistics()).received_packets - before <= 1
    await answered.recover()
    await received(calling, 10)
    assert calling.digits == ""


async def test_the_receivers_statistics_count_the_packets_that_the_relay_lost(ann: Phone, bob: Phone) -> None:
    calling, answered = await talk(ann, bob)
    await received(answered, 5)
    await answered.impair(Faults(loss=0.3, burst=3), direction="to_phone", seed=9)
    await received(answered, 60)
    await answered.recover()
    await received(answered, 5)
    lost = (await answered.statistics()).lost_packets
    dropped = tap(answered).summary().dropped
    assert dropped > 5
    assert lost == dropped
    assert (await calling.statistics()).lost_packets == 0


async def test_a_digit_is_received_after_the_given_delay(ann: Phone, bob: Phone) -> None:
    calling, answered = await talk(ann, bob)
    await answered.impair(Faults(delay_ms=200), direction="to_phone")
    await calling.press("7", method="telephone-event", duration_ms=60)
    await answered.wait_for_digits("7")
    heard = time.monotonic()
    first = next(packet for packet in tap(answered).packets if packet.event and packet.event.end)
    assert 0.200 <= heard - first.at < 0.300


async def test_the_receiver_measures_the_jitter(ann: Phone, bob: Phone) -> None:
    _, answered = await talk(ann, bob)
    await received(answered, 10)
    await answered.impair(Faults(jitter_ms=40), direction="to_phone", seed=1)
    await received(answered, 60)
    assert 2 < (await answered.statistics()).jitter_ms < 40


async def test_packets_kept_while_frozen_are_all_sent_afterwards(ann: Phone, bob: Phone) -> None:
    calling, answered = await talk(ann, bob)
    await received(answered, 5)
    await answered.impair(Faults(frozen=True), direction="to_phone")
    await calling.press("12", method="telephone-event", duration_ms=60)
    assert answered.digits == ""
    before = tap(answered).summary().packets
    await answered.recover()
    await answered.wait_for_digits("12")
    assert tap(answered).summary().dropped == 0
    assert (await answered.statistics()).lost_packets == 0
    assert before > 10


async def test_duplicates_are_not_counted_as_losses(ann: Phone, bob: Phone) -> None:
    _, answered = await talk(ann, bob)
    await answered.impair(Faults(duplication=1), direction="to_phone")
    await received(answered, 40)
    assert tap(answered).summary().lost_before == 0


async def test_the_impairment_of_a_phone_applies_to_its_next_calls(
    phone_network: Network, ann: Phone, bob: Phone
) -> None:
    await phone_network.impair(BOB, Faults(blocked=True), direction="to_phone")
    calling, answered = await talk(ann, bob)
    await calling.press("1", method="telephone-event")
    assert answered.digits == ""
    assert (await answered.statistics()).received_packets == 0
    await phone_network.recover(BOB)
    await calling.press("2", method="telephone-event")
    await answered.wait_for_digits("2")
    await calling.hang_up()
    await answered.wait_for_end()
    calling, answered = await talk(ann, bob)
    await calling.press("3", method="telephone-event")
    await answered.wait_for_digits("3")


async def test_the_impairment_of_a_caller(phone_network: Network, ann: Phone, bob: Phone) -> None:
    await ann.impair(Faults(blocked=True), direction="from_phone")
    calling, answered = await talk(ann, bob)
    await calling.press("1", method="telephone-event")
    await answered.press("2", method="telephone-event")
    await calling.wait_for_digits("2")
    assert answered.digits == ""


async def test_impairments_are_on_the_timeline(phone_network: Network, ann: Phone, bob: Phone) -> None:
    _, answered = await talk(ann, bob)
    await answered.impair(Faults(loss=0.1), direction="to_phone")
    await answered.recover()
    records = [
        (record.fields["towards"], record.fields["faults"])
        for record in phone_network.timeline.records(kind="rtp")
        if record.fields["action"] == "faults"
    ]
    assert records == [("callee", "loss=0.1"), ("both", "clean")]


async def test_an_impossible_impairment_is_an_error(phone_network: Network, ann: Phone) -> None:
    with pytest.raises(UnknownNumber, match="no phone has this number"):
        await phone_network.impair(BOB, Faults())
    with pytest.raises(ConfigurationError, match="direction"):
        await ann.impair(Faults(), direction="up")  # type: ignore[arg-type]
    async with Network(rtp_relay=False) as network:
        phone = await network.phone(ANN)
        with pytest.raises(ConfigurationError, match="rtp_relay"):
            await phone.impair(Faults(loss=0.1))
