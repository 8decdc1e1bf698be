"""Calls from and to Debian's baresip: dial-in, dial-out, a call to a phone; digits in both directions, and its tone."""

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
from tests.interop.program import POLL_INTERVAL, Programs
from tests.interop.room_events import telephony_events, wait_for_media

pytestmark = pytest.mark.interop("baresip")

JOINED = ["dialin-connected", "participant-joined"]
LEFT = ["participant-left", "dialin-stopped"]


def port_of(uri: str) -> int:
    return int(uri.rpartition(":")[2])


def dtmf_events(digits: str) -> list[str]:
    return [f"dtmf-event {digit} telephone-event" for digit in digits]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_dial_in_with_digits_in_both_directions(
    transport: Literal["udp", "tcp"],
    programs: Programs,
    phone_network: Network,
    daily_room: RoomHandle,
    daily_client: Client,
) -> None:
    async with baresip.running(programs, transport=transport) as peer:
        await peer.dial(daily_room.sip_uris[0])
        connected = await daily_client.wait_for("dialin-connected")
        established = await peer.wait_for_event("CALL_ESTABLISHED")
        assert peer.program.has_tcp_connection_to(port_of(daily_room.sip_uris[0])) == (transport == "tcp")
        session_id = connected["sessionId"]
        await wait_for_media(phone_network, session_id)
        await peer.send_digits("12#")
        await daily_client.wait_for(["dtmf-event"] * 3)
        await daily_client.send_dtmf({"sessionId": session_id, "tones": "4D*", "digitDurationMs": 100})
        await peer.wait_for_digits("4D*")
        await peer.hang_up()
        stopped = await daily_client.wait_for("dialin-stopped")

    assert telephony_events(daily_client.events, session_id) == [*JOINED, *dtmf_events("12#"), *LEFT]
    assert connected["sipCallId"] == stopped["sipCallId"] == established["id"]
    assert connected["sipFrom"] == f"sip:bare@127.0.0.1:{peer.port}"


async def test_ejection_of_a_caller_over_tcp(programs: Programs, daily_room: RoomHandle, daily_client: Client) -> None:
    async with baresip.running(programs, transport="tcp") as peer:
        await peer.dial(daily_room.sip_uris[0])
        session_id = (await daily_client.wait_for("dialin-connected"))["sessionId"]
        await peer.wait_for_event("CALL_ESTABLISHED")
        await daily_client.wait_for("participant-joined")
        await daily_client.eject(session_id)
        closed = await peer.wait_for_event("CALL_CLOSED")
        await daily_client.wait_for("dialin-stopped")

    assert closed["param"] == "Connection reset by peer"
    assert telephony_events(daily_client.events, session_id) == [*JOINED, *LEFT]


async def test_dial_in_with_g722(programs: Programs, fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "codecs": {"audio": ["G722"]}})
    client = await fake_daily.join(room)
    async with baresip.running(programs, codec="G722/16000/1") as peer:
        await peer.dial(room.sip_uris[0])
        session_id = (await client.wait_for("dialin-connected"))["sessionId"]
        await peer.wait_for_event("CALL_ESTABLISHED")
        media = await wait_for_media(phone_network, session_id)
        await peer.send_digits("7*")
        await client.wait_for(["dtmf-event"] * 2)
        await client.send_dtmf({"sessionId": session_id, "tones": "0A", "digitDurationMs": 100})
        await peer.wait_for_digits("0A")
        await peer.hang_up()
        await client.wait_for("dialin-stopped")

    assert media.fields["codec"] == "G722"
    assert telephony_events(client.events, session_id) == [*JOINED, *dtmf_events("7*"), *LEFT]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_dial_out_with_digits_in_both_directions(
    transport: str, programs: Programs, daily_client: Client
) -> None:
    async with baresip.running(programs) as peer:
        settings = {"sipUri": f"sip:bare@127.0.0.1:{peer.port};transport={transport}"}
        session_id = await daily_client.start_dialout({**settings, "codecs": {"audio": ["PCMU"]}})
        answered = await daily_client.wait_for("dialout-answered")
        established = await peer.wait_for_event("CALL_ESTABLISHED")
        await daily_client.send_dtmf({"sessionId": session_id, "tones": "159", "digitDurationMs": 100})
        await peer.wait_for_digits("159")
        await peer.send_digits("B0")
        await daily_client.wait_for(["dtmf-event"] * 2)
        await daily_client.stop_dialout(session_id)
        await daily_client.wait_for("dialout-stopped")
        await peer.wait_for_event("CALL_CLOSED")

    assert f"connect via {transport.upper()}" in peer.program.read()
    assert answered["sipCallId"] == established["id"]
    assert telephony_events(daily_client.events, session_id) == [
        "dialout-connected",
        "participant-joined",
        "dialout-answered",
        *dtmf_events("B0"),
        "participant-left",
        "dialout-stopped",
    ]


