"""Debian's baresip calls into a room, is called from one, and calls a phone: keys both ways, and its tone is heard."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from simulator.phone_call import PhoneCall
from tests.interop import baresip
from tests.interop.events import media_is_up, story
from tests.interop.program import LOOK_AGAIN_S, Programs

pytestmark = pytest.mark.interop("baresip")

JOINED = ["dialin-connected", "participant-joined"]
LEFT = ["participant-left", "dialin-stopped"]


def port_of(uri: str) -> int:
    return int(uri.rpartition(":")[2])


def pressed(keys: str) -> list[str]:
    return [f"dtmf-event {key} telephone-event" for key in keys]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_it_calls_into_a_room(
    transport: Literal["udp", "tcp"],
    programs: Programs,
    phone_network: Network,
    daily_room: RoomHandle,
    daily_client: Client,
) -> None:
    async with baresip.running(programs, transport=transport) as peer:
        await peer.dial(daily_room.sip_uris[0])
        connected = await daily_client.wait_for("dialin-connected")
        established = await peer.told("CALL_ESTABLISHED")
        assert peer.program.has_tcp_to(port_of(daily_room.sip_uris[0])) == (transport == "tcp")
        session_id = connected["sessionId"]
        await media_is_up(phone_network, session_id)
        await peer.press("12#")
        await daily_client.wait_for(["dtmf-event"] * 3)
        await daily_client.send_dtmf({"sessionId": session_id, "tones": "4D*", "digitDurationMs": 100})
        await peer.hears("4D*")
        await peer.hang_up()
        stopped = await daily_client.wait_for("dialin-stopped")

    assert story(daily_client.events, session_id) == [*JOINED, *pressed("12#"), *LEFT]
    assert connected["sipCallId"] == stopped["sipCallId"] == established["id"]
    assert connected["sipFrom"] == f"sip:bare@127.0.0.1:{peer.port}"


async def test_the_room_hangs_up_on_a_tcp_caller(
    programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with baresip.running(programs, transport="tcp") as peer:
        await peer.dial(daily_room.sip_uris[0])
        session_id = (await daily_client.wait_for("dialin-connected"))["sessionId"]
        await peer.told("CALL_ESTABLISHED")
        await daily_client.eject(session_id)
        closed = await peer.told("CALL_CLOSED")
        await daily_client.wait_for("dialin-stopped")

    assert closed["param"] == "Connection reset by peer"
    assert story(daily_client.events, session_id) == [*JOINED, *LEFT]


async def test_g722_both_sides_prefer_it(programs: Programs, fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "codecs": {"audio": ["G722"]}})
    client = await fake_daily.join(room)
    async with baresip.running(programs, codec="G722/16000/1") as peer:
        await peer.dial(room.sip_uris[0])
        session_id = (await client.wait_for("dialin-connected"))["sessionId"]
        await peer.told("CALL_ESTABLISHED")
        media = await media_is_up(phone_network, session_id)
        await peer.press("7*")
        await client.wait_for(["dtmf-event"] * 2)
        await client.send_dtmf({"sessionId": session_id, "tones": "0A", "digitDurationMs": 100})
        await peer.hears("0A")
        await peer.hang_up()
        await client.wait_for("dialin-stopped")

    assert media.fields["codec"] == "G722"
    assert story(client.events, session_id) == [*JOINED, *pressed("7*"), *LEFT]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_it_is_called_from_a_room(transport: str, programs: Programs, daily_client: Client) -> None:
    async with baresip.running(programs) as peer:
        settings = {"sipUri": f"sip:bare@127.0.0.1:{peer.port};transport={transport}"}
        session_id = await daily_client.start_dialout({**settings, "codecs": {"audio": ["PCMU"]}})
        answered = await daily_client.wait_for("dialout-answered")
        established = await peer.told("CALL_ESTABLISHED")
        await daily_client.send_dtmf({"sessionId": session_id, "tones": "159", "digitDurationMs": 100})
        await peer.hears("159")
        await peer.press("B0")
        await daily_client.wait_for(["dtmf-event"] * 2)
        await daily_client.stop_dialout(session_id)
        await daily_client.wait_for("dialout-stopped")
        await peer.told("CALL_CLOSED")

    assert f"connect via {transport.upper()}" in peer.program.read()
    assert answered["sipCallId"] == established["id"]
    assert story(daily_client.events, session_id) == [
        "dialout-connected",
        "participant-joined",
        "dialout-answered",
        *pressed("B0"),
        "participant-left",
        "dialout-stopped",
    ]


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
async def test_a_phone_hears_its_tone(
    codec: Literal["PCMU", "G722"], programs: Programs, phone_network: Network, tmp_path: Path
) -> None:
    phone = await phone_network.phone("+12065550142", codecs=[codec])
    spoken: baresip.Codec = "PCMU/8000/1" if codec == "PCMU" else "G722/16000/1"
    recording = tmp_path / "heard.wav"
    async with baresip.running(programs, codec=spoken) as peer:
        await peer.dial(f"sip:{phone.number}@{phone_network.address}")
        call = await phone.wait_for_call()
        assert (await call.wait_answered()).codec == codec
        await call.record(recording)
        await hears_for(call, packets=50)
        await call.stop_recording()
        await call.hang_up()
        await peer.told("CALL_CLOSED")

    assert abs(loudest_hz(recording) - baresip.TONE_HZ) < 10


async def hears_for(call: PhoneCall, *, packets: int) -> None:
    """Wait until so many more packets of 20 ms have come; only counting tells."""
    before = (await call.statistics()).received_packets
    while (await call.statistics()).received_packets < before + packets:
        assert call.state == "answered"
        await asyncio.sleep(LOOK_AGAIN_S)


def loudest_hz(recording: Path) -> float:
    """The strongest frequency of a 16-bit mono WAV file."""
    with wave.open(str(recording)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[int(spectrum.argmax())])
