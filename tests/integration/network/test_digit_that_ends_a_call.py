"""Digits at the edges of a call: right after the answer, and one on which the peer hangs up."""

from __future__ import annotations

import asyncio

import pytest

from simulator.network import Network
from simulator.phone_call import PressMethod

ANN, BOB = "+12065550142", "+12065550143"


@pytest.mark.parametrize("method", ["telephone-event", "sip-info"])
async def test_a_digit_on_which_the_peer_hangs_up_counts_as_sent(phone_network: Network, method: PressMethod) -> None:
    ann, bob = await phone_network.phone(ANN), await phone_network.phone(BOB)
    calling = await ann.dial(BOB)
    answered = await bob.wait_for_call()
    await calling.wait_answered()

    async def hang_up_on_a_digit() -> None:
        await answered.wait_for_digits("5")
        await answered.hang_up()

    await asyncio.gather(hang_up_on_a_digit(), calling.press("5", method=method))
    await calling.wait_for_end()
    assert [record for record in phone_network.timeline.records() if "not_sent" in record.fields] == []


@pytest.mark.parametrize("method", ["telephone-event", "sip-info"])
async def test_a_callee_presses_before_the_ack_of_its_answer(phone_network: Network, method: PressMethod) -> None:
    ann, bob = await phone_network.phone(ANN), await phone_network.phone(BOB, calls="wait")
    calling = await ann.dial(BOB)
    answered = await bob.wait_for_call()
    await answered.answer()
    await answered.press("5", method=method)
    await calling.wait_for_digits("5")
