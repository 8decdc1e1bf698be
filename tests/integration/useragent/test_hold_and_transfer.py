"""Re-INVITEs and REFERs between workers."""

from __future__ import annotations

import asyncio

import pytest

from simulator.errors import CallError, ConfigurationError
from simulator.useragent import Answered, Held, Media, Pool, Resumed, TransferProgress, TransferRequested
from tests.integration.useragent.conftest import Talk
from tests.integration.useragent.heard import Party


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
async def test_hold_and_resume_from_either_side(connect, codec: str) -> None:  # type: ignore[no-untyped-def]
    talk: Talk = await connect(codecs=(codec,))
    for holder, held, holder_heard, held_heard in (
        (talk.caller, talk.callee, talk.caller_heard, talk.callee_heard),
        (talk.callee, talk.caller, talk.callee_heard, talk.caller_heard),
    ):
        before = len(held_heard.of(Held))
        await holder.hold()
        assert (await holder_heard.wait(Held, nth=len(holder_heard.of(Held)) or 1)).by in ("local", "remote")
        assert (await held_heard.wait(Held, nth=before + 1)).by == "remote"
        assert holder_heard.of(Held)[-1].by == "local"
        assert holder.media is not None
        assert held.media is not None
        assert (holder.media.direction, held.media.direction) == ("sendonly", "recvonly")
        resumed = len(held_heard.of(Resumed))
        await holder.resume()
        await held_heard.wait(Resumed, nth=resumed + 1)
        assert holder_heard.of(Resumed)[-1].by == "local"
        assert held_heard.of(Resumed)[-1].by == "remote"
        assert (holder.media.direction, held.media.direction) == ("sendrecv", "sendrecv")
        assert holder.media.codec == held.media.codec == codec


async def test_two_holds_at_once(talk: Talk) -> None:
    results = await asyncio.gather(talk.caller.hold(), talk.caller.hold(), return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], CallError)
    assert "under way" in str(results[1])


async def test_holds_that_cross(talk: Talk) -> None:
    """Both sides at once: one or both get 491, nobody crashes, and the call goes on."""
    await asyncio.gather(talk.caller.hold(), talk.callee.hold(), return_exceptions=True)
    await talk.caller.send_info("text/plain", "still there")
    await talk.callee.send_info("text/plain", "still there")


async def test_blind_transfer_is_asked_for_and_refused(talk: Talk) -> None:
    await talk.caller.transfer("sip:carol@127.0.0.1:5099")
    asked = await talk.callee_heard.wait(TransferRequested)
    assert asked.to == "sip:carol@127.0.0.1:5099"
    news = await talk.caller_heard.until(
        lambda: [n for n in talk.caller_heard.of(TransferProgress) if n.final], "final news of the transfer"
    )
    assert news.status == 603
    await talk.caller.send_info("text/plain", "the call goes on")


async def test_attended_transfer_is_refused_too(talk: Talk, alice: Party, pool: Pool) -> None:
    carol = Party(await pool.lease())
    second, heard = await alice.dial(carol)
    third, _, third_heard = await carol.next_call()
    await third.answer()
    await heard.wait(Media)
    await talk.caller.transfer(carol.uri, replaces=second)
    asked = await talk.callee_heard.wait(TransferRequested)
    assert "Replaces" in asked.to
    with pytest.raises(ConfigurationError):
        await talk.caller.transfer(carol.uri, replaces=third)
    await third_heard.wait(Answered)


async def test_wrong_transfer_targets(talk: Talk) -> None:
    with pytest.raises(ConfigurationError):
        await talk.caller.transfer("+12065550142")
