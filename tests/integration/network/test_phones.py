"""Phones call each other through the network: call plans, the methods of calls, and errors."""

from __future__ import annotations

import time
import wave
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import CallEnded, CallError, ConfigurationError, ExpectationFailed, HostNotAllowed
from simulator.network import Network
from simulator.phone import Phone
from simulator.timeline import Record

ANN, BOB = "+12065550142", "+12065550143"


@pytest.fixture
async def ann(phone_network: Network) -> Phone:
    return await phone_network.phone(ANN, name="ann")


async def test_two_phones_call_each_other_send_digits_and_hang_up(phone_network: Network, ann: Phone) -> None:
    bob = await phone_network.phone(BOB, name="bob")
    calling = await ann.dial(BOB, headers={"X-Reason": "test"}, display_name="Ann Other")
    called = await bob.wait_for_call()
    media = await calling.wait_answered()
    assert (media.codec, media.telephone_event is not None) == ("PCMU", True)
    assert called.headers["X-Reason"] == "test"
    assert called.remote_name == "Ann Other"
    assert called.remote == f"sip:{ANN}@127.0.0.1"
    assert called.sip_call_id == calling.sip_call_id
    await calling.press("12", duration_ms=60)
    await called.wait_for_digits("12", method="telephone-event")
    await called.press("*#", method="sip-info")
    await calling.wait_for_digits("*#", method="sip-info")
    await called.hang_up()
    assert (await calling.wait_for_end()).by == "remote"
    assert (await called.wait_for_end()).by == "local"
    await called.hang_up()


@pytest.mark.parametrize(
    ("plan", "status", "reason"),
    [
        ("busy", 486, "Busy Here"),
        ("decline", 603, "Decline"),
        ({"then": "busy", "reason": "On Another Line"}, 486, "On Another Line"),
        ({"ring_ms": 30, "then": "decline"}, 603, "Decline"),
        ({"status": 480, "reason": "Gone Home"}, 480, "Gone Home"),
        ({"status": 404}, 404, "Not Found"),
    ],
)
async def test_the_caller_receives_the_planned_refusal(
    phone_network: Network, ann: Phone, plan: Any, status: int, reason: str
) -> None:
    await phone_network.phone(BOB, calls=[plan])
    call = await ann.dial(BOB)
    ended = await call.wait_for_end()
    assert (ended.status, ended.reason, ended.by) == (status, reason, "remote")


async def test_plans_apply_to_calls_in_turn_and_the_last_one_to_all_further_calls(
    phone_network: Network, ann: Phone
) -> None:
    await phone_network.phone(BOB, calls=["busy", {"status": 503}, "answer"])
    outcomes = []
    for _ in range(4):
        call = await ann.dial(BOB)
        try:
            await call.wait_answered()
            outcomes.append(200)
            await call.hang_up()
        except ExpectationFailed:
            assert call.ended is not None
            outcomes.append(call.ended.status)
    assert outcomes == [486, 503, 200, 200]


async def test_a_phone_with_the_plan_drop_hangs_up_by_itself(phone_network: Network, ann: Phone) -> None:
    await phone_network.phone(BOB, calls=[{"then": "drop", "after_ms": 200}])
    call = await ann.dial(BOB)
    await call.wait_answered()
    began = time.monotonic()
    ended = await call.wait_for_end()
    assert ended.by == "remote"
    assert 0.15 < time.monotonic() - began < 2


async def test_a_phone_with_the_plan_no_answer_rings_until_the_caller_hangs_up(
    phone_network: Network, ann: Phone
) -> None:
    bob = await phone_network.phone(BOB, calls="no_answer")
    call = await ann.dial(BOB)
    called = await bob.wait_for_call()
    with pytest.raises(ExpectationFailed, match="keeps ringing as planned"):
        await called.wait_answered(within=0.1)
    await call.hang_up()
    assert (await called.wait_for_end()).status == 487


async def test_a_phone_with_one_line_answers_a_second_call_busy(phone_network: Network, ann: Phone) -> None:
    await phone_network.phone(BOB, lines=1)
    first = await ann.dial(BOB)
    await first.wait_answered()
    second = await ann.dial(BOB)
    assert (await second.wait_for_end()).status == 486


async def test_the_other_phone_notices_hold_and_resume(phone_network: Network, ann: Phone) -> None:
    bob = await phone_network.phone(BOB)
    calling = await ann.dial(BOB)
    called = await bob.wait_for_call()
    await calling.wait_answered()
    records = phone_network.timeline
    await calling.hold()
    assert await records.until(lambda: called.held_by, within=5) == "remote"
    await calling.resume()
    assert await records.until(lambda: called.held_by is None or None, within=5)


async def test_a_played_file_is_recorded_by_the_other_phone(phone_network: Network, ann: Phone, tmp_path: Path) -> None:
    source, heard = tmp_path / "hello.wav", tmp_path / "heard.wav"
    with wave.open(str(source), "wb") as tone:
        tone.setparams((1, 2, 8000, 0, "NONE", ""))
        tone.writeframes(b"\x00\x20\x00\xe0" * 4000)
    bob = await phone_network.phone(BOB)
    calling = await ann.dial(BOB)
    called = await bob.wait_for_call()
    await calling.wait_answered()
    await called.record(heard)
    await calling.play(source, loop=True)
    await calling.press("1", duration_ms=300)
    await called.wait_for_digits("1")
    await called.stop_recording()
    with wave.open(str(heard)) as recording:
        frames = recording.readframes(recording.getnframes())
    assert any(frames)


