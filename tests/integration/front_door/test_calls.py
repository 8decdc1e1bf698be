"""Real calls through the front door: SIPp and PJSIP callers, PJSIP workers."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import WorkerCrashed
from simulator.useragent.handle import Call
from simulator.useragent.messages import AnyCallNotice, Ended
from tests.integration.front_door import scenarios, sipp
from tests.integration.front_door.house import House, ring


@pytest.mark.interop("sipp")
@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_stock_sipp_calls_pass(tmp_path: Path, transport: str) -> None:
    async with House(2) as house:
        outcome = await sipp.run(
            tmp_path, house.door.address, "-sn", "uac", "-m", "20", "-r", "20", "-d", "50", "-t", transport
        )
        assert (outcome.code, outcome.successful) == (0, 20), outcome.screen
        await _all_slots_free(house)
        assert house.crashes == []


@pytest.mark.parametrize("hangs_up", ["caller", "callee"])
@pytest.mark.parametrize("transport", ["", ";transport=tcp"])
async def test_a_pjsip_caller_talks_to_a_worker_until_one_hangs_up(transport: str, hangs_up: str) -> None:
    async with House(2) as house:
        agent = await house.pool.lease()
        caller = await agent.dial(f"sip:someone@{house.door.address}{transport}")
        await _until(lambda: caller.state == "answered")
        callee = house.calls[0]
        await _until(lambda: callee.state == "answered")
        await (caller if hangs_up == "caller" else callee).hang_up()
        for leg in (caller, callee):
            assert (await leg.wait_ended(2)).status == 200
        await _all_slots_free(house)


async def test_a_call_for_the_proxy_alone_finds_its_way_by_route() -> None:
    async with House(1) as house:
        caller = await house.pool.lease()
        call = await caller.dial("sip:bob@example.com", via_proxy=True)
        await _until(lambda: call.state == "answered")
        assert house.calls[0].sip_call_id == call.sip_call_id
        await call.hang_up()
        await house.calls[0].wait_ended(2)


@pytest.mark.interop("sipp")
@pytest.mark.parametrize("transport", ["u1", "t1"])
@pytest.mark.parametrize("state", ["talking", "ringing"])
async def test_a_killed_worker_leaves_no_sipp_peer_behind(tmp_path: Path, state: str, transport: str) -> None:
    talking = state == "talking"
    scenario = scenarios.talks_until_bye(tmp_path) if talking else scenarios.rings_until(tmp_path, 480)
    async with House(1, handle=_answer if talking else ring) as house:
        peer = asyncio.create_task(
            sipp.run(tmp_path, house.door.address, "-sf", scenario, "-m", "1", "-t", transport, within=10)
        )
        await asyncio.wait_for(house.came.wait(), 5)
        await _until(lambda: house.calls[0].state == ("answered" if talking else "incoming"))
        killed = time.monotonic()
        house.kill(house.agents[0])
        outcome = await peer
        assert (outcome.code, outcome.successful) == (0, 1), outcome.screen
        assert time.monotonic() - killed < 3
        deeds = [record.fields["did"] for record in house.timeline.records() if "did" in record.fields]
        assert deeds == ["BYE to the caller" if talking else "480 to the caller"]


@pytest.mark.parametrize("transport", ["", ";transport=tcp"])
@pytest.mark.parametrize("state", ["talking", "ringing"])
async def test_a_killed_worker_leaves_no_pjsip_peer_behind(state: str, transport: str) -> None:
    talking = state == "talking"
    async with House(1, handle=_answer if talking else ring) as house:
        caller = await house.pool.lease()
        call = await caller.dial(f"sip:someone@{house.door.address}{transport}")
        await _until(lambda: call.state == ("answered" if talking else "ringing"))
        killed = time.monotonic()
        house.kill(house.agents[0])
        ended = await call.wait_ended(2)
        assert time.monotonic() - killed < 1
        assert ended.by == "remote"
        assert ended.status == (200 if talking else 480)


async def test_a_killed_caller_leaves_no_callee_behind() -> None:
    async with House(2) as house:
        notices: list[AnyCallNotice] = []
        caller = house.agents[0]
        house.group.remove(next(iter(house.group)))
        call = await caller.dial("sip:bob@example.com", via_proxy=True, on_notice=notices.append)
        await _until(lambda: call.state == "answered")
        callee = house.calls[0]
        await _until(lambda: callee.state == "answered")
        house.kill(caller)
        assert (await callee.wait_ended(2)).by == "remote"
        with pytest.raises(WorkerCrashed):
            await caller.dial("sip:bob@example.com", via_proxy=True)
        assert isinstance(notices[-1], Ended)


async def _answer(call: Call) -> None:
    await call.answer()


async def _all_slots_free(house: House) -> None:
    await _until(lambda: all(destination.busy == 0 for destination in house.group))


async def _until(true: Callable[[], bool], within: float = 3) -> None:
    """Workers report by themselves; whatever they report, `true` is looked at again soon."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, inspect.getsource(true)
        await asyncio.sleep(0.005)
