"""What a page sends besides microphone and camera: a shared screen, and custom audio tracks."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop.browser.conftest import NewTab
from tests.interop.browser.tab import WITHIN_S

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.interop("chromium", "playwright", "daily-js")]

SILENT = "{audioSource: false, videoSource: false}"
HEARS_MUSIC = "([id, hz]) => Math.abs(loudest(id, 'music') - hz) < 15"


async def test_a_custom_track_is_separate_for_pages_and_mixed_for_phones(
    new_tab: NewTab, phone_network: Network, daily_room: RoomHandle, bundles: str
) -> None:
    desk = await phone_network.phone("+12065550142")
    ann, bob = await new_tab(), await new_tab()
    await ann.join(daily_room, "{videoSource: false, audioSource: tone(500)}", bundles=bundles)
    await bob.join(daily_room, SILENT, bundles=bundles)
    await ann.do("call.startDialOut({phoneNumber: '+12065550142'})")
    call = await desk.wait_for_call(within=WITHIN_S)

    assert await ann.do("call.startCustomTrack({track: tone(900), trackName: 'music'})") == "music"
    await bob.hears(500, of=ann.session_id)
    await bob.until(HEARS_MUSIC, [ann.session_id, 900])
    await call.expect_tones((500, 900), within=WITHIN_S)
    assert (await ann.until_track("music", "playable"))["track"] is not None

    assert await ann.do("call.stopCustomTrack('music')") == "music"
    await bob.wait_for("track-stopped", of=ann.session_id, type="music")
    await call.expect_tones((500,), within=WITHIN_S)


async def test_a_custom_track_of_a_python_client(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    tab = await new_tab()
    await tab.join(daily_room, SILENT, bundles=bundles)
    await other.set_audio("off", tracks=("music",))
    await tab.until_track("music", "loading", of=other.session_id)


async def test_invalid_custom_tracks_are_refused(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    tab = await new_tab()
    await tab.join(daily_room, SILENT, bundles=bundles)
    refused = await tab.do("call.startCustomTrack({track: colour('red')}).catch(({error}) => error)")
    assert "pass an audio track" in refused
    await tab.do("call.startCustomTrack({track: tone(900), trackName: 'music'})")
    again = await tab.do("call.startCustomTrack({track: tone(900), trackName: 'music'}).catch(({error}) => error)")
    assert again == "there is a custom track music already; stop it first"


async def test_a_screen_share_with_a_stream_of_the_app(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    ann, bob = await new_tab(), await new_tab()
    await ann.join(daily_room, SILENT, bundles=bundles)
    await bob.join(daily_room, SILENT, bundles=bundles)
    await ann.do("call.startScreenShare({mediaStream: new MediaStream([colour('rgb(180 180 180)')])})")
    await ann.wait_for("local-screen-share-started")
    seen = "id => { const seen = picture(id, 'screenVideo'); return seen && Math.abs(seen.rgb[1] - 180) < 20; }"
    await bob.until(seen, ann.session_id)
    assert (await ann.until_track("screenVideo", "playable"))["track"] is not None
    assert await bob.do(f"call.participants()['{ann.session_id}'].screen") is True

    await ann.do("call.stopScreenShare()")
    await ann.wait_for("local-screen-share-stopped")
    await bob.wait_for("track-stopped", of=ann.session_id, type="screenVideo")


async def test_a_screen_share_that_is_chosen_in_the_browser(
    new_tab: NewTab, daily_room: RoomHandle, bundles: str
) -> None:
    tab = await new_tab()
    await tab.join(daily_room, SILENT, bundles=bundles)
    await tab.do("call.startScreenShare()")
    await tab.wait_for("local-screen-share-started")
    await tab.until_track("screenVideo", "playable")
    await tab.do("window.screenTrack = call.participants().local.tracks.screenVideo.track, call.leave()")
    await tab.until("screenTrack.readyState === 'ended'")
