"""Cutting the network of a client, over the control API and from Python."""

from __future__ import annotations

import httpx
import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import NotFound
from tests.integration.signalling.raw_client import raw_client


async def test_the_network_of_a_client_is_cut_over_http(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room()
    async with raw_client(room.url) as ann, httpx.AsyncClient(base_url=fake_daily.url) as http:
        cut = await http.post(f"/_sim/clients/{ann.session_id}/network", json={"down_ms": 50})
        assert cut.json() == {"session_id": ann.session_id, "down_ms": 50}
        await ann.receive_until_lost()
        assert "result" in await ann.resume()
        unknown = await http.post("/_sim/clients/nobody/network")
        assert (unknown.status_code, unknown.json()["error"]) == (404, "not-found")


async def test_the_network_of_a_client_handle_is_cut(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room()
    ann, bob = await fake_daily.join(room), await fake_daily.join(room)
    await fake_daily.cut_network(ann, seconds=0.1)
    await bob.wait_for("participant-left", where={"participant.session_id": ann.session_id})
    with pytest.raises(NotFound, match="no client in a room has the session id"):
        await fake_daily.cut_network(ann)


async def test_a_reset_ends_the_wait_of_a_client_without_network(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room()
    async with raw_client(room.url) as ann:
        await fake_daily.cut_network(ann.session_id, seconds=30)
        await fake_daily.reset()
        assert (await ann.resume())["error"]["error"] == "gone"
