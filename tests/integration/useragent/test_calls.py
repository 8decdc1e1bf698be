"""Calls between two workers: answers, refusals, ends, and the notices of each side."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any

import pytest

from simulator.errors import CallEnded, CallError, CallRefused, ConfigurationError, ExpectationFailed
from simulator.useragent import (
    Answered,
    Call,
    Dialling,
    EarlyMedia,
    Ended,
    Media,
    Pool,
    Ringing,
    Statistics,
)
from tests.integration.useragent.conftest import AnsweredCall, Connect
from tests.integration.useragent.party import Party


async def test_the_caller_hangs_up_an_answered_call(answered: AnsweredCall) -> None:
    await answered.caller.hang_up()
    ours = await answered.caller.wait_ended(2)
    theirs = await answered.callee.wait_ended(2)
    assert (ours.status, ours.by, theirs.status, theirs.by) == (200, "local", 200, "remote")
    assert answered.caller_notices.kinds == ["dialling", "answered", "media", "ended"]
    assert answered.callee_notices.kinds == ["answered", "media", "ended"]
    assert answered.caller.sip_call_id == answered.callee.sip_call_id != ""
    assert (answered.caller.state, answered.callee.state) == ("ended", "ended")
    assert not answered.caller_agent.calls
    assert not answered.callee_agent.calls


async def test_the_callee_hangs_up_with_headers_in_the_bye(answered: AnsweredCall) -> None:
    await answered.callee.hang_up([("X-Why", "tired")])
    theirs = await answered.caller.wait_ended(2)
    ours = await answered.callee.wait_ended(2)
    assert (theirs.by, ours.by) == ("remote", "local")
    assert ("X-Why", "tired") in theirs.headers


async def test_headers_and_display_names_pass_both_ways(alice: Party, bob: Party) -> None:
    call, notices = await alice.dial(
        bob,
        headers=[("X-Ticket", "42; a=b"), ("X-Name", "Zoë")],
        caller="sip:+12065550142@example.com",
        display_name='J "Q" Dö\\e',
    )
    other, incoming, _ = await bob.next_call()
    assert ("X-Ticket", "42; a=b") in incoming.headers
    assert ("X-Name", "Zoë") in incoming.headers
    assert (incoming.from_uri, incoming.from_name) == ("sip:+12065550142@example.com", 'J "Q" Dö\\e')
    assert (incoming.request_uri, incoming.to_uri) == (
        bob.uri,
        bob.uri.rpartition(":")[0],
    )  # RFC 3261 §20.39: no port in To
    assert incoming.sip_call_id == call.sip_call_id == notices.of(Dialling)[0].sip_call_id
    assert dict(incoming.headers)["Call-ID"] == call.sip_call_id
    assert incoming.codecs == ("PCMU",)
    assert incoming.telephone_event
    assert incoming.source == alice.agent.address
    assert incoming.sdp is not None
    assert "m=audio" in incoming.sdp
    await other.answer(headers=[("X-Answer", "yes")])
    assert ("X-Answer", "yes") in (await notices.wait(Answered)).headers


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, "Nobody Here"), (480, None), (486, "Busy Here"), (500, "Oh, no"), (603, "Decline"), (699, "Odd")],
)
async def test_a_call_is_refused_with_any_status_and_reason(
    alice: Party, bob: Party, status: int, reason: str | None
) -> None:
    call, notices = await alice.dial(bob)
    other, _, _ = await bob.next_call()
    await other.reject(status, reason, headers=[("X-More", "here")])
    ended, own = await call.wait_ended(2), await other.wait_ended(2)
    assert (ended.status, ended.by, own.status, own.by) == (status, "remote", status, "local")
    if reason:
        assert ended.reason == reason
    assert ("X-More", "here") in ended.headers
    assert notices.kinds == ["dialling", "ended"]


async def test_a_ringing_call_is_cancelled(alice: Party, bob: Party) -> None:
    call, notices = await alice.dial(bob)
    other, _, _ = await bob.next_call()
    await other.ring()
    ringing = await notices.wait(Ringing)
    assert (ringing.status, ringing.reason, call.state) == (180, "Ringing", "ringing")
    await call.hang_up()
    ended, theirs = await call.wait_ended(2), await other.wait_ended(2)
    assert (ended.status, ended.by) == (487, "local")
    assert (theirs.status, theirs.by) == (487, "remote")


async def test_hanging_up_an_unanswered_incoming_call_declines_it(alice: Party, bob: Party) -> None:
    call, _ = await alice.dial(bob)
    other, _, _ = await bob.next_call()
    await other.ring(182, "Queued, be patient")
    await other.hang_up()
    assert (await call.wait_ended(2)).status == 603


async def test_early_media_precedes_the_answer(alice: Party, bob: Party) -> None:
    call, notices = await alice.dial(bob, codecs=("PCMA", "PCMU"))
    other, _, other_notices = await bob.next_call()
    await other.ring(early_media=True, codecs=("PCMU", "PCMA"))
    early = await notices.wait(EarlyMedia)
    media = await notices.wait(Media)
    assert (early.status, call.state, media.codec) == (183, "early", "PCMU")
    assert (await other_notices.wait(Media)).codec == "PCMU"
    await other.answer()
    await notices.wait(Answered)
    await call.hang_up()
    await other.wait_ended(2)
    await call.wait_ended(2)
    assert notices.kinds == ["dialling", "early_media", "media", "answered", "ended"]
    assert other_notices.kinds == ["media", "answered", "ended"]


async def test_a_worker_has_four_calls_and_refuses_a_fifth(alice: Party, bob: Party, pool: Pool) -> None:
    calls = [await alice.dial(bob) for _ in range(4)]
    others = [await bob.next_call() for _ in range(4)]
    await asyncio.gather(*(other.answer() for other, _, _ in others))
    for _, notices in calls:
        await notices.wait(Media)
    with pytest.raises(CallError, match="4 calls"):
        await alice.agent.dial(bob.uri)
    carol = Party(await pool.lease())
    fifth, _ = await carol.dial(bob)
    assert (await fifth.wait_ended(2)).status == 486
    await calls[0][0].hang_up()
    await others[0][0].wait_ended(2)
    _, notices = await carol.dial(bob)
    other, _, _ = await bob.next_call()
    await other.answer()
    await notices.wait(Answered)


async def test_every_verb_raises_call_ended_on_an_ended_call(answered: AnsweredCall) -> None:
    await answered.callee.hang_up()
    await answered.caller.wait_ended(2)
    await answered.callee.wait_ended(2)
    for call in (answered.caller, answered.callee):
        for verb in _verbs(call):
            with pytest.raises(CallEnded, match="200"):
                await verb


async def test_verbs_may_race_with_the_end_of_the_call(answered: AnsweredCall) -> None:
    """The worker knows that the call has ended before this process does."""
    results = await asyncio.gather(answered.callee.hang_up(), *_verbs(answered.callee), return_exceptions=True)
    assert results[0] is None
    for result in results:
        if isinstance(result, socket.socket):
            result.close()
        assert result is None or isinstance(result, CallError | Statistics | socket.socket)
    assert answered.callee_agent.alive
    await answered.caller.wait_ended(2)


def _verbs(call: Call) -> list[Coroutine[Any, Any, object]]:
    return [
        call.answer(),
        call.ring(),
        call.reject(),
        call.hang_up(),
        call.hold(),
        call.resume(),
        call.send_digits("1"),
        call.send_digits("1", method="sip-info"),
        call.send_info("text/plain", "x"),
        call.transfer("sip:a@127.0.0.1"),
        call.stop_playing(),
        call.stop_recording(),
        call.open_pcm(),
        call.statistics(),
    ]


async def test_verbs_are_refused_in_the_wrong_state(alice: Party, bob: Party) -> None:
    call, _ = await alice.dial(bob)
    other, _, notices = await bob.next_call()
    for early in (other.hold(), other.send_digits("1"), other.transfer("sip:x@127.0.0.1"), other.statistics()):
        with pytest.raises(CallError):
            await early
    for wrong in (call.answer(), call.ring(), call.reject()):
        with pytest.raises(CallError, match="outgoing"):
            await wrong
    await other.answer()
    await notices.wait(Answered)
    for late in (other.answer(), other.ring(), other.reject()):
        with pytest.raises(CallError, match="answered already"):
            await late


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("uri", {"to": "tel:+12065550142"}),
        ("uri", {"to": "sip:bob@127.0.0.1\r\nX-Evil: 1"}),
        ("uri", {"to": "sip:bob@127.0.0.1?X-Evil=1"}),
        ("headers", {"headers": [("X Bad", "1")]}),
        ("headers", {"headers": [("Route", "<sip:evil>")]}),
        ("headers", {"headers": [("X-A", "é" * 1200)]}),
        ("uri", {"to": "sip:" + "a" * 500 + "@127.0.0.1"}),
        ("display_name", {"display_name": "é" * 101}),
        ("headers[X-A]", {"headers": [("X-A", "1\r\nX-B: 2")]}),
        ("caller", {"caller": "bob"}),
        ("display_name", {"display_name": "a\nb"}),
        ("codecs", {"codecs": ("MP3",)}),
        ("codecs", {"codecs": ()}),
    ],
)
async def test_unusable_values_are_refused_by_field(
    alice: Party, bob: Party, field: str, options: dict[str, object]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await alice.dial(options.pop("to", bob.uri), **options)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert not alice.agent.calls


async def test_a_dial_to_a_closed_port_ends_with_408(alice: Party) -> None:
    call, notices = await alice.dial("sip:nobody@127.0.0.1:9")
    ended = await call.wait_ended(4)
    assert (ended.status, ended.by) == (408, "local")
    assert notices.kinds == ["dialling", "ended"]


async def test_a_dial_to_an_unknown_host_is_refused(alice: Party) -> None:
    with pytest.raises(CallError):
        await alice.dial("sip:nobody@no-such-host.invalid")
    assert not alice.agent.calls


async def test_a_wait_that_times_out_names_the_state_of_the_call(answered: AnsweredCall) -> None:
    with pytest.raises(ExpectationFailed, match="answered"):
        await answered.caller.wait_ended(0.01)


async def test_a_call_without_on_incoming_is_answered_480(alice: Party, bob: Party) -> None:
    bob.agent.on_incoming = None
    call, _ = await alice.dial(bob)
    assert (await call.wait_ended(2)).status == 480


async def test_a_worker_can_call_itself(alice: Party) -> None:
    call, notices = await alice.dial(alice)
    other, _, other_notices = await alice.next_call()
    await other.answer()
    await notices.wait(Media)
    await other_notices.wait(Media)
    await other.hang_up()
    assert (await call.wait_ended(2)).by == "remote"


async def test_an_answer_without_a_common_codec_is_488(alice: Party, bob: Party) -> None:
    call, notices = await alice.dial(bob, codecs=("PCMA", "GSM"))
    other, incoming, other_notices = await bob.next_call()
    assert incoming.codecs == ("PCMA", "GSM")
    with pytest.raises(CallRefused, match="none of PCMU, G722 is in the offer") as caught:
        await other.answer(codecs=("PCMU", "G722"))
    assert caught.value.status == 488
    assert (await call.wait_ended(2)).status == 488
    assert (await other.wait_ended(2)).status == 488
    assert notices.kinds == ["dialling", "ended"]
    assert other_notices.kinds == ["ended"]


@pytest.mark.parametrize(
    ("offer", "answer", "codec", "payload_type", "clock_rate"),
    [
        (("G722", "PCMU"), ("G722",), "G722", 9, 8000),
        (("PCMU",), ("PCMU",), "PCMU", 0, 8000),
        (("PCMA", "PCMU"), ("PCMU", "PCMA"), "PCMU", 0, 8000),
        (("G722", "PCMU"), ("PCMU",), "PCMU", 0, 8000),
        (("PCMU", "G722", "PCMA"), ("PCMA", "G722"), "PCMA", 8, 8000),
        (("GSM", "ILBC"), ("ILBC",), "ILBC", None, 8000),
        (("SPEEX",), ("SPEEX",), "SPEEX", None, 8000),
        (("OPUS",), ("OPUS",), "OPUS", None, 48000),
        (("PCMU", "OPUS"), ("OPUS", "PCMU"), "OPUS", None, 48000),
        (("OPUS", "PCMU"), ("PCMU",), "PCMU", 0, 8000),
    ],
)
async def test_the_first_common_codec_of_the_callee_is_negotiated(
    alice: Party,
    bob: Party,
    offer: tuple[str, ...],
    answer: tuple[str, ...],
    codec: str,
    payload_type: int | None,
    clock_rate: int,
) -> None:
    _, notices = await alice.dial(bob, codecs=offer)
    other, incoming, other_notices = await bob.next_call()
    assert incoming.codecs == offer
    await other.answer(codecs=answer)  # type: ignore[arg-type]
    for log in (notices, other_notices):
        media = await log.wait(Media)
        assert (media.codec, media.clock_rate, media.direction) == (codec, clock_rate, "sendrecv")
        assert media.telephone_event is not None
        if payload_type is not None:
            assert media.payload_type == payload_type
    assert notices.of(Media)[0].local_rtp == other_notices.of(Media)[0].remote_rtp


@pytest.mark.parametrize(("offered", "accepted"), [(True, False), (False, True), (False, False)])
async def test_telephone_event_needs_both_sides(alice: Party, bob: Party, offered: bool, accepted: bool) -> None:
    _, notices = await alice.dial(bob, telephone_event=offered)
    other, incoming, other_notices = await bob.next_call()
    assert incoming.telephone_event is offered
    await other.answer(telephone_event=accepted)
    assert (await notices.wait(Media)).telephone_event is None
    assert (await other_notices.wait(Media)).telephone_event is None


async def test_ended_is_the_last_notice(connect: Connect) -> None:
    answered = await connect()
    await asyncio.gather(answered.caller.hang_up(), answered.callee.hang_up(), return_exceptions=True)
    await answered.caller.wait_ended(3)
    await answered.callee.wait_ended(3)
    assert len(answered.caller_notices.of(Ended)) == len(answered.callee_notices.of(Ended)) == 1
    assert answered.caller_notices.kinds[-1] == answered.callee_notices.kinds[-1] == "ended"


async def test_the_largest_allowed_messages_pass(alice: Party, bob: Party) -> None:
    big = [("X-Big", "é" * 1190)]
    call, notices = await alice.dial(bob, headers=big, codecs=("PCMU", "PCMA", "G722", "GSM", "ILBC", "SPEEX"))
    other, incoming, _ = await bob.next_call()
    assert dict(incoming.headers)["X-Big"] == "é" * 1190
    await other.answer(headers=big)
    assert dict((await notices.wait(Answered)).headers)["X-Big"] == "é" * 1190
    await call.send_info("text/plain", "é" * 1400)
    with pytest.raises(ConfigurationError, match="2800 bytes"):
        await call.send_info("text/plain", "é" * 1401)
    await call.hang_up(big)
    assert dict((await other.wait_ended(2)).headers)["X-Big"] == "é" * 1190


@pytest.mark.parametrize(
    "uri",
    ["sip:a@127.0.0.1:99999", "sip:a@127.0.0.1:0", "sip:a@[::1]:5060", "sips:a@127.0.0.1:9", "sip:%@127.0.0.1:9",
     "sip:a@127.0.0.1:9;transport=tcp", "sip:a@127.0.0.1:9;transport=tls", "sip:a@127.0.0.1:9;transport=ws"],
)  # fmt: skip
async def test_unreachable_targets_end_the_call_and_not_the_worker(alice: Party, uri: str) -> None:
    try:
        call, _ = await alice.dial(uri)
    except (CallError, ConfigurationError):
        pass
    else:
        ended = await call.wait_ended(4)
        assert ended.status >= 400
        assert ended.by == "local"
    assert alice.agent.alive
    assert not alice.agent.calls


async def test_collecting_ended_calls_does_not_hang_up_later_ones(alice: Party, bob: Party) -> None:
    """PJSIP reuses the slots of ended calls, whose objects are collected while later calls are up."""
    bob.agent.on_incoming = lambda call, _: answers.append(asyncio.ensure_future(call.answer()))
    answers: list[asyncio.Future[None]] = []
    for _ in range(56):
        call, notices = await alice.dial(bob)
        await notices.wait(Answered)
        await call.hang_up()
        await call.wait_ended(2)
    calls = [await alice.dial(bob) for _ in range(4)]
    for _, notices in calls:
        await notices.wait(Media)
    for call, _ in calls:
        with pytest.raises(ExpectationFailed):
            await call.wait_ended(0.8)
    await asyncio.gather(*answers)
