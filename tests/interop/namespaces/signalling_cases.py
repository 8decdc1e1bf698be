"""SIP messages that name other machines: in Contact, Record-Route, Refer-To, dialled URIs and Via lines."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

from fake_daily_server.values.errors import DailyError
from tests.interop.namespaces.cases import (
    AT_ONCE_S,
    FOREIGN,
    NAME,
    NEIGHBOUR,
    Surroundings,
    bye_arrives,
    case,
    dialled_in,
    dialled_out,
)
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp

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


@case("dial-in, other calls while a name is in a Contact", alone=True)
async def others_go_on(around: Surroundings) -> None:
    async with RawUserAgent() as agent, RawUserAgent() as other, RtpSocket() as rtp, RtpSocket() as other_rtp:
        bystander, _ = await dialled_in(around, other, audio_sdp(other_rtp.port), {}, endpoint=1)
        await other_rtp.receives()
        dialog, session_id = await dialled_in(around, agent, audio_sdp(rtp.port), IN_DIALOG["Contact with a name"])
        await around.client.stop_dialout(session_id)
        await asyncio.sleep(1)  # the time in which the other call must be heard without a gap
        moments = [packet.at for packet in other_rtp.packets]
        gap = max(later - earlier for earlier, later in pairwise(moments))
        assert gap < 1, f"the other call heard nothing for {gap:.1f} s"
        assert time.monotonic() - moments[-1] < 1, f"and nothing for {time.monotonic() - moments[-1]:.1f} s at last"
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
