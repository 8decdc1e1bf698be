"""Events that occur in a browser only, as emitted by daily-js, checked against daily-js's types."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.browser.conftest import NewTab
from tests.interop.typed_events import check_types

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.interop("chromium", "playwright", "daily-js")]

TYPED = {
    *("joined-meeting", "participant-joined", "participant-updated", "participant-left", "network-connection"),
    *("started-camera", "camera-error", "track-started", "track-stopped", "selected-devices-updated"),
    *("local-audio-level", "remote-participants-audio-level", "input-settings-updated", "left-meeting"),
    *("local-screen-share-started", "local-screen-share-stopped", "local-screen-share-canceled"),
}
"""Events each of which must have been recorded at least once."""


async def test_recorded_events_have_the_types_of_daily_js(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str, tmp_path: Path
) -> None:
    tab = await new_tab()
    await tab.page.evaluate(
        "config => { createCall({videoSource: false, dailyConfig: config}); window.recorded = recordEvents(); }",
        {"bundlePathOverride": bundles},
    )
    await tab.page.evaluate("url => call.join({url})", daily_room.url)
    other = await fake_daily.join(daily_room)
    await other.hum(600)
    await tab.hears(600, of=other.session_id or "")
    await tab.do("call.startLocalAudioLevelObserver(100), call.startRemoteParticipantsAudioLevelObserver(100), 0")
    await tab.until("callEvents.some(one => one.action === 'remote-participants-audio-level')")
    await tab.until("callEvents.some(one => one.action === 'local-audio-level')")
    await tab.do("call.startScreenShare()")
    await tab.until_track("screenVideo", "playable")
    await tab.do("call.stopScreenShare()")
    await tab.wait_for("local-screen-share-stopped")
    denied = "() => Promise.reject(new DOMException('denied', 'NotAllowedError'))"
    await tab.do(f"navigator.mediaDevices.getDisplayMedia = {denied}, call.startScreenShare()")
    await tab.until("[...recorded.values()].some(([name]) => name === 'local-screen-share-canceled')")
    await tab.do("call.updateInputSettings({audio: {settings: {echoCancellation: false}}})")
    await tab.do(
        "call.setInputDevicesAsync({videoSource: true}), call.setInputDevicesAsync({videoDeviceId: 'none'}), 0"
    )
    await tab.wait_for("camera-error")
    await other.leave()
    await tab.wait_for("participant-left")
    await tab.do("call.leave()")

    events = await tab.do("[...recorded.values()]")
    assert TYPED - {name for name, _ in events} == set()
    check_types(((name, event) for name, event in events), tmp_path)
