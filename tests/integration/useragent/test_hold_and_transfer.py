"""Re-INVITEs and REFERs between workers."""

from __future__ import annotations

import asyncio

import pytest

from simulator.errors import CallError, ConfigurationError
from simulator.useragent import Answered, Held, Media, Pool, Resumed, TransferProgress, TransferRequested
from tests.integration.useragent.conftest import AnsweredCall
from tests.integration.useragent.party import Party


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
async def test_either_side_can_hold_and_resume(connect, codec: str) -> None:  # type: ignore[no-untyped-def]
    answered: AnsweredCall = await connect(codecs=(codec,))
    for holder, held, holder_notices, held_notices in (
        (answered.caller, answered.callee, answered.caller_notices, answered.callee_notices),
        (answered.callee, answered.caller, answered.callee_notices, answered.caller_notices),
    ):
        before = len(held_notices.of(Held))
        await holder.hold()
        assert (await holder_notices.wait(Held, nth=len(holder_notices.of(Held)) or 1)).by in ("local", "remote")
        assert (await held_notices.wait(Held, nth=before + 1)).by == "remote"
        assert holder_notices.of(Held)[-1].by == "local"
        assert holder.media is not None
        assert held.media is not None
        assert (holder.media.direction, held.media.direction) == ("sendonly", "recvonly")
        resumed = len(held_notices.of(Resumed))
        await holder.resume()
        await held_notices.wait(Resumed, nth=resumed + 1)
        assert holder_notices.of(Resumed)[-1].by == "local"
        assert held_notices.of(Resumed)[-1].by == "remote"
        assert (holder.media.direction, held.media.direction) == ("sendrecv", "sendrecv")
        assert holder.media.codec == held.media.codec == codec


async def test_a_second_reinvite_of_one_side_is_refused(answered: AnsweredCall) -> None:
    results = await asyncio.gather(answered.caller.hold(), answered.caller.hold(), return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], CallError)
    assert "under way" in str(results[1])


async def test_crossing_holds_leave_the_call_up(answered: AnsweredCall) -> None:
    """Both sides send a re-INVITE at once: one or both get 491, and the call goes on."""
    await asyncio.gather(answered.caller.hold(), answered.callee.hold(), return_exceptions=True)
    await answered.caller.send_info("text/plain", "still there")
    await answered.callee.send_info("text/plain", "still there")


async def test_a_blind_transfer_is_refused_by_default(answered: AnsweredCall) -> None:
    await answered.caller.transfer("sip:carol@127.0.0.1:5099")
    asked = await answered.callee_notices.wait(TransferRequested)
    assert asked.to == "sip:carol@127.0.0.1:5099"
    progress = await answered.caller_notices.until(
        lambda: [n for n in answered.caller_notices.of(TransferProgress) if n.final], "final progress of the transfer"
    )
    assert progress.status == 603
    await answered.caller.send_info("text/plain", "the call goes on")


async def test_an_attended_transfer_is_refused_by_default(answered: AnsweredCall, alice: Party, pool: Pool) -> None:
    carol = Party(await pool.lease())
    second, notices = await alice.dial(carol)
    third, _, third_notices = await carol.next_call()
    with pytest.raises(ConfigurationError):
        await answered.caller.transfer_replacing(second)
    await third.answer()
    await notices.wait(Media)
    await answered.caller.transfer_replacing(second)
    asked = await answered.callee_notices.wait(TransferRequested)
    assert "Replaces" in asked.to
    await third_notices.wait(Answered)


async def test_invalid_transfer_targets_are_refused(answered: AnsweredCall) -> None:
    with pytest.raises(ConfigurationError):
        await answered.caller.transfer("+12065550142")
