"""Re-INVITEs that change the codec in the middle of a call, sent and accepted."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from simulator.errors import CallError, CallRefused, ConfigurationError
from simulator.useragent import Held, Media, Resumed
from tests.integration.useragent.conftest import Connect, Talk
from tests.integration.useragent.test_audio import Pcm, loudest

ALL = ("OPUS", "G722", "PCMU", "PCMA")


async def hears_both_ways(talk: Talk) -> None:
    with await talk.caller.open_pcm(16000) as one, await talk.callee.open_pcm(16000) as two:
        caller, callee = Pcm(one, 16000), Pcm(two, 16000)
        await asyncio.gather(caller.run(700, 45), callee.run(1100, 45))
    assert abs(loudest(caller.heard(), 16000) - 1100) < 15
    assert abs(loudest(callee.heard(), 16000) - 700) < 15


def codecs_of(talk: Talk) -> tuple[list[str], list[str]]:
    return (
        [media.codec for media in talk.caller_heard.of(Media)],
        [media.codec for media in talk.callee_heard.of(Media)],
    )


@pytest.mark.parametrize(("before", "after"), [*pairwise(ALL), *pairwise(reversed(ALL)), ("OPUS", "PCMA")])
@pytest.mark.parametrize("by", ["caller", "callee"])
async def test_any_codec_to_any_other(connect: Connect, before: str, after: str, by: str) -> None:
    talk = await connect(codecs=(before, *(codec for codec in ALL if codec != before)))
    await getattr(talk, by).renegotiate([after])
    for log in (talk.caller_heard, talk.callee_heard):
        media = await log.wait(Media, nth=2)
        assert media.codec == after
        assert media.telephone_event is not None
    assert codecs_of(talk) == ([before, after], [before, after])


@pytest.mark.parametrize(("before", "after"), [("PCMU", "OPUS"), ("OPUS", "G722")])
async def test_sound_and_digits_after_a_change(connect: Connect, before: str, after: str) -> None:
    talk = await connect(codecs=(before, after))
    await hears_both_ways(talk)
    await talk.callee.renegotiate([after])  # type: ignore[list-item]  # names of codecs
    await hears_both_ways(talk)
    for sender in (talk.caller, talk.callee):
        await sender.send_digits("4", wait=True)


async def test_a_codec_that_the_peer_does_not_take(connect: Connect) -> None:
    talk = await connect(codecs=("PCMU",))
    with pytest.raises(CallRefused) as caught:
        await talk.caller.renegotiate(["OPUS", "G722"])
    assert caught.value.status == 488
    await talk.caller.hold()  # offers what it offered before
    await talk.caller.resume()
    await hears_both_ways(talk)
    assert talk.caller.media is not None
    assert talk.caller.media.codec == "PCMU"


async def test_on_hold(connect: Connect) -> None:
    """A call on hold stays so with another codec."""
    talk = await connect(codecs=("PCMU", "G722"))
    await talk.caller.hold()
    await talk.callee_heard.wait(Held)
    await talk.caller.renegotiate(["G722"])
    assert talk.caller.media is not None
    assert (talk.caller.media.codec, talk.caller.media.direction) == ("G722", "sendonly")
    await talk.caller.resume()
    await talk.callee_heard.wait(Resumed)
    await hears_both_ways(talk)


async def test_one_at_a_time_and_only_in_a_call(connect: Connect) -> None:
    talk = await connect(codecs=ALL)
    results = await asyncio.gather(
        talk.caller.renegotiate(["G722"]), talk.caller.renegotiate(["PCMA"]), return_exceptions=True
    )
    assert results[0] is None
    assert isinstance(results[1], CallRefused)
    with pytest.raises(ConfigurationError, match="codecs"):
        await talk.caller.renegotiate([])
    await talk.caller.hang_up()
    with pytest.raises(CallError):
        await talk.callee.renegotiate(["PCMU"])