@pytest.mark.parametrize("target", ["sip:bob@example.com", "sip:sip:bob@example.com", "bob@example.com"])
async def test_a_simulated_uri_never_leaves_the_machine(phone_network: Network, ann: Phone, target: str) -> None:
    bob = await phone_network.phone(uri="sip:bob@example.com")
    call = await ann.dial(target)
    await call.wait_answered()
    assert (await bob.wait_for_call()).sip_call_id == call.sip_call_id


async def test_targets_that_cannot_be_dialled_have_errors_of_their_own(phone_network: Network, ann: Phone) -> None:
    unknown = await ann.dial("+12065550199")
    assert (await unknown.wait_for_end()).status == 404
    with pytest.raises(HostNotAllowed, match="allow_hosts"):
        await ann.dial("sip:x@pbx.example.org")
    with pytest.raises(ConfigurationError, match=r"E\.164"):
        await ann.dial("+1")
    with pytest.raises(ConfigurationError, match="SIP URI"):
        await ann.dial("not a number")
    with pytest.raises(ConfigurationError, match="X-Bad"):
        await ann.dial(ANN, headers={"X-Bad": "a\r\nX-Evil: b"})
    with pytest.raises(ConfigurationError, match=r"a number that no phone has; .* remove it, or reset\(\) first"):
        await phone_network.phone(ANN)
    with pytest.raises(ConfigurationError, match="number"):
        await phone_network.phone("12065550142")


async def test_methods_of_an_ended_call_raise_call_ended(phone_network: Network, ann: Phone) -> None:
    bob = await phone_network.phone(BOB)
    call = await ann.dial(BOB)
    await call.wait_answered()
    await (await bob.wait_for_call()).hang_up()
    await call.wait_for_end()
    for method in (call.hold, call.resume, call.answer, call.statistics):
        with pytest.raises(CallEnded, match="200"):
            await method()
    with pytest.raises(CallEnded):
        await call.press("1")


async def test_methods_in_the_wrong_state_fail_without_effect_on_the_call(phone_network: Network, ann: Phone) -> None:
    bob = await phone_network.phone(BOB, calls="wait")
    call = await ann.dial(BOB)
    called = await bob.wait_for_call()
    with pytest.raises(CallError):
        await call.hold()
    with pytest.raises(CallError):
        await call.answer()
    await called.answer()
    await call.wait_answered()
    with pytest.raises(CallError):
        await called.reject(486)
    assert call.state == called.state == "answered"


async def test_a_wait_for_digits_fails_at_the_first_different_digit_and_shows_it(
    phone_network: Network, ann: Phone
) -> None:
    bob = await phone_network.phone(BOB)
    call = await ann.dial(BOB)
    called = await bob.wait_for_call()
    await call.wait_answered()
    await call.press("7", duration_ms=60)
    began = time.monotonic()
    with pytest.raises(ExpectationFailed, match=r"7 \(telephone-event"):
        await called.wait_for_digits("12", within=10)
    assert time.monotonic() - began < 5


async def test_the_number_of_a_closed_phone_is_free(phone_network: Network, ann: Phone) -> None:
    bob = await phone_network.phone(BOB)
    await bob.close()
    call = await ann.dial(BOB)
    assert (await call.wait_for_end()).status == 404
    await phone_network.phone(BOB)


async def test_the_carrier_refuses_calls_until_the_number_is_restored(phone_network: Network, ann: Phone) -> None:
    await phone_network.phone(BOB)
    phone_network.refuse(BOB, 502, "Bad Trunk")
    ended = await (await ann.dial(BOB)).wait_for_end()
    assert (ended.status, ended.reason) == (502, "Bad Trunk")
    phone_network.restore(BOB)
    await (await ann.dial(BOB)).wait_answered()


@pytest.mark.parametrize("uri", ["sip:sales@127.0.0.1", "sip:sales@localhost:5999", "sip:bob@example.com"])
async def test_a_simulated_phone_comes_before_a_real_peer_at_its_uri(
    phone_network: Network, ann: Phone, uri: str
) -> None:
    sales = await phone_network.phone(uri=uri)
    calling = await ann.dial(uri)
    await sales.wait_for_call()
    await calling.wait_answered()


async def test_a_phone_transfers_its_peer_to_a_number(phone_network: Network, ann: Phone) -> None:
    bob = await phone_network.phone(BOB, name="bob", refers="follow")
    carol = await phone_network.phone("+12065550144", name="carol")
    calling = await ann.dial(BOB)
    await bob.wait_for_call()
    await calling.wait_answered()
    assert carol.number is not None
    await calling.transfer(carol.number)
    await carol.wait_for_call()
    told = await phone_network.timeline.wait(lambda record: record.fields.get("action") == "receives NOTIFY", within=3)
    assert told is not None
    assert told.fields["status"] == 202
    with pytest.raises(ConfigurationError, match="to"):
        await calling.transfer("+1206")


async def test_the_answer_to_a_refused_refer_is_on_the_timeline(phone_network: Network, ann: Phone) -> None:
    await phone_network.phone(BOB, name="bob")
    calling = await ann.dial(BOB)
    await calling.wait_answered()
    await calling.transfer("sip:carol@127.0.0.1:5099")
    for name, action in (("ann", "receives NOTIFY"), ("bob", "receives REFER")):
        told = await phone_network.timeline.wait(partial(_has_action, action), within=3)
        assert told is not None
        assert (told.fields["phone"], told.fields["status"]) == (name, 603)


def _has_action(action: str, record: Record) -> bool:
    return record.fields.get("action") == action
