"""Child processes of a server are killed: the next call works."""

from __future__ import annotations

import os
import signal

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.errors import ExpectationFailed
from simulator.network import Network
from simulator.useragent import Crashed, Pool, WorkerSettings
from tests.hostile.killed import children, kill_unnoticed

NUMBER = "+12065550142"


async def test_a_gateway_without_any_worker_dials(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    await phone_network.phone(NUMBER)
    await kill_unnoticed(fake_daily.owner_loop, *children("ua-gateway"))
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})


async def test_a_gateway_without_any_worker_is_called(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER)
    await kill_unnoticed(fake_daily.owner_loop, *children("ua-gateway"))
    assert daily_client.session_id
    call = await phone.dial(daily_room.sip_uris[0])
    await call.wait_answered()


async def test_a_phone_without_any_worker_dials(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER)
    await kill_unnoticed(fake_daily.owner_loop, *children("ua-phone"))
    assert daily_client.session_id
    call = await phone.dial(daily_room.sip_uris[0])
    await call.wait_answered()


async def test_a_phone_without_any_worker_is_called(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    await phone_network.phone(NUMBER)
    await kill_unnoticed(fake_daily.owner_loop, *children("ua-phone"))
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})


async def test_calls_work_again_after_the_death_of_all_processes() -> None:
    others = set(children())
    async with FakeDaily(Settings(port=0, sip_port=0, sip_timers="fast")) as daily:
        room = await daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in", "display_name": "caller"})
        client = await daily.join(room)
        phone = await daily.network.phone(NUMBER)
        first = await phone.dial(room.sip_uris[0])
        await first.wait_answered()
        await kill_unnoticed(daily.owner_loop, *(set(children()) - others))
        assert (await first.wait_for_end()).by == "worker"
        session_id = await client.start_dialout({"phoneNumber": NUMBER})
        await client.wait_for("dialout-answered", where={"sessionId": session_id})


async def test_a_phone_that_was_removed_does_not_wait_for_a_worker(phone_network: Network) -> None:
    phone = await phone_network.phone(NUMBER)
    await phone.close()
    with pytest.raises(ExpectationFailed, match="the phone was closed"):
        await phone.dial("sip:nobody@127.0.0.1:9")


async def test_a_crash_that_happened_before_anybody_asked_is_told_at_once() -> None:
    async with Pool(WorkerSettings(), warm=0, limit=1) as pool:
        agent = await pool.lease()
        os.kill(agent.pid, signal.SIGKILL)
        await agent.exited.wait()
        crashes: list[Crashed] = []
        agent.on_crash = crashes.append
        assert [crash.pid for crash in crashes] == [agent.pid]
        agent.on_crash = crashes.append
        assert len(crashes) == 1
        assert (await pool.lease()).alive
