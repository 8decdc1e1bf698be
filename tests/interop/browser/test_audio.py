"""Audio between daily-js in a browser, phones and other browsers."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop.browser.conftest import NewTab
from tests.interop.browser.tab import WITHIN_S

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.interop("chromium", "playwright", "daily-js")]

NO_CAMERA = "{videoSource: false}"


def tone_microphone(hertz: int) -> str:
    """Options for a call object whose microphone is a tone."""
    return f"{{videoSource: false, audioSource: tone({hertz})}}"


async def test_a_phone_and_a_page_hear_each_other(
    new_tab: NewTab, phone_network: Network, daily_room: RoomHandle, bundles: str
) -> None:
    desk = await phone_network.phone("+12065550142")
    tab = await new_tab()
    await tab.join(daily_room, tone_microphone(700), bundles=bundles)
    session = await tab.do("call.startDialOut({phoneNumber: '+12065550142'})")
    phone = session["session"]["sessionId"]
    call = await desk.wait_for_call(within=WITHIN_S)
    await call.hum(440)
    await tab.hears(440, of=phone)
    await call.expect_tone(700, within=WITHIN_S)

    await tab.do("call.setLocalAudio(false)")
    await call.expect_silence(0.5, within=WITHIN_S)
    assert await tab.do("call.localAudio()") is False
    assert (await tab.wait_for("track-stopped", local=True))["type"] == "audio"
    await tab.do("call.setLocalAudio(true)")
    await call.expect_tone(700, within=WITHIN_S)

    await call.hang_up()
    stopped = await tab.wait_for("track-stopped", of=phone)
    assert stopped["readyState"] == "ended"
    order = [event["action"] for event in await tab.events("track-stopped", "participant-left") if event["of"] == phone]
    assert order == ["track-stopped", "participant-left"]


async def test_two_pages_hear_each_other(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    ann, bob = await new_tab(), await new_tab()
    await ann.join(daily_room, tone_microphone(500), bundles=bundles)
    await bob.join(daily_room, tone_microphone(900), bundles=bundles)
    await ann.hears(900, of=bob.session_id)
    await bob.hears(500, of=ann.session_id)


async def test_the_browsers_microphone_is_sent(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    await other.set_audio("mix")
    tab = await new_tab()
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    started = await tab.wait_for("track-started", local=True)
    assert (started["type"], started["readyState"]) == ("audio", "live")
    await tab.wait_for("started-camera")
    async with asyncio.timeout(WITHIN_S):  # Chromium's simulated microphone beeps twice a second
        while not any(await other.read_audio(0.1)):
            pass


async def test_a_remote_track_goes_from_off_to_loading_to_playable(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    tab = await new_tab()
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    other = await fake_daily.join(daily_room)
    assert other.session_id is not None
    await tab.until_track("audio", "off", of=other.session_id)
    await other.hum(600)
    await tab.hears(600, of=other.session_id)
    updates = [event for event in await tab.events("participant-updated") if event["of"] == other.session_id]
    states = list(dict.fromkeys(event["audio"] for event in updates))
    assert states == ["loading", "playable"]
    track = await tab.track("audio", other.session_id)
    assert track["track"] == track["persistent"]


async def test_muting_and_unmuting_keeps_the_track(
    new_tab: NewTab, phone_network: Network, daily_room: RoomHandle, bundles: str
) -> None:
    desk = await phone_network.phone("+12065550142")
    tab = await new_tab()
    await tab.join(daily_room, NO_CAMERA, bundles=bundles)
    phone = (await tab.do("call.startDialOut({phoneNumber: '+12065550142'})"))["session"]["sessionId"]
    call = await desk.wait_for_call(within=WITHIN_S)
    await call.hum(440)
    before = await tab.until_track("audio", "playable", of=phone)
    await tab.do(f"call.updateParticipant('{phone}', {{setAudio: false}})")
    muted = await tab.until_track("audio", "off", of=phone)
    assert muted["off"] == {"byRemoteRequest": True}
    assert muted["persistent"] == before["track"]
    await tab.do(f"call.updateParticipant('{phone}', {{setAudio: true}})")
    again = await tab.until_track("audio", "playable", of=phone)
    assert again["track"] == before["track"]


async def test_another_participant_mutes_a_page_which_unmutes_itself(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    tab = await new_tab()
    await tab.join(daily_room, tone_microphone(700), bundles=bundles)
    await other.expect_tone(700, within=WITHIN_S)
    await other.update_participant(tab.session_id, audio=False)
    muted = await tab.until_track("audio", "off")
    assert muted["off"] == {"byRemoteRequest": True}
    await other.expect_silence(0.3, within=WITHIN_S)
    await tab.do("call.setLocalAudio(true)")
    await other.expect_tone(700, within=WITHIN_S)
    assert await tab.do("call.localAudio()") is True


async def test_two_call_objects_in_one_page(new_tab: NewTab, daily_room: RoomHandle, bundles: str) -> None:
    tab = await new_tab()
    first = await tab.join(
        daily_room, f"{{...{tone_microphone(500)}, allowMultipleCallInstances: true}}", bundles=bundles
    )
    second = await tab.join(
        daily_room, f"{{...{tone_microphone(900)}, allowMultipleCallInstances: true}}", bundles=bundles
    )
    await tab.hears(900, of=second)
    await tab.hears(500, of=first)


async def test_tracks_are_subscribed_to_and_unsubscribed_from(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    await other.hum(600)
    tab = await new_tab()
    await tab.join(daily_room, "{videoSource: false, subscribeToTracksAutomatically: false}", bundles=bundles)
    unwanted = await tab.until_track("audio", "sendable", of=other.session_id)
    assert (unwanted["subscribed"], unwanted["persistent"]) == (False, None)
    await tab.do(f"call.updateParticipant('{other.session_id}', {{setSubscribedTracks: {{audio: true}}}})")
    await tab.hears(600, of=other.session_id or "")
    await tab.do(f"call.updateParticipant('{other.session_id}', {{setSubscribedTracks: false}})")
    await tab.wait_for("track-stopped", of=other.session_id)


async def test_audio_levels_and_network_statistics_are_measured(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    other = await fake_daily.join(daily_room)
    await other.hum(600)
    tab = await new_tab()
    await tab.join(daily_room, tone_microphone(500), bundles=bundles)
    await tab.do("call.startLocalAudioLevelObserver(100)")
    await tab.do("call.startRemoteParticipantsAudioLevelObserver(100)")
    await tab.until("call.getLocalAudioLevel() > 0.01")
    await tab.until(f"call.getRemoteParticipantsAudioLevel()['{other.session_id}'] > 0.01")
    stats = await tab.do("call.getNetworkStats()")
    assert stats["stats"]["latest"]["timestamp"] > 0
    await tab.until("async () => (await call.getNetworkStats()).stats.latest.audioRecvBitsPerSecond > 5000")
    await tab.do("call.stopLocalAudioLevelObserver(), call.stopRemoteParticipantsAudioLevelObserver(), 0")
