"""Digits between two workers, by RFC 4733 events and by SIP INFO."""

from __future__ import annotations

import asyncio
import time

import pytest

from simulator.dtmf import InfoType
from simulator.errors import CallEnded, CallError, CallRefused, ConfigurationError
from simulator.useragent import DigitEnd, DigitsFailed, DigitsSent, DigitStart, InfoReceived
from tests.integration.useragent.conftest import Connect, Talk


async def test_every_key_by_telephone_event(talk: Talk) -> None:
    await talk.caller.send_digits("0159AD*#", duration_ms=60, gap_ms=60, wait=True)
    await talk.callee_heard.wait(DigitEnd, nth=8)
    ends = talk.callee_heard.of(DigitEnd)
    assert "".join(end.digit for end in ends) == "0159AD*#"
    assert {end.method for end in ends} == {"telephone-event"}
    assert all(abs(end.duration_ms - 60) <= 20 for end in ends)
    assert len(talk.callee_heard.of(DigitStart)) == 8


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
@pytest.mark.parametrize("duration", [40, 100, 250, 500])
async def test_durations(connect: Connect, codec: str, duration: int) -> None:
    talk = await connect(codecs=(codec,))
    await talk.callee.send_digits("7", duration_ms=duration)
    end = await talk.caller_heard.wait(DigitEnd)
    assert (end.digit, end.method) == ("7", "telephone-event")
    assert abs(end.duration_ms - duration) <= 20


async def test_gaps_between_digits(talk: Talk) -> None:
    await talk.caller.send_digits("12", duration_ms=100, gap_ms=300, wait=True)
    second = await talk.callee_heard.wait(DigitStart, nth=2)
    first = talk.callee_heard.of(DigitStart)[0]
    assert 0.36 <= second.at - first.at <= 0.46


async def test_a_comma_is_a_pause_of_a_second(talk: Talk) -> None:
    await talk.caller.send_digits("1,2", duration_ms=100, gap_ms=100, wait=True)
    second = await talk.callee_heard.wait(DigitStart, nth=2)
    assert 1.15 <= second.at - talk.callee_heard.of(DigitStart)[0].at <= 1.30


async def test_sequences_queue_up(talk: Talk) -> None:
    await talk.caller.send_digits("123", duration_ms=40, gap_ms=40)
    await talk.caller.send_digits("456", duration_ms=40, gap_ms=40, method="sip-info")
    await talk.caller.send_digits("7", duration_ms=40, wait=True)
    await talk.callee_heard.wait(DigitEnd, nth=7)
    assert "".join(end.digit for end in talk.callee_heard.of(DigitEnd)) == "1234567"
    assert len(talk.caller_heard.of(DigitsSent)) == 3


@pytest.mark.parametrize(("info_type", "duration"), [("application/dtmf-relay", 160), ("application/dtmf", 250)])
async def test_sip_info(connect: Connect, info_type: InfoType, duration: int) -> None:
    talk = await connect(telephone_event=False)
    began = time.monotonic()
    await talk.caller.send_digits(
        "1*#A",
        method="sip-info",
        duration_ms=160,
        gap_ms=40,
        info_type=info_type,
        wait=True,
    )
    assert 0.75 <= time.monotonic() - began <= 0.95
    ends = talk.callee_heard.of(DigitEnd)
    assert [(e.digit, e.method, e.duration_ms) for e in ends] == [(d, "sip-info", duration) for d in "1*#A"]
    assert not talk.callee_heard.of(DigitStart)


async def test_telephone_event_that_was_not_negotiated(connect: Connect) -> None:
    talk = await connect(telephone_event=False)
    for call in (talk.caller, talk.callee):
        with pytest.raises(CallError, match=r"telephone-event was not negotiated.*sip-info works"):
            await call.send_digits("1")


async def test_wrong_digits(talk: Talk) -> None:
    for digits, options in (("12x", {}), ("", {}), ("1", {"duration_ms": 5}), ("1", {"gap_ms": -1})):
        with pytest.raises(ConfigurationError):
            await talk.caller.send_digits(digits, **options)  # type: ignore[arg-type]


async def test_the_call_ends_while_digits_are_sent(talk: Talk) -> None:
    sending = asyncio.ensure_future(talk.caller.send_digits("1234567890", wait=True))
    await talk.callee_heard.wait(DigitEnd)
    await talk.callee.hang_up()
    with pytest.raises((CallEnded, CallError)):
        await sending
    await talk.caller.wait_ended(2)
    await talk.callee.wait_ended(2)
    assert len(talk.caller_heard.of(DigitsFailed)) == 1
    assert talk.caller_heard.kinds[-1] == talk.callee_heard.kinds[-1] == "ended"


async def test_a_digit_cut_off_by_the_end_of_the_call_still_ends(talk: Talk) -> None:
    await talk.caller.send_digits("5", duration_ms=4000)
    await talk.callee_heard.wait(DigitStart)
    await talk.callee.hang_up()
    await talk.callee.wait_ended(2)
    assert [n.kind for n in talk.callee_heard.notices[-3:]] == ["digit_start", "digit_end", "ended"]


async def test_info_with_any_body(talk: Talk) -> None:
    await talk.caller.send_info("application/json", '{"a": "ü"}')
    info = await talk.callee_heard.wait(InfoReceived)
    assert (info.content_type, info.body) == ("application/json", '{"a": "ü"}')


async def test_info_that_claims_to_be_dtmf_and_is_not(talk: Talk) -> None:
    with pytest.raises(CallRefused) as caught:
        await talk.caller.send_info("application/dtmf-relay", "Signal=what\r\n")
    assert caught.value.status == 400
    for bad in ("json", "a/b\r\nX-Evil: 1"):
        with pytest.raises(ConfigurationError):
            await talk.caller.send_info(bad, "")


@pytest.mark.parametrize(
    ("body", "digit", "duration"),
    [
        ("Signal=10\r\nDuration=120\r\n", "*", 120),
        ("Signal=11\r\nDuration=120\r\n", "#", 120),
        ("Signal= 5\r\nDuration= 160\r\n", "5", 160),
        ("signal=d\nduration=90", None, 0),
        ("Signal=#\nDuration=90", "#", 90),
    ],
)
async def test_spellings_of_dtmf_relay(talk: Talk, body: str, digit: str | None, duration: int) -> None:
    if digit is None:
        with pytest.raises(CallRefused):
            await talk.caller.send_info("application/dtmf-relay", body)
        return
    await talk.caller.send_info("application/dtmf-relay", body)
    end = await talk.callee_heard.wait(DigitEnd)
    assert (end.digit, end.duration_ms) == (digit, duration)
    assert len(talk.callee_heard.of(DigitEnd)) == 1
