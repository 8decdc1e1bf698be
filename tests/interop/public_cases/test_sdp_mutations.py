"""Descriptions with seeded mistakes, as offers and as answers: no worker dies, and no call stands."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.public_cases.descriptions import audio, front_door, sdp, worker_deaths
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent
from tests.unit.sdp.mutations import mutated

COUNT = 12


@pytest.mark.parametrize("seed", [11, 12, 13])
async def test_offers(fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, seed: int) -> None:
    """Every offer gets a final response; an answered call takes a re-INVITE with the next description."""
    for text in mutated(seed, COUNT):
        async with RawUserAgent() as agent:
            dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
            response = await dialog.call(text)
            answered = response.status[0] == 200
            if answered:
                await dialog.reinvite(next(mutated(seed + 100, 1)))
                await dialog.request("BYE")
                await dialog.final_response()
        await daily_client.wait_for("dialin-stopped" if answered else "dialin-error")
    assert worker_deaths(fake_daily) == []
    assert list(fake_daily.gateway.calls) == []


@pytest.mark.parametrize("seed", [21, 22, 23])
@pytest.mark.parametrize("early", ["no", "183", "reliable 183"])
async def test_answers(fake_daily: FakeDaily, daily_client: Client, seed: int, early: str) -> None:
    """Every answer leads to an ACK and one BYE, whoever sends it."""
    for text in mutated(seed, COUNT // 3):
        async with RawUserAgent() as agent:
            session_id = await daily_client.start_dialout({"sipUri": agent.uri})
            dialog = await RawDialog.called(agent)
            if early != "no":
                headers = {"Require": "100rel", "RSeq": "1"} if early == "reliable 183" else {}
                await dialog.answer("183 Session Progress", text, headers=headers)
                if headers:
                    await dialog.answer("200 OK", to=await agent.receive("PRACK "))
            await dialog.answer("200 OK", sdp(audio(40000)) if early != "no" else text)
            await agent.receive("ACK ")
            bye = asyncio.create_task(agent.receive("BYE "))
            answered = asyncio.create_task(daily_client.wait_for("dialout-answered"))
            await asyncio.wait({bye, answered}, return_when=asyncio.FIRST_COMPLETED)
            if answered.done():
                await daily_client.stop_dialout(session_id)
            await dialog.answer("200 OK", to=await bye)
            await daily_client.wait_for("dialout-stopped" if answered.done() else "dialout-error")
            answered.cancel()
            assert agent.count("BYE") == 1
    assert worker_deaths(fake_daily) == []
