"""A call that has the place in PJSIP of one that ended a moment ago, whose transactions PJSIP still keeps."""

from __future__ import annotations

import pytest

from simulator.errors import CallRefused
from simulator.useragent import Ended
from tests.integration.useragent.conftest import TIMERS
from tests.integration.useragent.party import Party
from tests.integration.useragent.raw_peer import SDP, RawPeer

CALLS = 4
"""PJSIP takes its places for calls in turn, so that the fifth call has the place of the first."""


@pytest.mark.parametrize("status", ["481 Gone", "408 Request Timeout", "603 Decline"])
async def test_the_end_of_an_earlier_transaction_does_not_end_the_call(alice: Party, status: str) -> None:
    with RawPeer(alice.agent.address) as peer:
        await refused_calls(alice, peer, status)
        call, notices = await alice.dial(f"sip:x@{peer.address}")
        peer.reply(await peer.receive("INVITE "), "200 OK", SDP)
        await peer.receive("ACK ")
        with pytest.raises(AssertionError, match="no Ended"):
            await notices.wait(Ended, within=TIMERS.unanswered_s + 0.5)  # timer D of the refused INVITE
        await call.hang_up()
        peer.reply(await peer.receive("BYE "), "200 OK")
        assert (await notices.wait(Ended)).by == "local"


async def test_the_end_of_an_earlier_transaction_answers_no_change_of_codec(alice: Party) -> None:
    with RawPeer(alice.agent.address) as peer:
        await refused_calls(alice, peer, "488 Not Acceptable Here")
        call, _ = await alice.dial(f"sip:x@{peer.address}")
        peer.reply(await peer.receive("INVITE "), "200 OK", SDP)
        await peer.receive("ACK ")
        with pytest.raises(CallRefused, match="408"):  # not 488, which would come at once
            await call.renegotiate(["PCMU"])


async def refused_calls(alice: Party, peer: RawPeer, status: str) -> None:
    for _ in range(CALLS):
        _, notices = await alice.dial(f"sip:x@{peer.address}")
        peer.reply(await peer.receive("INVITE "), status)
        await peer.receive("ACK ")
        await notices.wait(Ended)
