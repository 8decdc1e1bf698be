"""Lost connections, closed pages, rejoining, and resources after many calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from fake_daily_server.clients.playwright import CHROMIUM_ARGS
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.media import webrtc_connection
from fake_daily_server.server import FakeDaily
from simulator.timeline import Record
from tests.interop.browser import chromium
from tests.interop.browser.conftest import NewTab
from tests.interop.browser.tab import WITHIN_S, Tab
from tests.interop.program import poll

if TYPE_CHECKING:
    from playwright.async_api import Playwright

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.interop("chromium", "playwright", "daily-js")]

NO_CAMERA = "{videoSource: false}"


async def test_audio_continues_after_a_lost_connection(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    await other.hum(600)
    tab = await new_tab()
    await tab.join(daily_room, "{videoSource: false, audioSource: tone(900)}", bundles=bundles)
    await tab.hears(600, of=other.session_id or "")
    await cut(fake_daily, tab.session_id)
    await tab.wait_for("network-connection", type="signaling", event="interrupted")
    await tab.wait_for("track-stopped", of=other.session_id)
    started = "id => callEvents.filter(one => one.action === 'track-started' && one.of === id).length === 2"
    await tab.until(started, other.session_id)
    await tab.hears(600, of=other.session_id or "")
    await other.expect_tone(900, within=WITHIN_S)
    assert await tab.do("call.participants().local.session_id") == tab.session_id


async def test_audio_continues_after_a_lost_peer_connection(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    await other.hum(600)
    tab = await new_tab()
    await tab.do("""(() => {
        const Real = RTCPeerConnection;
        window.connections = [];
        window.RTCPeerConnection = class extends Real {
            constructor(...how) { super(...how); connections.push(this); }
        };
    })()""")
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    await tab.hears(600, of=other.session_id or "")
    await tab.do("audioSinks.clear(), connections[0].close()")
    await tab.wait_for("network-connection", type="sfu", event="interrupted")
    await tab.hears(600, of=other.session_id or "")
    assert "the client has closed it" in tab.errors.pop()


async def cut(fake_daily: FakeDaily, session_id: str) -> None:
    async with httpx.AsyncClient(base_url=fake_daily.url) as http:
        cut = await http.post(f"/_sim/clients/{session_id}/network", json={"down_ms": 500})
    assert cut.status_code == 200, cut.text


async def test_navigating_to_another_page_leaves_the_room(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    tab = await new_tab()
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    await tab.page.goto("about:blank")
    left = await other.wait_for("participant-left", within=WITHIN_S)
    assert left["participant"]["session_id"] == tab.session_id
    assert _timeouts(fake_daily) == []


async def test_closing_a_page_leaves_the_room_at_once(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    tab = await new_tab()
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    await tab.page.close(run_before_unload=True)
    left = await other.wait_for("participant-left", within=WITHIN_S)
    assert left["participant"]["session_id"] == tab.session_id
    assert _timeouts(fake_daily) == []


def _timeouts(fake_daily: FakeDaily) -> list[Record]:
    return [record for record in fake_daily.timeline.records(kind="network") if record.fields["action"] == "gave up"]


async def test_twenty_five_calls_in_one_page_leave_no_sockets_open(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    await other.hum(600)
    tab = await new_tab()
    of = other.session_id or ""
    open_after: list[int] = []
    for _ in range(25):
        await tab.join(daily_room, NO_CAMERA, bundles=bundles)
        await tab.hears(600, of=of)
        await tab.do("audioSinks.clear(), call.destroy()")
        await other.wait_for("participant-left", where={"participant.session_id": tab.session_id}, within=WITHIN_S)
        open_after.append(psutil.Process().num_fds())
    assert await tab.do("Object.keys(_daily.instances)") == []
    await poll(lambda: psutil.Process().num_fds() <= min(open_after) or None, "sockets are closed", within=5)


async def test_a_call_object_hears_the_room_again_after_leaving_and_joining(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    await other.hum(600)
    tab = await new_tab()
    first = await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    await tab.hears(600, of=other.session_id or "")
    await tab.do("call.leave()")
    await tab.do(f"audioSinks.clear(), call.join({{url: '{daily_room.url}'}})")
    await tab.hears(600, of=other.session_id or "")
    assert await tab.do("call.participants().local.session_id") != first


async def test_without_media_the_call_goes_on_and_the_console_shows_advice(
    playwright: Playwright, daily_room: RoomHandle, bundles: str, site_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webrtc_connection, "CONNECT_TIMEOUT_S", 0.5)
    no_udp = "--webrtc-ip-handling-policy=disable_non_proxied_udp"
    async with await chromium.launch(playwright, *CHROMIUM_ARGS, no_udp) as browser:
        tab = Tab(await browser.new_page())
        await tab.page.goto(f"http://127.0.0.1:{site_port}/pages/script.html")
        await tab.join(daily_room, NO_CAMERA, bundles=bundles)
        await tab.wait_for("network-connection", type="sfu", event="interrupted")
        assert await tab.do("call.meetingState()") == "joined-meeting"
        assert "--allow-loopback-in-peer-connection" in "".join(tab.errors)
