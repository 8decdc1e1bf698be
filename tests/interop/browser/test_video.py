"""Video between daily-js in a browser, phones and other browsers."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from simulator.network import Network
from tests.interop.browser.conftest import NewTab
from tests.interop.browser.tab import WITHIN_S

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.interop("chromium", "playwright", "daily-js")]


def colour_camera(css: str) -> str:
    """Options for a call object whose camera is a track of one colour."""
    return f"{{audioSource: false, videoSource: colour('{css}')}}"


async def test_two_pages_see_each_other(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    ann, bob = await new_tab(), await new_tab()
    await ann.join(daily_room, colour_camera("rgb(200 200 200)"), bundles=bundles)
    await bob.join(daily_room, colour_camera("rgb(60 60 60)"), bundles=bundles)
    bright = "id => { const seen = picture(id); return seen && Math.abs(seen.rgb[1] - 200) < 20 && seen; }"
    dark = "id => { const seen = picture(id); return seen && Math.abs(seen.rgb[1] - 60) < 20 && seen; }"
    assert (await bob.until(bright, ann.session_id))["width"] == 320
    await ann.until(dark, bob.session_id)
    assert (await ann.track("video", bob.session_id))["state"] == "playable"

    await bob.do("call.setLocalVideo(false)")
    stopped = await ann.wait_for("track-stopped", of=bob.session_id, type="video")
    assert stopped["video"] == "off"


async def test_a_phone_with_video_and_a_page_see_each_other(
    new_tab: NewTab, phone_network: Network, daily_room: RoomHandle, bundles: str
) -> None:
    bob = await phone_network.phone(uri="sip:bob@example.com", video=("VP8",))
    tab = await new_tab()
    await tab.join(daily_room, colour_camera("rgb(128 128 128)"), bundles=bundles)
    session = await tab.do("call.startDialOut({sipUri: 'sip:bob@example.com', video: true})")
    call = await bob.wait_for_call(within=WITHIN_S)
    await call.expect_video(codec="VP8", pictures=5, within=WITHIN_S)
    assert (await tab.until("id => picture(id)", session["session"]["sessionId"]))["width"] > 0


async def test_the_browsers_camera_is_switched_on_and_off(
    new_tab: NewTab, daily_room: RoomHandle, bundles: str
) -> None:
    tab = await new_tab()
    await tab.join(daily_room, "{startVideoOff: true}", bundles=bundles)
    assert (await tab.track("video"))["off"] == {"byUser": True}
    await tab.do("call.setLocalVideo(true)")
    first = await tab.until_track("video", "playable")
    await tab.do("window.camera = call.participants().local.tracks.video.track; call.setLocalVideo(false)")
    await tab.until_track("video", "off")
    assert await tab.do("camera.readyState") == "ended"  # so its light is off
    await tab.do("call.setLocalVideo(true)")
    assert (await tab.until_track("video", "playable"))["track"] != first["track"]
