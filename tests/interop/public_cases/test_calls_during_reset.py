"""INVITEs that arrive while a server is being reset: each gets its final response, and no call outlasts the reset."""

from __future__ import annotations

import asyncio
import random

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.errors import SimulatorError
from tests.integration.relay.soon import soon
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp

ROUNDS = 12
CALLERS = 8
SPREAD_S = 0.06
"""The INVITEs of a round are sent within so many seconds, about as long as a reset takes."""


class Caller:
    """Calls once, a while after the start, and answers the BYE if it gets one."""

    def __init__(self, uri: str, address: str, delay_s: float) -> None:
        self._uri, self._delay_s = uri, delay_s
        host, _, port = address.partition(":")
        self._through = host, int(port)
        self.status = 0
        self.bye = False

    async def run(self, reset_over: asyncio.Event) -> None:
        async with RawUserAgent() as agent:
            dialog = RawDialog.calling(agent, self._uri, through=self._through)
            await asyncio.sleep(self._delay_s)
            await dialog.request("INVITE", audio_sdp(40000))
            response = await agent.final_response("1 INVITE")
            before = not reset_over.is_set()
            dialog.established(response)
            await dialog.request("ACK")
            self.status = response.status[0]
            if self.status != 200:
                return
            if before:
                bye = await agent.request("BYE")
                await dialog.answer("200 OK", to=bye)
                self.bye = True
            else:  # it has called the server as it is after the reset
                await dialog.request("BYE")
                await agent.final_response("2 BYE")


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_call_outlasts_a_reset(seed: int) -> None:
    chance = random.Random(seed)
    sip = {"sip_mode": "dial-in", "display_name": "SIP caller", "num_endpoints": 3}
    statuses = set()
    async with FakeDaily(Settings(port=0, sip_port=0, sip_timers="fast")) as daily:
        for _ in range(ROUNDS):
            room = await daily.create_room(sip=sip, enable_dialout=True)
            await daily.join(room)
            uris = [*room.sip_uris, f"sip:{daily.settings.dialin_number}@{daily.network.address}"]
            callers = [
                Caller(chance.choice(uris), daily.network.address, chance.uniform(0, SPREAD_S)) for _ in range(CALLERS)
            ]
            over = asyncio.Event()
            calling = [asyncio.create_task(caller.run(over)) for caller in callers]
            await asyncio.sleep(chance.uniform(0, SPREAD_S))
            await daily.reset()
            over.set()
            assert len(daily.gateway.group) == 1
            await asyncio.gather(*calling)
            statuses |= {caller.status for caller in callers}
            await soon(lambda: not daily.gateway.calls, "the end of all calls")
            assert not daily._running.telephony.legs
            assert all(worker.slots_in_use == 0 for worker in daily.gateway.group)
    assert statuses <= {200, 404, 480, 486, 503, 603}


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_dial_out_outlasts_a_reset(seed: int) -> None:
    chance = random.Random(seed)
    async with FakeDaily(Settings(port=0, sip_port=0, sip_timers="fast")) as daily, RawUserAgent() as agent:

        async def dial(client: Client, delay_s: float) -> None:
            await asyncio.sleep(delay_s)
            try:
                await client.start_dialout({"sipUri": agent.uri})
            except (SimulatorError, ConnectionError):
                return  # the room has gone

        for _ in range(ROUNDS):
            room = await daily.create_room(enable_dialout=True)
            clients = [await daily.join(room) for _ in range(3)]
            dialling = [asyncio.create_task(dial(client, chance.uniform(0, SPREAD_S))) for client in clients]
            await asyncio.sleep(chance.uniform(0, SPREAD_S))
            await daily.reset()
            await asyncio.gather(*dialling)
            assert not daily._running.telephony.legs
            await soon(lambda: not daily.gateway.calls, "the end of all calls")