async def test_it_ends_a_dial_out(programs: Programs, daily_client: Client) -> None:
    async with baresip.running(programs) as peer:
        session_id = await daily_client.start_dialout({"sipUri": f"sip:bare@127.0.0.1:{peer.port}"})
        await daily_client.wait_for("dialout-answered")
        await peer.wait_for_event("CALL_ESTABLISHED")
        await peer.hang_up()
        await daily_client.wait_for("dialout-stopped")

    events = telephony_events(daily_client.events, session_id)
    assert events[-2:] == ["participant-left", "dialout-stopped"]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_dial_out_that_is_stopped_while_it_rings(
    transport: str, programs: Programs, daily_client: Client
) -> None:
    async with baresip.running(programs, answer=False) as peer:
        target = f"sip:bare@127.0.0.1:{peer.port};transport={transport}"
        session_id = await daily_client.start_dialout({"sipUri": target})
        await daily_client.wait_for("dialout-connected")
        await daily_client.stop_dialout(session_id)
        await daily_client.wait_for("dialout-stopped")
        await peer.wait_for_event("CALL_CLOSED")

    assert "dialout-answered" not in telephony_events(daily_client.events, session_id)


async def test_it_gives_up_a_call_that_rings(programs: Programs, phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", calls=["no_answer"])
    async with baresip.running(programs) as peer:
        await peer.dial(f"sip:{phone.number}@{phone_network.address}")
        call = await phone.wait_for_call()
        await peer.wait_for_event("CALL_RINGING")
        await peer.hang_up()
        ended = await call.wait_for_end()

    assert ended.by == "remote"


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
async def test_a_phone_receives_its_tone(
    codec: Literal["PCMU", "G722"], programs: Programs, phone_network: Network, tmp_path: Path
) -> None:
    phone = await phone_network.phone("+12065550142", codecs=[codec])
    codec_of_peer: baresip.Codec = "PCMU/8000/1" if codec == "PCMU" else "G722/16000/1"
    recording = tmp_path / "heard.wav"
    async with baresip.running(programs, codec=codec_of_peer) as peer:
        await peer.dial(f"sip:{phone.number}@{phone_network.address}")
        call = await phone.wait_for_call()
        assert (await call.wait_answered()).codec == codec
        await call.record(recording)
        await receive(call, packets=50)
        await call.stop_recording()
        await call.hang_up()
        await peer.wait_for_event("CALL_CLOSED")

    assert abs(loudest_hz(recording) - baresip.TONE_HZ) < 10


async def receive(call: PhoneCall, *, packets: int) -> None:
    """Wait until the call has received `packets` more packets of 20 ms."""
    before = (await call.statistics()).received_packets
    while (await call.statistics()).received_packets < before + packets:
        assert call.state == "answered"
        await asyncio.sleep(POLL_INTERVAL)


def loudest_hz(recording: Path) -> float:
    """The strongest frequency of a 16-bit mono WAV file."""
    with wave.open(str(recording)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[int(spectrum.argmax())])
