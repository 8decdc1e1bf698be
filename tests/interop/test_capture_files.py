"""The capture files of this project, read by tshark without port hints and compared with tshark's own capture."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.dtmf_senders import BAD_SENDERS, press_like
from simulator.errors import ConfigurationError
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.relay import Faults
from simulator.useragent.messages import AudioCodec
from tests.interop.capture import Capture
from tests.interop.program import Programs

pytestmark = pytest.mark.interop("tshark")

ANN, BOB = "+12065550142", "+12065550143"


class CaptureFile(Capture):
    """A capture file of this project, decoded by tshark."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def file(self) -> Path:
        return self._path


async def tshark(file: Path, *options: str) -> list[str]:
    """Run tshark on a file, verifying all checksums; return the lines that it prints."""
    checks = [option for layer in ("ip", "udp", "tcp") for option in ("-o", f"{layer}.check_checksum:TRUE")]
    command = ["tshark", "-n", "-r", str(file), *checks, *options]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.strip()]


async def fields(file: Path, wanted: str, *names: str) -> list[list[str]]:
    asked = [option for name in names for option in ("-e", name)]
    return [line.split("\t") for line in await tshark(file, "-Y", wanted, "-T", "fields", *asked)]


async def talk(network: Network, codec: AudioCodec = "PCMU", *, to: str = BOB) -> tuple[PhoneCall, PhoneCall]:
    ann = await network.phone(ANN, name="ann", codecs=[codec])
    bob = await network.phone(BOB, name="bob", codecs=[codec])
    calling = await ann.dial(to.format(address=network.address, bob=bob.uri))
    await calling.wait_answered()
    answered = await bob.wait_for_call()
    await answered.wait_answered()
    return calling, answered


async def hang_up(calling: PhoneCall, answered: PhoneCall) -> None:
    await calling.hang_up()
    await answered.wait_for_end()
    await calling.wait_for_end()


@pytest.mark.parametrize(("codec", "payload_type"), [("PCMU", "0"), ("PCMA", "8"), ("G722", "9")])
async def test_codec_sdp_and_telephone_events_of_a_call(
    phone_network: Network, tmp_path: Path, codec: AudioCodec, payload_type: str
) -> None:
    file = tmp_path / "call.pcapng"
    async with phone_network.capture(file) as capture:
        calling, answered = await talk(phone_network, codec)
        await calling.press("19*#", method="telephone-event", duration_ms=80)
        await answered.wait_for_digits("19*#")
        await answered.press("0", method="telephone-event")
        await calling.wait_for_digits("0")
        await hang_up(calling, answered)
    assert len(await tshark(file)) == capture.packets
    assert await fields(file, "_ws.malformed or _ws.expert.severity == error", "frame.number") == []

    call = await CaptureFile(file).call(calling.sip_call_id)
    assert call.offer.codecs == call.answer.codecs == [codec]
    assert call.audio_payload_types(call.offer) == call.audio_payload_types(call.answer) == {int(payload_type)}
    assert [digit.digit for digit in call.digits(call.offer)] == list("19*#")
    assert {digit.durations[-1] for digit in call.digits(call.offer)} == {640}
    assert {sum(digit.ends) for digit in call.digits(call.offer)[:-1]} == {3}
    assert [digit.digit for digit in call.digits(call.answer)] == ["0"]

    streams = await tshark(file, "-q", "-z", "rtp,streams")
    assert len([line for line in streams if "127.0.0.1" in line]) == 2
    assert all("0 (0.0%)" in line for line in streams if "127.0.0.1" in line)
    assert {tuple(row) for row in await fields(file, "rtp", "rtp.setup-method")} == {("SDP",)}


