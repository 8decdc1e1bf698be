"""A phone with more lines than one worker process has: several processes behind one number."""

from __future__ import annotations

import asyncio
import os
import re
import signal

import pytest

from fake_daily_server.handles.client import Client
from simulator.errors import ConfigurationError, ExpectationFailed, LineBusy
from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall

EXCHANGE, CALLERS = "+12065550150", "+12065550151"


async def calls_between(network: Network, lines: int) -> tuple[Phone, Phone, list[PhoneCall]]:
    """An exchange and callers with so many lines, all of which are in use: the calls at the callers' side."""
    exchange, callers = await network.phone(EXCHANGE, lines=lines), await network.phone(CALLERS, lines=lines)
    calls = await asyncio.gather(*(callers.dial(EXCHANGE) for _ in range(lines)))
    await asyncio.gather(*(call.wait_answered() for call in calls))
    return exchange, callers, calls


def pid_of(call: PhoneCall) -> int:
    """The process id of the worker of a call."""
    return call._call.user_agent.pid


def workers_of(phone: Phone) -> list[int]:
    """The process ids of the workers of a phone's calls that are up, one for each call."""
    return [pid_of(call) for call in phone.calls if call.state != "ended"]


async def test_ten_lines_carry_ten_calls_and_refuse_the_next(phone_network: Network) -> None:
    exchange, callers, _ = await calls_between(phone_network, 10)
    assert {len(phone.workers) for phone in (exchange, callers)} == {3}
    for phone in (exchange, callers):
        used = workers_of(phone)
        assert sorted(used.count(pid) for pid in set(used)) == [3, 3, 4]  # each call goes where the fewest are
    ann = await phone_network.phone("+12065550101")
    refused = await ann.dial(EXCHANGE)
    assert (await refused.wait_for_end()).status == 486


async def test_lines_that_end_are_free_again(phone_network: Network) -> None:
    exchange, callers, calls = await calls_between(phone_network, 6)
    for call in calls[:3]:
        await call.hang_up()
    again = await asyncio.gather(*(callers.dial(EXCHANGE) for _ in range(3)))
    await asyncio.gather(*(call.wait_answered() for call in again))
    assert len(workers_of(exchange)) == len(workers_of(callers)) == 6


async def test_digits_reach_the_call_they_were_pressed_in(phone_network: Network) -> None:
    exchange, _, calls = await calls_between(phone_network, 6)
    await asyncio.gather(*(call.press(str(number), duration_ms=80) for number, call in enumerate(calls)))
    for number, call in enumerate(calls):
        (there,) = [other for other in exchange.calls if other.sip_call_id == call.sip_call_id]
        await there.wait_for_digits(str(number))


async def test_the_death_of_a_worker_ends_its_calls_only(phone_network: Network) -> None:
    exchange, callers, calls = await calls_between(phone_network, 8)
    killed, other = sorted(set(workers_of(exchange)))
    os.kill(killed, signal.SIGKILL)
    lost = [call for call in exchange.calls if pid_of(call) == killed]
    ended = {call.sip_call_id for call in lost}
    await asyncio.gather(*(call.wait_for_end() for call in [*lost, *calls] if call.sip_call_id in ended))
    assert len(lost) == 4
    assert workers_of(exchange) == [other] * 4
    await exchange.wait_plugged_in()
    again = await asyncio.gather(*(callers.dial(EXCHANGE) for _ in range(4)))
    await asyncio.gather(*(call.wait_answered() for call in again))
    assert len(workers_of(exchange)) == 8


async def test_a_call_is_transferred_to_another_one_in_another_process(phone_network: Network) -> None:
    desk = await phone_network.phone(EXCHANGE, lines=8)
    await phone_network.phone("+12065550101", refers="follow")
    bob = await phone_network.phone("+12065550102")
    to_ann, to_bob = await desk.dial("+12065550101"), await desk.dial("+12065550102")
    await asyncio.gather(to_ann.wait_answered(), to_bob.wait_answered())
    assert pid_of(to_ann) != pid_of(to_bob)
    from_desk = await bob.wait_for_call()
    await to_ann.transfer_to_call(to_bob)
    await asyncio.gather(to_bob.wait_for_end(), from_desk.wait_for_end())
    (moved,) = [call for call in bob.calls if call.state != "ended"]
    assert moved.replaces_another


async def test_more_workers_than_the_network_has_are_refused_and_none_is_taken() -> None:
    async with Network(most_phones=3, warm_phones=0) as network:
        await network.phone("+12065550101")
        with pytest.raises(ConfigurationError, match=r"most_phones: 3 .* a process for every four lines"):
            await network.phone(EXCHANGE, lines=12)
        await network.phone(EXCHANGE, lines=8)


async def test_dialling_with_all_lines_in_use_is_refused(phone_network: Network) -> None:
    _, callers, _ = await calls_between(phone_network, 5)
    with pytest.raises(LineBusy, match="all 5 lines are in use"):
        await callers.dial(EXCHANGE)


@pytest.mark.parametrize(
    ("lines", "because"), [(1, "the only line is in use (lines)"), (4, "all 4 lines are in use (lines)")]
)
async def test_a_wait_for_the_answer_of_a_full_phone_says_that_it_is_full(
    phone_network: Network, lines: int, because: str
) -> None:
    exchange, callers = await phone_network.phone(EXCHANGE, lines=lines), await phone_network.phone(CALLERS, lines=8)
    for _ in range(lines):
        await (await callers.dial(EXCHANGE)).wait_answered()
    refused = await callers.dial(EXCHANGE)
    with pytest.raises(ExpectationFailed, match=re.escape(f"486 Busy Here, by remote: {because}")):
        await refused.wait_answered()
    await asyncio.gather(*(call.hang_up() for call in exchange.calls))


@pytest.mark.parametrize("lines", [1, 4])
async def test_a_dial_out_to_a_full_phone_says_that_it_is_full(
    phone_network: Network, daily_client: Client, lines: int
) -> None:
    await phone_network.phone(EXCHANGE, lines=lines)
    callers = await phone_network.phone(CALLERS)
    for _ in range(lines):
        await (await callers.dial(EXCHANGE)).wait_answered()
    await daily_client.start_dialout({"phoneNumber": EXCHANGE})
    await daily_client.wait_for("dialout-error")
    with pytest.raises(ExpectationFailed, match=r"486 Busy Here.*in use \(lines\)"):
        await daily_client.wait_for("dialout-answered", within=0.1)


async def test_a_call_is_transferred_to_an_answered_call_of_its_own_phone_only(phone_network: Network) -> None:
    exchange, ann = await phone_network.phone(EXCHANGE), await phone_network.phone("+12065550101")
    await phone_network.phone("+12065550102", calls="wait")
    call, ringing = await exchange.dial("+12065550101"), await exchange.dial("+12065550102")
    await call.wait_answered()
    for other in (call, ringing, ann.calls[-1]):
        with pytest.raises(ConfigurationError, match="another answered call of '\\+12065550150'"):
            await call.transfer_to_call(other)
