"""Video on the wire, decoded by tshark: offer, answer, RTP packets and sender reports."""

from __future__ import annotations

import asyncio
import re
from typing import get_args

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.video.negotiated import VideoCodec
from tests.interop.capture import Capture, CapturedCall
from tests.interop.program import Programs

pytestmark = pytest.mark.interop("tshark")

CODECS: tuple[VideoCodec, ...] = get_args(VideoCodec)
KEY_FRAME = {
    "VP8": (("vp8.hdr.frametype",), "0"),
    "H264": (("h264.nal_unit_hdr", "h264.nal_unit_type"), "5"),
}
"""tshark's fields, and their value in a packet that begins a key frame (VP8) or is part of one, whole or not (H264)."""


@pytest.mark.parametrize("codec", CODECS)
async def test_both_directions_have_the_codec_of_the_answer(
    fake_daily: FakeDaily, daily_client: Client, programs: Programs, codec: VideoCodec
) -> None:
    async with Capture(programs) as capture:
        calls = []
        for name in ("bob", "eve"):
            phone = await fake_daily.network.phone(uri=f"sip:{name}@example.com", video=(codec,))
            await daily_client.start_dialout({"sipUri": phone.uri, "video": True})
            calls.append(await phone.wait_for_call())
        for call in calls:
            await call.expect_video(codec=codec, pictures=15)
    bob = await capture.call(calls[0].sip_call_id)
    offer, answer = video_line(bob, "INVITE"), video_line(bob, None)
    assert offer[2] == ["H264", "VP8"], "Daily offers both"
    assert answer[2] == [codec]
    fields, key = KEY_FRAME[codec]
    for port in (offer[0], answer[0]):
        packets = await decode(capture, bob, f"rtp && udp.dstport == {port}", "rtp.p_type", "rtp.marker", *fields)
        assert {packet["rtp.p_type"] for packet in packets} == {str(answer[1][0])}
        assert sum(packet["rtp.marker"] in ("1", "True") for packet in packets) >= 15, "one for each picture"
        assert any(key in packet[field].split(",") for packet in packets for field in fields), "a key frame"
        reports = await decode(capture, bob, f"rtcp && udp.dstport == {port + 1}", "rtcp.pt")
        assert any("200" in report["rtcp.pt"].split(",") for report in reports), "a sender report"


def video_line(call: CapturedCall, method: str | None) -> tuple[int, list[int], list[str]]:
    """Port, payload types and encoding names in the video section of a request, or of the 200 if `method` is None."""
    for packet in call.sip:
        status = None if method else "200"
        if (packet.get("sip.Method"), packet.get("sip.Status-Code")) != (method, status):
            continue
        for media in packet.fields.get("sdp.media", []):
            if found := re.match(r"video (\d+) RTP/AVP ([\d ]+)", media):
                numbers = [int(number) for number in found[2].split()]
                maps = {
                    int(named[1]): named[2]
                    for line in packet.fields.get("sdp.media_attr", [])
                    if (named := re.match(r"rtpmap:(\d+) (VP8|H264)/90000", line))
                }
                return int(found[1]), numbers, [maps[number] for number in numbers]
    raise AssertionError(f"no video section in {method or 'the answer'}: {[packet.fields for packet in call.sip]}")


async def decode(capture: Capture, call: CapturedCall, wanted: str, *fields: str) -> list[dict[str, str]]:
    """Fields of the packets that match a display filter; tshark finds the RTP ports in the call's SIP."""
    sip = sorted({port for packet in call.sip for port in (packet.source, packet.destination)})
    as_sip = [option for port in sip for option in ("-d", f"udp.port=={port},sip")]
    names = [option for field in fields for option in ("-e", field)]
    tshark = await asyncio.create_subprocess_exec(
        "tshark", "-n", "-r", str(capture.file), *as_sip, "-Y", wanted, "-T", "fields", *names,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stdout, stderr = await tshark.communicate()
    assert tshark.returncode == 0, stderr.decode()
    rows = [line.split("\t") for line in stdout.decode().splitlines()]
    return [dict(zip(fields, row, strict=True)) for row in rows]
