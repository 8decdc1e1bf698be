"""Calls with peers that name other machines wherever SIP, SDP and HTTP let them, run on an isolated machine.

`python -m tests.interop.namespaces.hostile_peers ADDRESS [CASE…]` starts a server at the address, plays the cases, and
prints a JSON object: for each case null, or what was wrong.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import DailyError
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, RtpSocket, audio_sdp

FOREIGN = "192.0.2.66"
NEIGHBOUR = "198.51.100.66"
"""On the same network as the machine, so that a packet would need an ARP request first."""
NAME = "host.example"
AT_ONCE_S = 1.5


@dataclass
class Surroundings:
    daily: FakeDaily
    room: RoomHandle
    client: Client

    @property
    def front_door(self) -> tuple[str, int]:
        host, _, port = self.daily.network.address.rpartition(":")
        return host, int(port)


Case = Callable[[Surroundings], Awaitable[None]]
CASES: dict[str, Case] = {}


def case(name: str, *parameters: object) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    def register(function: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def run(around: Surroundings) -> None:
            await function(around, *parameters)

        CASES[name] = run
        return function

    return register


async def dialled_in(
    around: Surroundings, agent: RawUserAgent, sdp: str, headers: dict[str, str | None], endpoint: int = 0
) -> tuple[RawDialog, str]:
    """A call of the raw agent into the room; its session id."""
    dialog = RawDialog.calling(agent, around.room.sip_uris[endpoint], through=around.front_door)
    response = await dialog.call(sdp, headers=headers)
    assert response.start.startswith("SIP/2.0 200"), response.start
    connected = await around.client.wait_for("dialin-connected")
    return dialog, str(connected["sessionId"])


async def dialled_out(
    around: Surroundings, agent: RawUserAgent, sdp: str, headers: dict[str, str | None]
) -> tuple[RawDialog, str]:
    """A call of the room to the raw agent, which it has answered; its session id."""
    session_id = await around.client.start_dialout({"sipUri": agent.uri})
    dialog = await RawDialog.called(agent)
    await dialog.answer("200 OK", sdp, headers=headers)
    return dialog, session_id


async def bye_arrives(around: Surroundings, agent: RawUserAgent, dialog: RawDialog, session_id: str) -> str:
    await around.client.stop_dialout(session_id)
    bye = await agent.receive("BYE ", within=AT_ONCE_S)
    await dialog.answer("200 OK", to=bye)
    return bye.start


IN_DIALOG: dict[str, dict[str, str | None]] = {
    "Contact with a name": {"Contact": f"<sip:x@{NAME}>"},
    "Contact with a name and TCP": {"Contact": f"<sip:x@{NAME};transport=tcp>"},
    "Contact of another machine": {"Contact": f"<sip:x@{FOREIGN}>"},
    "Contact of a neighbour by TCP": {"Contact": f"<sip:x@{NEIGHBOUR}:5070;transport=tcp>"},
    "Contact with maddr": {"Contact": f"<sip:x@127.0.0.1;maddr={FOREIGN}>"},
    "Record-Route with a name": {"Record-Route": f"<sip:{NAME};lr>"},
    "Record-Route of another machine": {"Record-Route": f"<sip:{FOREIGN};lr>, <sip:{NEIGHBOUR};lr>"},
    "strict Record-Route of another machine": {"Record-Route": f"<sip:{FOREIGN}>"},
    "Record-Route with maddr": {"Record-Route": f"<sip:127.0.0.1:5999;maddr={NEIGHBOUR};lr>"},
}


def _register_dialogs() -> None:
    for what, headers in IN_DIALOG.items():
        case(f"dial-in, {what}", headers)(dial_in)
        case(f"dial-out, {what}", headers)(dial_out)


async def dial_in(around: Surroundings, headers: dict[str, str | None]) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog, session_id = await dialled_in(around, agent, audio_sdp(rtp.port), headers)
        start = await bye_arrives(around, agent, dialog, session_id)
        assert "Contact" not in headers or (headers["Contact"] or "").strip("<>").partition(";")[0] in start, start
        await around.client.wait_for("dialin-stopped", within=AT_ONCE_S)


async def dial_out(around: Surroundings, headers: dict[str, str | None]) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog, session_id = await dialled_out(around, agent, audio_sdp(rtp.port), headers)
        await agent.receive("ACK ", within=AT_ONCE_S)
        await around.client.wait_for("dialout-answered")
        await bye_arrives(around, agent, dialog, session_id)
        await around.client.wait_for("dialout-stopped", within=AT_ONCE_S)


_register_dialogs()


@case("dial-in, other calls while a name is in a Contact")
async def others_go_on(around: Surroundings) -> None:
    async with RawUserAgent() as agent, RawUserAgent() as other, RtpSocket() as rtp, RtpSocket() as other_rtp:
        bystander, _ = await dialled_in(around, other, audio_sdp(other_rtp.port), {}, endpoint=1)
        await other_rtp.receives()
        dialog, session_id = await dialled_in(around, agent, audio_sdp(rtp.port), IN_DIALOG["Contact with a name"])
        await around.client.stop_dialout(session_id)
        await asyncio.sleep(AT_ONCE_S)
        moments = [packet.at for packet in other_rtp.packets]
        gap = max(later - earlier for earlier, later in pairwise(moments))
        assert gap < 0.3, f"the other call heard nothing for {gap:.1f} s"
        assert time.monotonic() - moments[-1] < 0.3, f"and nothing for {time.monotonic() - moments[-1]:.1f} s at last"
        bye = await agent.receive("BYE ", within=AT_ONCE_S)
        await dialog.answer("200 OK", to=bye)
        await bystander.request("BYE")
        await other.receive("SIP/2.0 200", within=AT_ONCE_S)


@case("re-INVITE with a foreign Contact")
async def target_refresh(around: Surroundings) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog, session_id = await dialled_in(around, agent, audio_sdp(rtp.port), {})
        await dialog.call(audio_sdp(rtp.port), headers={"Contact": f"<sip:x@{NAME}>"})
        await bye_arrives(around, agent, dialog, session_id)


@case("reliable 183 with a name in its Contact")
async def prack(around: Surroundings) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        await around.client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        headers: dict[str, str | None] = {"Contact": f"<sip:x@{NAME}>", "Require": "100rel", "RSeq": "1"}
        await dialog.answer("183 Session Progress", audio_sdp(rtp.port), headers=headers)
        pracked = await agent.receive("PRACK ", "CANCEL ", within=AT_ONCE_S)
        await dialog.answer("200 OK", to=pracked)
        await dialog.answer("486 Busy Here")
        await around.client.wait_for("dialout-error", within=AT_ONCE_S)


@case("3xx to a name", f"<sip:x@{NAME}>")
@case("3xx to another machine", f"<sip:x@{FOREIGN}>")
async def redirected(around: Surroundings, contact: str) -> None:
    async with RawUserAgent() as agent:
        await around.client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("302 Moved Temporarily", headers={"Contact": contact})
        await around.client.wait_for("dialout-error", within=AT_ONCE_S)


@case("dialled URI with maddr", f"sip:x@127.0.0.1;maddr={FOREIGN}")
@case("dialled URI with a maddr name", f"sip:x@127.0.0.1;maddr={NAME}")
@case("dialled URI of a neighbour", f"sip:x@{NEIGHBOUR};transport=tcp")
@case("dialled URI with a Route", f"sip:x@127.0.0.1?Route=%3Csip%3A{FOREIGN}%3Blr%3E")
@case("dialled URI with an abbreviated address", "sip:x@3221225538")
async def dialled_elsewhere(around: Surroundings, uri: str) -> None:
    try:
        await around.client.start_dialout({"sipUri": uri})
    except DailyError:
        return
    await around.client.wait_for("dialout-error", within=AT_ONCE_S)


@case("REFER to maddr", f"<sip:x@127.0.0.1;maddr={FOREIGN}>")
@case("REFER to a name", f"<sip:x@{NAME}>")
@case("REFER to another machine by TCP", f"<sip:x@{NEIGHBOUR};transport=tcp>")
@case("REFER with a Route", f"<sip:x@127.0.0.1:5999?Route=%3Csip%3A{FOREIGN}%3Blr%3E>")
@case("REFER with a Route to a name", f"<sip:x@127.0.0.1:5999?Route=%3Csip%3A{NAME}%3Blr%3E>")
async def referred(around: Surroundings, target: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        number = "+12065550177"
        phone = await around.daily.network.phone(number, refers="follow", calls="answer")
        try:
            dialog = RawDialog.calling(agent, f"sip:{number}@{around.daily.network.address}", through=around.front_door)
            await dialog.call(audio_sdp(rtp.port))
            await dialog.request("REFER", headers={"Refer-To": target})
            answer = await agent.receive("SIP/2.0 ", within=AT_ONCE_S)
            if answer.start.startswith("SIP/2.0 2"):
                while True:
                    notified = await agent.receive("NOTIFY ", within=AT_ONCE_S)
                    await dialog.answer("200 OK", to=notified)
                    if "terminated" in (notified.header("Subscription-State") or ""):
                        break
                assert "SIP/2.0 200" not in notified.body, notified.body
            else:
                assert answer.start.startswith("SIP/2.0 4"), answer.start
        finally:
            await around.daily.network.remove(phone)


MEDIA: dict[str, str] = {
    "another machine": f"IP4 {FOREIGN}",
    "a neighbour": f"IP4 {NEIGHBOUR}",
    "a name": f"IP4 {NAME}",
    "a group": "IP4 224.0.0.251/127",
    "an IPv6 address": "IP6 2001:db8::66",
}


def _register_media() -> None:
    for what, address in MEDIA.items():
        case(f"offer with media at {what}", address)(offered_media)
        case(f"answer with media at {what}", address)(answered_media)


def with_connection(sdp: str, address: str) -> str:
    return sdp.replace("c=IN IP4 127.0.0.1", f"c=IN {address}")


async def offered_media(around: Surroundings, address: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, around.room.sip_uris[0], through=around.front_door)
        response = await dialog.call(with_connection(audio_sdp(rtp.port), address))
        if response.start.startswith("SIP/2.0 200"):
            await asyncio.sleep(0.2)
            await dialog.request("BYE")
            await agent.receive("SIP/2.0 200", "BYE ", within=AT_ONCE_S)


async def answered_media(around: Surroundings, address: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog, session_id = await dialled_out(around, agent, with_connection(audio_sdp(rtp.port), address), {})
        await agent.receive("ACK ", within=AT_ONCE_S)
        await asyncio.sleep(0.2)
        if not agent.count("BYE "):
            await around.client.stop_dialout(session_id)
        bye = await agent.receive("BYE ", within=AT_ONCE_S)
        await dialog.answer("200 OK", to=bye)


_register_media()


@case("offer with RTCP at another machine", f"a=rtcp:7000 IN IP4 {FOREIGN}\r\n")
@case("offer with RTCP at a name", f"a=rtcp:7000 IN IP4 {NAME}\r\n")
@case("offer with a second audio section elsewhere", f"m=audio 7000 RTP/AVP 0\r\nc=IN IP4 {FOREIGN}\r\n")
@case(
    "offer with a refused section before one elsewhere",
    f"m=audio 0 RTP/AVP 0\r\nm=audio 7000 RTP/AVP 0\r\nc=IN IP4 {NEIGHBOUR}\r\n",
)
@case(
    "offer with video at another machine", f"m=video 7002 RTP/AVP 97\r\nc=IN IP4 {FOREIGN}\r\na=rtpmap:97 VP8/90000\r\n"
)
@case("offer with video at a name", f"m=video 7002 RTP/AVP 97\r\nc=IN IP4 {NAME}\r\na=rtpmap:97 VP8/90000\r\n")
async def offered_more(around: Surroundings, lines: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        sdp = audio_sdp(rtp.port) + lines
        if lines.startswith("m=audio 0"):
            sdp = audio_sdp(rtp.port).partition("m=")[0] + lines
        dialog = RawDialog.calling(agent, around.room.sip_uris[0], through=around.front_door)
        response = await dialog.call(sdp)
        if response.start.startswith("SIP/2.0 200"):
            await asyncio.sleep(0.3)
            await dialog.request("BYE")
            await agent.receive("SIP/2.0 200", "BYE ", within=AT_ONCE_S)


@case("video dialled out to another machine", f"IP4 {FOREIGN}")
@case("video dialled out to a name", f"IP4 {NAME}")
async def answered_video(around: Surroundings, address: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await around.client.start_dialout({"sipUri": agent.uri, "video": True})
        dialog = await RawDialog.called(agent)
        video = f"m=video 7002 RTP/AVP 97\r\nc=IN {address}\r\na=rtpmap:97 VP8/90000\r\n"
        await dialog.answer("200 OK", audio_sdp(rtp.port) + video)
        await agent.receive("ACK ", within=AT_ONCE_S)
        await around.client.wait_for("dialout-answered")
        await asyncio.sleep(0.3)
        await bye_arrives(around, agent, dialog, session_id)


FORGED: dict[str, str] = {
    "of another machine": f"SIP/2.0/UDP {FOREIGN}:5060;branch=z9hG4bKx",
    "received by a neighbour": f"SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx;received={NEIGHBOUR};rport=7000",
    "with a name": f"SIP/2.0/UDP {NAME};branch=z9hG4bKx",
    "with a maddr": f"SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bKx;maddr={FOREIGN}",
}


def _register_forged() -> None:
    for what, via in FORGED.items():
        case(f"response with a forged Via {what}", via, "")(forged_via)
        case(f"response with a forged Via {what}, by TCP", via, ";i=7fff")(forged_via)
        case(f"request to a worker with a Via {what}", via)(request_to_worker)


async def forged_via(around: Surroundings, via: str, connection: str) -> None:
    """The caller answers a BYE of ours, which came through the front door, with Via lines of its own."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        route = f"<sip:{around.daily.network.address};lr>"
        dialog, session_id = await dialled_in(around, agent, audio_sdp(rtp.port), {"Record-Route": route})
        await around.client.stop_dialout(session_id)
        bye = await agent.receive("BYE ", within=AT_ONCE_S)
        text = agent.raw[agent.messages.index(bye)].decode()
        own = next(line for line in text.split("\r\n") if line.startswith("Via: ") and "front-door" in line)
        copied = [f"{name}: {value}" for name, value in bye.headers if name in ("From", "To", "Call-ID", "CSeq")]
        lines = ["SIP/2.0 200 OK", own + connection, f"Via: {via}", *copied, "Content-Length: 0", "", ""]
        await agent.send("\r\n".join(lines), around.front_door)
        await asyncio.sleep(0.3)
        await dialog.answer("200 OK", to=bye)
        await around.client.wait_for("dialin-stopped", within=AT_ONCE_S)