async def test_opus_and_telephone_events_at_48000_hz(phone_network: Network, tmp_path: Path) -> None:
    file = tmp_path / "call.pcapng"
    async with phone_network.capture(file):
        calling, answered = await talk(phone_network, "OPUS")
        await calling.press("7", method="telephone-event", duration_ms=80)
        await answered.wait_for_digits("7")
        await hang_up(calling, answered)
    assert [key.duration_ms for key in answered.heard] == [80]
    call = await CaptureFile(file).call(calling.sip_call_id)
    assert call.audio_payload_types(call.offer) == {call.offer.payload_type("opus")}
    [seven] = call.digits(call.offer)
    assert (seven.digit, seven.durations[-1]) == ("7", 80 * 48)
    [event_type] = seven.payload_types
    assert call.offer.names[event_type] == "telephone-event/48000"
    assert await fields(file, "_ws.malformed or _ws.expert.severity == error", "frame.number") == []


async def test_the_sip_messages_of_a_call_are_in_order(phone_network: Network, tmp_path: Path) -> None:
    """Messages through the front door are captured on both sides of it; ACK, INFO and BYE are sent directly."""
    file = tmp_path / "call.pcapng"
    async with phone_network.capture(file):
        calling, answered = await talk(phone_network)
        await calling.press("5", method="sip-info")
        await answered.wait_for_digits("5")
        await hang_up(calling, answered)
    rows = await fields(file, "sip", "sip.Method", "sip.Status-Code", "sip.CSeq.method")
    flow = [" ".join(part for part in row if part) for row in rows]
    assert Counter(flow) == Counter(
        {"INVITE INVITE": 2, "100 INVITE": 2, "200 INVITE": 2, "ACK ACK": 1}
        | {"INFO INFO": 1, "200 INFO": 1, "BYE BYE": 1, "200 BYE": 1}
    )
    assert flow[0] == "INVITE INVITE"
    assert flow[-2:] == ["BYE BYE", "200 BYE"]
    times = [float(row[0]) for row in await fields(file, "frame", "frame.time_epoch")]
    assert times == sorted(times)


async def test_what_happened_is_a_comment_of_the_packet_before_it(phone_network: Network, tmp_path: Path) -> None:
    file = tmp_path / "call.pcapng"
    async with phone_network.capture(file):
        calling, answered = await talk(phone_network)
        await calling.press("5", method="sip-info")
        await answered.wait_for_digits("5")
        await hang_up(calling, answered)
        phone_network.timeline.append("note", text="after the last packet")
    of_info = await fields(file, 'sip.Method == "INFO"', "frame.comment")
    of_others = await fields(file, 'not sip.Method == "INFO" and frame.comment', "frame.comment")
    comments = [row[0] for row in (*of_info, *of_others)]
    assert sum("action=hears" in comment for comment in comments) == 1
    assert "after the last packet" in (await fields(file, "frame", "frame.comment"))[-1][0]
    assert await fields(file, "_ws.malformed or _ws.expert.severity == error", "frame.number") == []


async def test_sip_messages_over_tcp(phone_network: Network, tmp_path: Path) -> None:
    file = tmp_path / "call.pcapng"
    async with phone_network.capture(file):
        calling, answered = await talk(phone_network, to="{bob};transport=tcp")
        await hang_up(calling, answered)
    rows = await fields(file, "sip and tcp", "sip.Method", "sip.Status-Code", "sip.Call-ID")
    assert {row[2] for row in rows} == {calling.sip_call_id}
    assert [row[0] for row in rows].count("INVITE") in (1, 2)
    assert {"200"} <= {row[1] for row in rows}


async def test_every_packet_is_also_in_tsharks_own_capture(
    phone_network: Network, tmp_path: Path, programs: Programs
) -> None:
    file = tmp_path / "call.pcapng"
    async with Capture(programs) as live, phone_network.capture(file):
        calling, answered = await talk(phone_network)
        await calling.press("42", method="telephone-event")
        await answered.wait_for_digits("42")
        await answered.hold()
        await answered.resume()
        await hang_up(calling, answered)
    names = ("udp.srcport", "udp.dstport", "udp.payload")
    ours = Counter(tuple(row) for row in await fields(file, "udp", *names))
    theirs = Counter(tuple(row) for row in await fields(live.file, "udp", *names))
    assert sum(ours.values()) > 50
    assert ours - theirs == Counter()


