"""Digits between two workers, as telephone-events (RFC 4733) and by SIP INFO."""

from __future__ import annotations

import asyncio
import time

import pytest

from simulator.dtmf import InfoType
from simulator.errors import CallEnded, CallError, CallRefused, ConfigurationError
from simulator.useragent import DigitEnd, DigitsFailed, DigitsSent, DigitStart, InfoReceived
from tests.integration.useragent.conftest import AnsweredCall, Connect


async def test_every_digit_passes_as_telephone_event(answered: AnsweredCall) -> None:
    await answered.caller.send_digits("0159AD*#", duration_ms=60, gap_ms=60, wait=True)
    await answered.callee_notices.wait(DigitEnd, nth=8)
    ends = answered.callee_notices.of(DigitEnd)
    assert "".join(end.digit for end in ends) == "0159AD*#"
    assert {end.method for end in ends} == {"telephone-event"}
    assert all(abs(end.duration_ms - 60) <= 20 for end in ends)
    assert len(answered.callee_notices.of(DigitStart)) == 8


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
@pytest.mark.parametrize("duration", [40, 100, 250, 500])
async def test_digit_durations_are_kept(connect: Connect, codec: str, duration: int) -> None:
    answered = await connect(codecs=(codec,))
    await answered.callee.send_digits("7", duration_ms=duration)
    end = await answered.caller_notices.wait(DigitEnd)
    assert (end.digit, end.method) == ("7", "telephone-event")
    assert abs(end.duration_ms - duration) <= 20


async def test_gaps_between_digits_are_kept(answered: AnsweredCall) -> None:
    await answered.caller.send_digits("12", duration_ms=100, gap_ms=300, wait=True)
    second = await answered.callee_notices.wait(DigitStart, nth=2)
    first = answered.callee_notices.of(DigitStart)[0]
    assert 0.36 <= second.at - first.at < 0.8


async def test_a_comma_is_a_pause_of_one_second(answered: AnsweredCall) -> None:
    await answered.caller.send_digits("1,2", duration_ms=100, gap_ms=100, wait=True)
    second = await answered.callee_notices.wait(DigitStart, nth=2)
    assert 1.15 <= second.at - answered.callee_notices.of(DigitStart)[0].at <= 1.30


async def test_digit_sequences_are_queued(answered: AnsweredCall) -> None:
    await answered.caller.send_digits("123", duration_ms=40, gap_ms=40)
    await answered.caller.send_digits("456", duration_ms=40, gap_ms=40, method="sip-info")
    await answered.caller.send_digits("7", duration_ms=40, wait=True)
    await answered.callee_notices.wait(DigitEnd, nth=7)
    assert "".join(end.digit for end in answered.callee_notices.of(DigitEnd)) == "1234567"
    assert len(answered.caller_notices.of(DigitsSent)) == 3


@pytest.mark.parametrize(("info_type", "duration"), [("application/dtmf-relay", 160), ("application/dtmf", 250)])
async def test_digits_pass_as_sip_info(connect: Connect, info_type: InfoType, duration: int) -> None:
    answered = await connect(telephone_event=False)
    began = time.monotonic()
    await answered.caller.send_digits(
        "1*#A",
        method="sip-info",
        duration_ms=160,
        gap_ms=40,
        info_type=info_type,
        wait=True,
    )
    assert time.monotonic() - began >= 0.75
    ends = answered.callee_notices.of(DigitEnd)
    assert [(e.digit, e.method, e.duration_ms) for e in ends] == [(d, "sip-info", duration) for d in "1*#A"]
    assert not answered.callee_notices.of(DigitStart)


async def test_telephone_event_is_refused_when_it_was_not_negotiated(connect: Connect) -> None:
    answered = await connect(telephone_event=False)
    for call in (answered.caller, answered.callee):
        with pytest.raises(CallError, match=r"telephone-event was not negotiated.*sip-info works"):
            await call.send_digits("1")


async def test_invalid_digits_are_refused(answered: AnsweredCall) -> None:
    for digits, options in (("12x", {}), ("", {}), ("1", {"duration_ms": 5}), ("1", {"gap_ms": -1})):
        with pytest.raises(ConfigurationError):
            await answered.caller.send_digits(digits, **options)  # type: ignore[arg-type]


async def test_the_end_of_the_call_stops_its_digits(answered: AnsweredCall) -> None:
    sending = asyncio.ensure_future(answered.caller.send_digits("1234567890", wait=True))
    await answered.callee_notices.wait(DigitEnd)
    await answered.callee.hang_up()
    with pytest.raises((CallEnded, CallError)):
        await sending
    await answered.caller.wait_ended(2)
    await answered.callee.wait_ended(2)
    assert len(answered.caller_notices.of(DigitsFailed)) == 1
    assert answered.caller_notices.kinds[-1] == answered.callee_notices.kinds[-1] == "ended"


async def test_a_digit_interrupted_by_the_end_of_the_call_still_ends(answered: AnsweredCall) -> None:
    await answered.caller.send_digits("5", duration_ms=4000)
    await answered.callee_notices.wait(DigitStart)
    await answered.callee.hang_up()
    await answered.callee.wait_ended(2)
    assert [n.kind for n in answered.callee_notices.all[-3:]] == ["digit_start", "digit_end", "ended"]


async def test_info_passes_with_any_body(answered: AnsweredCall) -> None:
    await answered.caller.send_info("application/json", '{"a": "ü"}')
    info = await answered.callee_notices.wait(InfoReceived)
    assert (info.content_type, info.body) == ("application/json", '{"a": "ü"}')


async def test_malformed_dtmf_info_is_answered_400(answered: AnsweredCall) -> None:
    with pytest.raises(CallRefused) as caught:
        await answered.caller.send_info("application/dtmf-relay", "Signal=what\r\n")
    assert caught.value.status == 400
    for bad in ("json", "a/b\r\nX-Evil: 1"):
        with pytest.raises(ConfigurationError):
            await answered.caller.send_info(bad, "")


@pytest.mark.parametrize(
    ("body", "digit", "duration"),
    [
        ("Signal=10\r\nDuration=120\r\n", "*", 120),
        ("Signal=11\r\nDuration=120\r\n", "#", 120),
        ("Signal= 5\r\nDuration= 160\r\n", "5", 160),
        ("signal=d\nduration=190", "D", 190),
        ("Signal=#\nDuration=90", "#", 100),
    ],
)
async def test_variants_of_dtmf_relay_bodies_are_understood(
    answered: AnsweredCall, body: str, digit: str, duration: int
) -> None:
    await answered.caller.send_info("application/dtmf-relay", body)
    end = await answered.callee_notices.wait(DigitEnd)
    assert (end.digit, end.duration_ms) == (digit, duration)
    assert len(answered.callee_notices.of(DigitEnd)) == 1
