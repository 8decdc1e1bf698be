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
from tests.integration.front_door.front_door_with_workers import FrontDoorWithWorkers, ring


@pytest.mark.interop("sipp")
@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_calls_of_the_stock_sipp_scenario_succeed(tmp_path: Path, transport: str) -> None:
    async with FrontDoorWithWorkers(2) as setup:
        outcome = await sipp.run(
            tmp_path, setup.front_door.address, "-sn", "uac", "-m", "20", "-r", "20", "-d", "50", "-t", transport
        )
        assert (outcome.code, outcome.successful) == (0, 20), outcome.screen
        await _all_slots_free(setup)
        assert setup.crashes == []


@pytest.mark.parametrize("hangs_up", ["caller", "callee"])
@pytest.mark.parametrize("transport", ["", ";transport=tcp"])
async def test_a_call_from_pjsip_lasts_until_either_side_hangs_up(transport: str, hangs_up: str) -> None:
    async with FrontDoorWithWorkers(2) as setup:
        agent = await setup.pool.lease()
        caller = await agent.dial(f"sip:someone@{setup.front_door.address}{transport}")
        await _until(lambda: caller.state == "answered")
        callee = setup.calls[0]
        await _until(lambda: callee.state == "answered")
        await (caller if hangs_up == "caller" else callee).hang_up()
        for leg in (caller, callee):
            assert (await leg.wait_ended(2)).status == 200
        await _all_slots_free(setup)


async def test_a_call_to_a_foreign_uri_reaches_a_worker_by_its_route_header() -> None:
    async with FrontDoorWithWorkers(1) as setup:
        caller = await setup.pool.lease()
        call = await caller.dial("sip:bob@example.com", via_proxy=True)
        await _until(lambda: call.state == "answered")
        assert setup.calls[0].sip_call_id == call.sip_call_id
        await call.hang_up()
        await setup.calls[0].wait_ended(2)


@pytest.mark.interop("sipp")
@pytest.mark.parametrize("transport", ["u1", "t1"])
@pytest.mark.parametrize("state", ["talking", "ringing"])
async def test_the_call_of_a_sipp_peer_ends_when_its_worker_is_killed(
    tmp_path: Path, state: str, transport: str
) -> None:
    talking = state == "talking"
    scenario = scenarios.talks_until_bye(tmp_path) if talking else scenarios.rings_until(tmp_path, 480)
    async with FrontDoorWithWorkers(1, handle=_answer if talking else ring) as setup:
        peer = asyncio.create_task(
            sipp.run(tmp_path, setup.front_door.address, "-sf", scenario, "-m", "1", "-t", transport, within=10)
        )
        await asyncio.wait_for(setup.call_came.wait(), 5)
        await _until(lambda: setup.calls[0].state == ("answered" if talking else "incoming"))
        killed = time.monotonic()
        setup.kill(setup.agents[0])
        outcome = await peer
        assert (outcome.code, outcome.successful) == (0, 1), outcome.screen
        assert time.monotonic() - killed < 3
        teardowns = [record.fields["did"] for record in setup.timeline.records() if "did" in record.fields]
        assert teardowns == ["BYE to the caller" if talking else "480 to the caller"]


@pytest.mark.parametrize("transport", ["", ";transport=tcp"])
@pytest.mark.parametrize("state", ["talking", "ringing"])
async def test_the_call_of_a_pjsip_peer_ends_when_its_worker_is_killed(state: str, transport: str) -> None:
    talking = state == "talking"
    async with FrontDoorWithWorkers(1, handle=_answer if talking else ring) as setup:
        caller = await setup.pool.lease()
        call = await caller.dial(f"sip:someone@{setup.front_door.address}{transport}")
        await _until(lambda: call.state == ("answered" if talking else "ringing"))
        setup.kill(setup.agents[0])
        ended = await call.wait_ended(2)
        assert ended.by == "remote"
        assert ended.status == (200 if talking else 480)


async def test_the_call_of_a_callee_ends_when_the_calling_worker_is_killed() -> None:
    async with FrontDoorWithWorkers(2) as setup:
        notices: list[AnyCallNotice] = []
        caller = setup.agents[0]
        setup.group.remove(next(iter(setup.group)))
        call = await caller.dial("sip:bob@example.com", via_proxy=True, on_notice=notices.append)
        await _until(lambda: call.state == "answered")
        callee = setup.calls[0]
        await _until(lambda: callee.state == "answered")
        setup.kill(caller)
        assert (await callee.wait_ended(2)).by == "remote"
        with pytest.raises(WorkerCrashed):
            await caller.dial("sip:bob@example.com", via_proxy=True)
        assert isinstance(notices[-1], Ended)


async def _answer(call: Call) -> None:
    await call.answer()


async def _all_slots_free(setup: FrontDoorWithWorkers) -> None:
    await _until(lambda: all(destination.slots_in_use == 0 for destination in setup.group))


async def _until(condition: Callable[[], bool], within: float = 3) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, inspect.getsource(condition)
        await asyncio.sleep(0.005)