async def test_packets_that_an_impairment_lost_are_not_in_the_file(phone_network: Network, tmp_path: Path) -> None:
    file = tmp_path / "call.pcapng"
    async with phone_network.capture(file):
        calling, answered = await talk(phone_network)
        await answered.impair(Faults(loss=0.5), direction="to_phone", seed=3)
        await calling.press("123456789", method="telephone-event")
        await hang_up(calling, answered)
    assert answered.packets_heard is not None
    total = answered.packets_heard.summary()
    path = calling.tap
    assert path is not None
    sent = await fields(file, f"rtp and udp.srcport == {path.ports.outside}", "frame.number")
    assert total.dropped > 20
    assert len(sent) == total.packets - total.dropped


async def test_tshark_reads_the_packets_of_bad_senders(phone_network: Network, tmp_path: Path) -> None:
    file = tmp_path / "bad-senders.pcapng"
    async with phone_network.capture(file):
        calling, answered = await talk(phone_network)
        await press_like(calling, BAD_SENDERS["seven-ends"])
        await press_like(calling, BAD_SENDERS["no-marker"])
        await answered.wait_for_digits("91")
        await hang_up(calling, answered)
    call = await CaptureFile(file).call(calling.sip_call_id)
    nine, one = call.digits(call.offer)
    assert (nine.digit, sum(nine.ends), nine.markers[0]) == ("9", 7, True)
    assert (one.digit, sum(one.ends), any(one.markers)) == ("1", 3, False)


async def test_a_call_of_a_room_is_in_the_file(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, tmp_path: Path
) -> None:
    file = tmp_path / "room.pcapng"
    async with fake_daily.capture(file, title="the room dials"):
        desk = await phone_network.phone(BOB, codecs=["PCMU"])
        session = await daily_client.start_dialout({"phoneNumber": BOB})
        await daily_client.wait_for("dialout-answered")
        call = await desk.wait_for_call()
        await daily_client.send_dtmf({"sessionId": session, "tones": "7", "digitDurationMs": 100})
        await call.wait_for_digits("7")
        await call.hang_up()
        await daily_client.wait_for("dialout-stopped")
    read = await CaptureFile(file).call(call.sip_call_id)
    assert [digit.digit for digit in read.digits(read.offer)] == ["7"]
    assert read.offer.codecs[0] == "PCMU"


async def test_a_capture_can_be_used_in_a_blocking_test(phone_network: Network, tmp_path: Path) -> None:
    def plain() -> None:
        with phone_network.capture(tmp_path / "plain.pcapng"):
            phone_network.owner_loop.call(talk(phone_network))

    await asyncio.to_thread(plain)
    assert len(await fields(tmp_path / "plain.pcapng", "sip.Method == INVITE", "frame.number")) == 2


async def test_a_capture_can_be_appended_to_a_file(phone_network: Network, tmp_path: Path) -> None:
    file = tmp_path / "two.pcapng"
    for title in ("first", "second"):
        async with phone_network.capture(file, append=True, title=title):
            calling, answered = await talk(phone_network)
            await hang_up(calling, answered)
        await phone_network.reset()
    assert len(await fields(file, "sip.Method == BYE", "frame.number")) == 2
    assert file.read_bytes().count(b"second") == 1


async def test_a_second_capture_or_an_unwritable_file_is_an_error(phone_network: Network, tmp_path: Path) -> None:
    async with phone_network.capture(tmp_path / "one.pcapng"):
        with pytest.raises(ConfigurationError, match=r"one capture at a time; .*one\.pcapng"):
            await phone_network.capture(tmp_path / "two.pcapng").start()
    with pytest.raises(ConfigurationError, match="No such file"):
        await phone_network.capture(tmp_path / "nowhere" / "call.pcapng").start()
    async with phone_network.capture(tmp_path / "three.pcapng"):
        pass
    assert await tshark(tmp_path / "three.pcapng") == []
