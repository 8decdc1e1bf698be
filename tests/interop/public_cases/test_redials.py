"""Peers that call again as soon as their BYE is answered: the line that they have left is free."""

from __future__ import annotations

from collections import Counter

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop.public_cases.raw_rtp import HOST
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp

NUMBER = "+12065550142"
REDIALS = 300
LINES = 4
"""As many as a phone, and its worker process, can have."""


async def test_an_endpoint_of_a_room_is_free_at_once(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    assert daily_client.session_id
    assert await redial(daily_room.sip_uris[0], fake_daily.network.address) == {200: REDIALS}


@pytest.mark.parametrize("lines", [1, LINES])
async def test_the_line_of_a_phone_is_free_at_once(phone_network: Network, lines: int) -> None:
    phone = await phone_network.phone(NUMBER, lines=lines)
    async with RawUserAgent() as others:
        for _ in range(lines - 1):
            dialog = RawDialog.calling(others, phone.uri, through=_host_port(phone_network.address))
            assert (await dialog.call(audio_sdp(40000))).status[0] == 200
        assert await redial(phone.uri, phone_network.address) == {200: REDIALS}


async def redial(uri: str, address: str) -> Counter[int]:
    """Call a URI many times, and return how often which status has come; each call ends before the next begins."""
    statuses: Counter[int] = Counter()
    async with RawUserAgent() as caller:
        for _ in range(REDIALS):
            dialog = RawDialog.calling(caller, uri, through=_host_port(address))
            response = await dialog.call(audio_sdp(40002))
            statuses[response.status[0]] += 1
            if response.status[0] == 200:
                await dialog.request("BYE")
                assert (await dialog.final_response()).status[0] == 200
    return statuses


def _host_port(address: str) -> tuple[str, int]:
    host, _, port = address.partition(":")
    assert host == HOST
    return host, int(port)
