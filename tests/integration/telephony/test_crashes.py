"""A worker process that dies ends its own calls and no others."""

from __future__ import annotations

import os
import signal

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network

NUMBER = "+12065550142"


def kill_gateway_worker(fake_daily: FakeDaily) -> None:
    """kill -9 on the worker that carries the gateway's one call."""
    (call,) = fake_daily.gateway.calls
    os.kill(call.user_agent.pid, signal.SIGKILL)


async def test_a_dialled_call_ends_with_an_error_and_the_next_one_works(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER)
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered")
    call = await phone.wait_for_call()
    await call.wait_answered()
    kill_gateway_worker(fake_daily)
    await daily_client.wait_for("participant-left", where={"participant.session_id": session_id})
    error = await daily_client.wait_for("dialout-error", where={"sessionId": session_id})
    assert "SIGKILL" in error["errorMsg"] or "worker" in error["errorMsg"]
    assert error["sipCallId"] == call.sip_call_id
    assert (await call.wait_for_end(within=2)).by == "remote"

    again = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered", where={"sessionId": again})


async def test_an_incoming_call_ends_with_an_error_and_the_caller_can_redial(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await phone_network.phone(NUMBER)
    call = await caller.dial(daily_room.sip_uris[0])
    await call.wait_answered()
    connected, _ = await daily_client.wait_for(["dialin-connected", "participant-joined"])
    kill_gateway_worker(fake_daily)
    await daily_client.wait_for("participant-left", where={"participant.session_id": connected["sessionId"]})
    error = await daily_client.wait_for("dialin-error", where={"sessionId": connected["sessionId"]})
    assert "type" not in error
    assert (await call.wait_for_end(within=2)).by == "remote"

    again = await caller.dial(daily_room.sip_uris[0])
    await again.wait_answered()
    await daily_client.wait_for("dialin-connected")


async def test_a_phone_whose_worker_dies_hangs_up_and_gets_another_worker(
    phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER)
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    call = await phone.wait_for_call()
    await call.wait_answered()
    await daily_client.wait_for("dialout-answered")
    pid = phone.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert (await call.wait_for_end(within=2)).by == "worker"
    await daily_client.wait_for(["participant-left", "dialout-stopped"], where=None)
    assert session_id
    await phone.wait_plugged_in()
    assert phone.worker_pid != pid
    again = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered", where={"sessionId": again})