async def request_to_worker(around: Surroundings, via: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog, _ = await dialled_in(around, agent, audio_sdp(rtp.port), {})
        host, _, port = dialog.request_uri.rpartition("@")[2].partition(";")[0].partition(":")
        dialog.peer = (host, int(port))
        await dialog.request("OPTIONS", headers={"Via": via})
        await asyncio.sleep(0.2)
        await dialog.request("BYE")
        await agent.receive("SIP/2.0 200", within=AT_ONCE_S)


_register_forged()


@case("webhook and room_creation_api elsewhere")
async def webhooks(around: Surroundings) -> None:
    import httpx

    headers = {"Authorization": f"Bearer {around.daily.api_key}"}
    async with httpx.AsyncClient(base_url=around.daily.api_url, headers=headers, trust_env=False) as api:
        for url in (
            f"http://{NAME}/hook",
            f"http://{FOREIGN}/",
            f"http://127.0.0.1@{NEIGHBOUR}/",
            "http://3221225538/",
        ):
            answer = await api.post("/webhooks", json={"url": url})
            assert answer.status_code == 400, answer.text
            answer = await api.post("/", json={"properties": {"pinless_dialin": [{"room_creation_api": url}]}})
            assert answer.status_code == 200, answer.text


@case("webhook that redirects elsewhere")
async def redirecting_webhook(around: Surroundings) -> None:
    import httpx

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 307 Go\r\nLocation: http://{FOREIGN}/\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(redirect, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        headers = {"Authorization": f"Bearer {around.daily.api_key}"}
        async with httpx.AsyncClient(base_url=around.daily.api_url, headers=headers, trust_env=False) as api:
            answer = await api.post("/webhooks", json={"url": url})
            assert answer.status_code == 400, answer.text


@asynccontextmanager
async def surroundings(address: str, *, rtp_relay: bool) -> AsyncIterator[Surroundings]:
    sip = {
        "sip_mode": "dial-in",
        "display_name": "SIP caller",
        "codecs": {"audio": ["PCMU"]},
        "video": True,
        "num_endpoints": 3,
    }
    settings = Settings(host=address, port=0, sip_port=0, rtp_relay=rtp_relay, sip_dialout_codecs=("PCMU",))
    async with FakeDaily(settings) as daily:
        room = await daily.create_room(enable_dialout=True, sip=sip)
        client = await daily.join(room)
        yield Surroundings(daily, room, client)


async def play(address: str, names: list[str]) -> dict[str, str | None]:
    """Play the cases, all of them with a relay and those with media also without one."""
    outcomes: dict[str, str | None] = {}
    for rtp_relay in (True, False):
        for name, run in CASES.items():
            if (names and name not in names) or (
                not rtp_relay and "media at" not in name and "section" not in name and "RTCP" not in name
            ):
                continue
            title = name if rtp_relay else f"{name}, without a relay"
            async with surroundings(address, rtp_relay=rtp_relay) as around:
                try:
                    async with asyncio.timeout(12):
                        await run(around)
                except Exception as wrong:  # noqa: BLE001
                    outcomes[title] = f"{type(wrong).__name__}: {str(wrong)[:300]}"
                else:
                    outcomes[title] = None
            sys.stdout.write(json.dumps({title: outcomes[title]}) + "\n")
            sys.stdout.flush()
    return outcomes


if __name__ == "__main__":
    asyncio.run(play(sys.argv[1], sys.argv[2:]))
