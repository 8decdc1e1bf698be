"""The page where other machines reach the server: a token opens it, then a cookie; who has neither is told the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from fake_daily_server.app import create_app
from fake_daily_server.control.app import ControlApp
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.site import Site
from fake_daily_server.web.http_server import HttpServer
from fake_daily_server.web.page_access import PageAccess
from simulator.timeline import Timeline
from tests.daily_side import RecordingTelephony

KEY = "the-key"


@dataclass
class Reached:
    """A server with the settings of one that other machines reach, on a loopback port, and a client without the key."""

    http: httpx.AsyncClient
    url: str
    site: Site

    @property
    def access(self) -> PageAccess:
        return self.site.page_access

    @property
    def address(self) -> str:
        return self.access.address(self.url)

    @property
    def token(self) -> str:
        return self.address.partition("token=")[2]


@pytest_asyncio.fixture
async def reached() -> AsyncIterator[Reached]:
    settings, timeline = Settings(host="192.168.7.9", api_key=KEY), Timeline()
    async with AsyncExitStack() as stack:
        server = stack.enter_context(HttpServer("127.0.0.1", 0))
        url = f"http://127.0.0.1:{server.port}"
        site = Site(settings, timeline, base_url=url, sip_address="127.0.0.1:1", telephony=RecordingTelephony())
        control = ControlApp(FakeDaily(Settings(port=0, sip_port=0, api_key=KEY)))  # it is asked for its files only
        await stack.enter_async_context(server.serving(create_app(site, control=control)))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, trust_env=False))
        yield Reached(http, url, site)
        await site.reset()


FILE = "/_sim/sandbox/sandbox.css"


async def test_without_token_cookie_or_key_a_sentence_says_the_way_out(reached: Reached) -> None:
    for path in ("/_sim/sandbox", FILE, "/_sim/timeline", "/_sim/report", "/_sim"):
        answer = await reached.http.get(path)
        assert answer.status_code == 401
        assert "Authorization: Bearer <API key>" in answer.json()["info"]
        assert "daily-sim serve --sandbox prints" in answer.json()["info"]
    wrong = await reached.http.get(FILE, headers={"Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.json()["info"]) == (401, "the API key is not the one of this server's domain")
    assert (await reached.http.get(FILE, headers={"Authorization": f"Bearer {KEY}"})).status_code == 200


@pytest.mark.parametrize("path", ["/", "/_sim/sandbox"])
async def test_the_token_is_exchanged_for_a_cookie_that_opens_the_control_api_alone(
    reached: Reached, path: str
) -> None:
    answer = await reached.http.get(path, params={"token": reached.token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/_sim/sandbox")
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")
    cookie = answer.headers["set-cookie"]
    assert cookie.endswith("; Path=/_sim; HttpOnly; SameSite=Strict")
    assert reached.token not in cookie
    assert KEY not in cookie
    assert (await reached.http.get(FILE)).status_code == 200  # httpx keeps cookies
    sent = {"Cookie": f"other=1; {cookie.partition(';')[0]}"}
    reached.http.cookies.clear()
    assert (await reached.http.get(FILE, headers=sent)).status_code == 200
    assert (await reached.http.get("/v1/rooms", headers=sent)).status_code == 400  # this needs the key


@pytest.mark.parametrize("wrong", ["", "x", "ü", KEY])
async def test_a_wrong_token_or_cookie_opens_nothing(reached: Reached, wrong: str) -> None:
    answer = await reached.http.get("/_sim/sandbox", params={"token": wrong})
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    assert "printed it at its start" in answer.json()["info"]
    name = reached.access.set_cookie({"server": ("", int(reached.url.rpartition(":")[2]))}).partition("=")[0]
    for cookie in (f"{name}={reached.token}", f"{name}=", name, f"{name}={KEY}", "=", ";;"):
        assert (await reached.http.get(FILE, headers={"Cookie": cookie})).status_code == 401
    assert (await reached.http.post("/_sim/sandbox", params={"token": reached.token})).status_code == 401
    assert (await reached.http.get("/_sim/timeline", params={"token": reached.token})).status_code == 401


async def test_a_rebound_name_and_other_origins_get_no_cookie_and_nothing_with_it(reached: Reached) -> None:
    own = reached.url
    good = await reached.http.get("/_sim/sandbox", params={"token": reached.token})
    cookie = {"Cookie": good.headers["set-cookie"].partition(";")[0]}
    reached.http.cookies.clear()
    for refused in (
        {"Host": "evil.example"},
        {"Host": "evil.example", "Origin": "http://evil.example"},  # a rebound name is the origin of its own page
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Host": "192.168.7.9:7880", "Origin": "http://192.168.7.9:9999"},  # another port of the same host
        {"Host": "192.168.7.9:7880", "Origin": "https://192.168.7.9:7880"},
    ):
        exchanged = await reached.http.get("/_sim/sandbox", params={"token": reached.token}, headers=refused)
        assert (exchanged.status_code, "set-cookie" in exchanged.headers) == (403, False), refused
        assert (await reached.http.get(FILE, headers=cookie | refused)).status_code == 403
    for allowed in (
        {},
        {"Origin": own},
        {"Host": "192.168.7.9:7880", "Origin": "http://192.168.7.9:7880"},  # the page's own requests
    ):
        assert (await reached.http.get(FILE, headers=cookie | allowed)).status_code == 200, allowed


async def test_the_token_is_in_no_record_and_no_log(reached: Reached) -> None:
    await reached.http.get("/", params={"token": reached.token})
    await reached.http.get("/_sim/sandbox", params={"token": reached.token + "x"})
    await reached.http.get("/v1/rooms", headers={"Authorization": f"Bearer {KEY}"})
    kept = [str(record.as_dict()) for record in reached.site.timeline.records()]
    kept += [str(entry) for entry in reached.site.api_log.newest_first()]
    assert len(kept) == 2
    assert not [each for each in kept if reached.token in each]


async def test_at_a_loopback_address_there_is_no_token() -> None:
    settings = Settings(api_key=KEY)
    site = Site(settings, Timeline(), base_url="http://127.0.0.1", sip_address="127.0.0.1:1")
    assert site.page_access.address("http://127.0.0.1:7880") == "http://127.0.0.1:7880/_sim/sandbox"


async def test_at_the_root_the_address_is_short_and_a_reset_keeps_token_and_cookie() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        access = daily.site.page_access
        access.at_root = True
        await daily.reset(ring_timeout=5)
        assert daily.site.page_access is access
        assert access.address(daily.url) == f"{daily.url}/"
