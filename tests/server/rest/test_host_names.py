"""The names by which a server may be addressed, and the key that `/_sim` needs where other machines reach it."""

from __future__ import annotations

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from fake_daily_server.app import create_app
from fake_daily_server.settings import Settings
from fake_daily_server.site import Site
from simulator.timeline import Timeline
from tests.daily_side import DailySide, RecordingTelephony, daily_side

OWN = (
    "localhost",
    "LOCALHOST:80",
    "sandbox.localhost",
    "127.0.0.1",
    "[::1]:7880",
    "192.168.7.9:7880",
    "localhost.",
)
FOREIGN = ("evil.example", "evil.example:7880", "127.0.0.1.evil.example", "localhost.evil.example", "2130706433.a", "")


@pytest.mark.parametrize("host", OWN)
async def test_own_names_and_addresses_are_served(side: DailySide, host: str) -> None:
    assert (await side.api.get("/rooms", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize(
    "path", ["/v1/rooms", "/_sim/timeline", "/_sim/sandbox?token=x", "/demo", "/", "/?token=x", "/docs/start"]
)
async def test_other_names_are_refused_at_every_path(side: DailySide, host: str, path: str) -> None:
    side.room()
    answer = await side.api.get(f"{side.url}{path}", headers={"Host": host})
    assert answer.status_code == 403
    assert "host_names" in answer.json()["info"]


async def test_other_names_cannot_open_a_websocket(side: DailySide) -> None:
    side.room()
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{side.url.replace('http', 'ws')}/demo", additional_headers={"Host": "evil.example"})
    assert refused.value.response.status_code in {400, 403}


async def test_names_are_allowed_by_a_setting() -> None:
    async with daily_side(host_names=("daily", "CI.example.")) as side:
        assert (await side.api.get("/rooms", headers={"Host": "Daily:7880"})).status_code == 200
        assert (await side.api.get("/rooms", headers={"Host": "ci.example"})).status_code == 200
        assert (await side.api.get("/rooms", headers={"Host": "daily.example"})).status_code == 403


class Control:
    """Stands for the control API: it answers 200."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Response()(scope, receive, send)


async def sim_status(host: str, key: str | None) -> int:
    settings = Settings(host=host, api_key="secret")
    site = Site(settings, Timeline(), base_url=f"http://{host}", sip_address=host, telephony=RecordingTelephony())

    transport = httpx.ASGITransport(create_app(site, control=Control()))
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        return (await client.get("/_sim/timeline", headers=headers)).status_code


@pytest.mark.parametrize(
    ("host", "key", "status"),
    [
        ("127.0.0.1", None, 200),
        ("127.0.0.9", None, 200),
        ("192.168.7.9", None, 401),
        ("192.168.7.9", "wrong", 401),
        ("192.168.7.9", "secret", 200),
    ],
)
async def test_the_control_api_needs_the_key_where_other_machines_reach_it(
    host: str, key: str | None, status: int
) -> None:
    assert await sim_status(host, key) == status
