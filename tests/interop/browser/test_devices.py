"""Microphones and cameras: missing, denied, switched, replaced by tracks of the app, released."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.browser import chromium
from tests.interop.browser.conftest import NewTab
from tests.interop.browser.tab import WITHIN_S, Tab

if TYPE_CHECKING:
    from playwright.async_api import Playwright

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.interop("chromium", "playwright", "daily-js")]

NO_CAMERA = "{videoSource: false}"


@pytest.mark.parametrize(
    ("args", "error", "blocked"),
    [
        pytest.param(("--use-fake-device-for-media-stream",), "permissions", {"byPermissions": True}, id="denied"),
        pytest.param((), "not-found", {"byDeviceMissing": True}, id="missing"),
    ],
)
async def test_a_client_without_a_microphone_can_listen(
    playwright: Playwright,
    fake_daily: FakeDaily,
    daily_room: RoomHandle,
    bundles: str,
    site_port: int,
    args: tuple[str, ...],
    error: str,
    blocked: dict[str, bool],
) -> None:
    other = await fake_daily.join(daily_room)
    await other.hum(600)
    async with await chromium.launch(playwright, *chromium.LISTENING, *args) as browser:
        tab = Tab(await browser.new_page())
        await tab.page.goto(f"http://127.0.0.1:{site_port}/pages/script.html")
        await tab.join(daily_room, bundles=bundles)
        failed = await tab.wait_for("camera-error")
        assert failed["error"]["type"] == error
        assert failed["errorMsg"]["audioOk"] is False
        assert (await tab.until_track("audio", "blocked"))["blocked"] == blocked
        await tab.hears(600, of=other.session_id or "")
        assert tab.errors == []


@pytest.mark.parametrize(
    "options", ["{audioSource: false, videoSource: false}", "{startAudioOff: true, startVideoOff: true}"]
)
async def test_devices_are_opened_only_when_they_are_switched_on(
    new_tab: NewTab, daily_room: RoomHandle, bundles: str, options: str
) -> None:
    tab = await new_tab()
    await tab.join(daily_room, options, bundles=bundles)
    assert (await tab.track("audio"))["off"] == {"byUser": True}
    await tab.do("call.setInputDevicesAsync({audioSource: true}), call.setLocalAudio(true), 0")
    await tab.until_track("audio", "playable")
    assert [event["type"] for event in await tab.events("track-started")] == ["audio"]


async def test_a_track_of_the_app_replaces_the_microphone(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    tab = await new_tab()
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    await tab.until_track("audio", "playable")
    in_use = await tab.do("call.getInputDevices()")
    assert in_use["mic"]["kind"] == "audioinput"
    await tab.do("window.own = tone(800); call.setInputDevicesAsync({audioSource: own})")
    await other.expect_tone(800, within=WITHIN_S)
    assert await tab.do("call.participants().local.tracks.audio.track === own")
    await tab.do(f"call.setInputDevicesAsync({{audioDeviceId: '{in_use['mic']['deviceId']}'}})")
    await tab.until("call.participants().local.tracks.audio.track?.id !== own.id")
    assert await tab.do("own.readyState") == "live"  # it belongs to the app


async def test_start_camera_before_joining(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    tab = await new_tab()
    devices = await tab.page.evaluate(
        "config => { createCall({dailyConfig: config}); return call.startCamera(); }", {"bundlePathOverride": bundles}
    )
    assert [devices[name]["kind"] for name in ("camera", "mic")] == ["videoinput", "audioinput"]
    await tab.do("call.setLocalAudio(false), 0")
    await tab.page.evaluate("url => call.join({url})", daily_room.url)
    await tab.until_track("video", "playable")
    assert (await tab.track("audio"))["off"] == {"byUser": True}


async def test_update_input_settings_of_the_microphone(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    tab = await new_tab()
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    first = await tab.until_track("audio", "playable")
    wanted = {"audio": {"settings": {"echoCancellation": False}}}
    updated = await tab.page.evaluate("inputSettings => call.updateInputSettings(inputSettings)", wanted)
    assert updated["audio"]["settings"] == {"echoCancellation": False}
    assert (await tab.until_track("audio", "playable"))["track"] != first["track"]
    settings = "call.participants().local.tracks.audio.track.getSettings().echoCancellation"
    assert await tab.do(settings) is False


async def test_cycle_mic_uses_the_next_microphone(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    tab = await new_tab()
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    first = await tab.until_track("audio", "playable")
    chosen = await tab.do("call.cycleMic()")
    assert chosen["device"]["kind"] == "audioinput"
    await tab.until("id => call.participants().local.tracks.audio.track?.id !== id", first["track"])


async def test_a_microphone_that_is_unplugged_is_blocked(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    tab = await new_tab()
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    await tab.until_track("audio", "playable")
    await tab.do("call.participants().local.tracks.audio.track.dispatchEvent(new Event('ended'))")
    assert (await tab.until_track("audio", "blocked"))["blocked"] == {"byDeviceMissing": True}


async def test_leaving_stops_the_devices(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    tab = await new_tab()
    await tab.join(daily_room, bundles=bundles)
    await tab.until_track("audio", "playable")
    await tab.until_track("video", "playable")
    await tab.do("window.tracks = ['audio', 'video'].map(kind => call.participants().local.tracks[kind].track)")
    await tab.do("call.leave()")
    assert await tab.do("tracks.map(track => track.readyState)") == ["ended", "ended"]


async def test_a_room_can_start_participants_muted(new_tab: NewTab, fake_daily: FakeDaily, bundles: str) -> None:
    room = await fake_daily.create_room(start_audio_off=True, start_video_off=True)
    tab = await new_tab()
    await tab.join(room, bundles=bundles)
    assert (await tab.until_track("audio", "off"))["off"] == {"byUser": True}
    await tab.do("call.setLocalAudio(true), 0")
    await tab.until_track("audio", "playable")
    assert await tab.do("call.localVideo()") is False
    assert [event["type"] for event in await tab.events("track-started")] == ["audio"]


async def test_options_of_the_app_override_the_defaults_of_the_room(
    new_tab: NewTab, fake_daily: FakeDaily, bundles: str
) -> None:
    room = await fake_daily.create_room(start_audio_off=True)
    tab = await new_tab()
    await tab.join(room, "{startAudioOff: false, videoSource: false}", bundles=bundles)
    await tab.until_track("audio", "playable")
