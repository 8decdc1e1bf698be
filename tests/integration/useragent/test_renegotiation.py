"""Re-INVITEs that change the codec in the middle of a call, sent and accepted."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from simulator.errors import CallError, CallRefused, ConfigurationError
from simulator.useragent import Held, Media, Resumed
from tests.integration.useragent.conftest import AnsweredCall, Connect
from tests.integration.useragent.test_audio import Pcm, loudest

ALL = ("OPUS", "G722", "PCMU", "PCMA")


async def check_audio_both_ways(answered: AnsweredCall) -> None:
    with await answered.caller.open_pcm(16000) as one, await answered.callee.open_pcm(16000) as two:
        caller, callee = Pcm(one, 16000), Pcm(two, 16000)
        await asyncio.gather(caller.run(700, 45), callee.run(1100, 45))
    assert abs(loudest(caller.received(), 16000) - 1100) < 15
    assert abs(loudest(callee.received(), 16000) - 700) < 15


def codecs_of(answered: AnsweredCall) -> tuple[list[str], list[str]]:
    return (
        [media.codec for media in answered.caller_notices.of(Media)],
        [media.codec for media in answered.callee_notices.of(Media)],
    )


@pytest.mark.parametrize(("before", "after"), [*pairwise(ALL), *pairwise(reversed(ALL)), ("OPUS", "PCMA")])
@pytest.mark.parametrize("by", ["caller", "callee"])
async def test_either_side_can_change_to_any_codec(connect: Connect, before: str, after: str, by: str) -> None:
    answered = await connect(codecs=(before, *(codec for codec in ALL if codec != before)))
    await getattr(answered, by).renegotiate([after])
    for log in (answered.caller_notices, answered.callee_notices):
        media = await log.wait(Media, nth=2)
        assert media.codec == after
        assert media.telephone_event is not None
    assert codecs_of(answered) == ([before, after], [before, after])


async def test_a_codec_that_is_listed_twice_is_offered_once(connect: Connect) -> None:
    answered = await connect(codecs=("OPUS", "PCMU", "OPUS", "PCMU", "PCMA"))
    for codecs in (["OPUS", "PCMA", "OPUS"], ["PCMU", "OPUS", "PCMU", "OPUS"], ["PCMA", "PCMA"]):
        await answered.caller.renegotiate(codecs)  # type: ignore[arg-type]  # names of codecs
    await answered.caller_notices.until(
        lambda: [media for media in answered.caller_notices.of(Media)[-1:] if media.codec == "PCMA"], "audio in PCMA"
    )
    assert answered.caller_agent.alive
    assert answered.callee_agent.alive


@pytest.mark.parametrize(("before", "after"), [("PCMU", "OPUS"), ("OPUS", "G722")])
async def test_audio_and_digits_work_after_a_change(connect: Connect, before: str, after: str) -> None:
    answered = await connect(codecs=(before, after))
    await check_audio_both_ways(answered)
    await answered.callee.renegotiate([after])  # type: ignore[list-item]  # names of codecs
    await check_audio_both_ways(answered)
    for sender in (answered.caller, answered.callee):
        await sender.send_digits("4", wait=True)


async def test_a_refused_codec_leaves_the_call_as_it_was(connect: Connect) -> None:
    answered = await connect(codecs=("PCMU",))
    with pytest.raises(CallRefused) as caught:
        await answered.caller.renegotiate(["OPUS", "G722"])
    assert caught.value.status == 488
    await answered.caller.hold()  # offers what it offered before
    await answered.caller.resume()
    await check_audio_both_ways(answered)
    assert answered.caller.media is not None
    assert answered.caller.media.codec == "PCMU"


async def test_a_held_call_stays_on_hold_with_another_codec(connect: Connect) -> None:
    """The direction of its media does not change."""
    answered = await connect(codecs=("PCMU", "G722"))
    await answered.caller.hold()
    await answered.callee_notices.wait(Held)
    await answered.caller.renegotiate(["G722"])
    assert answered.caller.media is not None
    assert (answered.caller.media.codec, answered.caller.media.direction) == ("G722", "sendonly")
    await answered.caller.resume()
    await answered.callee_notices.wait(Resumed)
    await check_audio_both_ways(answered)


async def test_only_one_reinvite_at_a_time_and_only_in_an_answered_call(connect: Connect) -> None:
    answered = await connect(codecs=ALL)
    results = await asyncio.gather(
        answered.caller.renegotiate(["G722"]), answered.caller.renegotiate(["PCMA"]), return_exceptions=True
    )
    assert results[0] is None
    assert isinstance(results[1], CallRefused)
    with pytest.raises(ConfigurationError, match="codecs"):
        await answered.caller.renegotiate([])
    await answered.caller.hang_up()
    with pytest.raises(CallError):
        await answered.callee.renegotiate(["PCMU"])
