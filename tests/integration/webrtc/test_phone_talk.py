"""A person talks through a phone: what a browser says and hears over WebRTC, proved by tones at both ends."""

from __future__ import annotations

import aioice.ice
import pytest

from fake_daily_server.server import FakeDaily
from simulator.audio.samples import Pcm
from simulator.audio.tone_detector import level_at
from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from tests.integration.webrtc.offering_peer import OfferingPeer
from tests.integration.webrtc.peer import Tone

ANN, BEN = "+12065550142", "+12065550143"


GONE = "the browser has closed the connection, or has vanished"


class Calling:
    """Ann has called Ben, who has answered."""

    def __init__(self, daily: FakeDaily, ann: Phone, ann_call: PhoneCall, ben_call: PhoneCall) -> None:
        self.daily, self.ann, self.ann_call, self.ben_call = daily, ann, ann_call, ben_call

    def browser(self, hz: float = 700) -> OfferingPeer:
        return OfferingPeer(self.daily.url, self.ann.id, Tone(hz))

    async def disconnected(self, because: str) -> None:
        """Wait for the record of the microphone's end."""
        wanted = {"phone": self.ann.name, "action": "disconnects the microphone", "because": because}
        found = await self.daily.timeline.wait(
            lambda record: wanted.items() <= record.fields.items(), after=0, within=10
        )
        assert found is not None, [str(record) for record in self.daily.timeline.records(kind="phone")][-5:]


@pytest.fixture
async def calling(fake_daily: FakeDaily, phone_network: Network) -> Calling:
    ann, ben = await phone_network.phone(ANN), await phone_network.phone(BEN)
    ann_call = await ann.dial(BEN)
    ben_call = await ben.wait_for_call()
    await ann_call.wait_answered()
    return Calling(fake_daily, ann, ann_call, ben_call)


def sounds(heard: Pcm, hz: float) -> bool:
    return bool(level_at(heard, hz) > -35)


async def test_the_microphone_is_heard_by_the_other_phone_and_that_phone_by_the_browser(calling: Calling) -> None:
    async with calling.browser(hz=700) as browser:
        await calling.ben_call.expect_tones({700})
        await calling.ben_call.hum(440)
        assert sounds(await browser.next_second(), 440)
        await calling.ann_call.expect_tone(440)  # as without a browser
        await calling.ann_call.hum(950)
        await calling.ben_call.expect_tones({700, 950})


async def test_a_muted_microphone_is_not_heard_and_the_speaker_goes_on(calling: Calling) -> None:
    async with calling.browser(hz=700) as browser:
        await calling.ben_call.expect_tone(700)
        assert (await browser.post("mute")).json()["state"] == "answered"
        await calling.ben_call.expect_silence(0.5, within=5)
        await calling.ben_call.hum(440)
        assert sounds(await browser.next_second(), 440)
        await browser.post("mute", muted=False)
        await calling.ben_call.expect_tone(700)


async def test_a_phone_that_holds_its_peer_sends_no_microphone(calling: Calling) -> None:
    async with calling.browser(hz=700):
        await calling.ben_call.expect_tone(700)
        await calling.ann_call.hold()
        await calling.ben_call.expect_silence(0.5, within=5)
        await calling.ann_call.resume()
        await calling.ben_call.expect_tone(700)


async def test_the_call_goes_on_without_the_microphone(calling: Calling) -> None:
    async with calling.browser(hz=700) as browser:
        await calling.ben_call.expect_tone(700)
        assert (await browser.post("stop-talking")).status_code == 200
        await browser.until(lambda: browser.connection.connectionState == "closed")
        await calling.ben_call.expect_silence(0.5, within=5)
    assert calling.ann_call.state == "answered"
    await calling.disconnected("stop-talking")
    async with calling.browser(hz=900):
        await calling.ben_call.expect_tone(900)


async def test_the_end_of_the_call_closes_the_connection(calling: Calling) -> None:
    async with calling.browser() as browser:
        await calling.ben_call.hang_up()
        await browser.until(lambda: browser.connection.connectionState == "closed")
    await calling.disconnected("the call ended with 200 Normal call clearing, by remote")


async def test_a_browser_that_closes_the_connection_leaves_the_call(calling: Calling) -> None:
    async with calling.browser():
        pass
    await calling.disconnected(GONE)
    assert calling.ann_call.state == "answered"
    async with calling.browser(hz=900):
        await calling.ben_call.expect_tone(900)


async def test_a_browser_that_vanishes_leaves_the_call(calling: Calling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.2)  # 5 s, six times (RFC 7675)
    async with calling.browser(hz=700) as browser:
        await calling.ben_call.expect_tone(700)
        browser.vanish()
        await calling.disconnected(GONE)
    assert calling.ann_call.state == "answered"


async def test_a_reset_ends_all_talks(calling: Calling) -> None:
    async with calling.browser() as browser:
        await calling.daily.reset()
        await browser.until(lambda: browser.connection.connectionState == "closed")


async def test_only_one_browser_talks_through_a_call(calling: Calling) -> None:
    async with calling.browser() as browser:
        second = calling.browser()
        refused = await second.post("talk", sdp=await second.offer())
        await second.connection.close()
        assert refused.status_code == 409
        assert "already; `stop-talking` ends that" in refused.json()["info"]
        assert browser.connection.connectionState == "connected"


OFFER_OF_VIDEO = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
    "a=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=ice-ufrag:abcd\r\na=ice-pwd:{}\r\n"
    "a=setup:actpass\r\na=fingerprint:sha-256 {}\r\n"
).format("p" * 24, ":".join(["AB"] * 32))


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "nonsense",
        "v=0\r\n",
        "m=audio",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
        OFFER_OF_VIDEO,
        OFFER_OF_VIDEO.replace("video", "audio").replace("VP8/90000", "PCMU/8000"),
        OFFER_OF_VIDEO.replace("a=fingerprint", "a=nothing"),
    ],
    ids=["empty", "text", "no media", "half a line", "no WebRTC", "video", "no Opus", "no fingerprint"],
)
async def test_a_description_that_cannot_be_used_is_refused_and_the_next_one_taken(calling: Calling, sdp: str) -> None:
    async with calling.browser(hz=700) as browser:
        await browser.post("stop-talking")
        refused = await browser.post("talk", sdp=sdp)
    assert refused.status_code == 400, refused.text
    assert "one media section: audio, with Opus" in refused.json()["info"]
    async with calling.browser(hz=900):
        await calling.ben_call.expect_tone(900)


async def test_who_has_no_answered_call_cannot_be_talked_through(fake_daily: FakeDaily, phone_network: Network) -> None:
    ann, ben = await phone_network.phone(ANN), await phone_network.phone(BEN, calls="wait")
    browser = OfferingPeer(fake_daily.url, ann.id)
    sdp = await browser.offer()
    refused = await browser.post("talk", sdp=sdp)
    assert (refused.status_code, "no call that has not ended" in refused.json()["info"]) == (409, True)
    await ann.dial(BEN)
    await ben.wait_for_call()
    refused = await browser.post("talk", sdp=sdp)
    assert (refused.status_code, "through an answered call only" in refused.json()["info"]) == (409, True)
    refused = await browser.post("stop-talking")
    assert (refused.status_code, "nobody talks through this call" in refused.json()["info"]) == (409, True)
    assert (await browser.post("mute")).status_code == 409
    await browser.connection.close()
