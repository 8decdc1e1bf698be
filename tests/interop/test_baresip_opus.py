"""Debian's baresip with Opus: stereo, packets of 20 and 40 ms, telephone-events at 8000 Hz; tones and digits."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop import baresip
from tests.interop.program import Programs

pytestmark = pytest.mark.interop("baresip")

both_packet_times = pytest.mark.parametrize("ptime", [20, 40])


@both_packet_times
async def test_a_call_to_a_phone(ptime: Literal[20, 40], programs: Programs, phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", codecs=["OPUS", "PCMU"])
    async with baresip.running(programs, codec="opus/48000/2", ptime=ptime) as peer:
        await peer.dial(f"sip:{phone.number}@{phone_network.address}")
        call = await phone.wait_for_call()
        media = await call.wait_answered()
        assert media is not None
        assert (media.codec, media.clock_rate, media.telephone_event is not None) == ("OPUS", 48000, True)
        await call.hum(700)
        await call.expect_tones({baresip.TONE_HZ})
        assert (await call.statistics()).jitter_ms < 10
        await peer.send_digits("4#")
        await call.wait_for_digits("4#", method="telephone-event")
        await call.press("19*", method="telephone-event")
        await peer.wait_for_digits("19*")
        assert {digit.duration_ms for digit in call.heard} == {9 * ptime}, "baresip sends nine packets a digit"
        statistics = await call.statistics()
        await call.hang_up()
        await peer.wait_for_event("CALL_CLOSED")

    assert statistics.lost_packets == statistics.discarded_packets == 0


@both_packet_times
async def test_dial_out(
    ptime: Literal[20, 40], programs: Programs, fake_daily: FakeDaily, daily_client: Client
) -> None:
    async with baresip.running(programs, codec="opus/48000/2", ptime=ptime) as peer:
        settings = {"sipUri": f"sip:bare@127.0.0.1:{peer.port}"}
        session_id = await daily_client.start_dialout(settings)
        await daily_client.wait_for("dialout-answered")
        await daily_client.expect_tones({baresip.TONE_HZ})
        await asyncio.gather(
            daily_client.send_dtmf({"sessionId": session_id, "tones": "159", "digitDurationMs": 100}),
            peer.wait_for_digits("159"),
        )
        await peer.send_digits("B0")
        events = await daily_client.wait_for(["dtmf-event"] * 2)
        await daily_client.stop_dialout(session_id)
        await daily_client.wait_for("dialout-stopped")

    digits = [(event["tone"], event["method"]) for event in events]
    assert digits == [("B", "telephone-event"), ("0", "telephone-event")]
    assert not [event for event in daily_client.events if event["action"] == "dialout-warning"]


async def test_dial_in_to_a_room_without_codec_preferences(programs: Programs, fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in"})
    client = await fake_daily.join(room)
    async with baresip.running(programs, codec="opus/48000/2") as peer:
        await peer.dial(room.sip_uris[0])
        session_id = (await client.wait_for("dialin-connected"))["sessionId"]
        await peer.wait_for_event("CALL_ESTABLISHED")
        await client.expect_tones({baresip.TONE_HZ})
        await client.send_dtmf({"sessionId": session_id, "tones": "8", "method": "telephone-event"})
        await peer.wait_for_digits("8")
        await peer.hang_up()
        await client.wait_for("dialin-stopped")
    assert not [event for event in client.events if event["action"] == "dialin-warning"]
