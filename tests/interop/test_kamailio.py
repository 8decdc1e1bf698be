"""Calls through Debian's Kamailio, a proxy that record-routes: the requests of both sides follow their Route."""

from __future__ import annotations

import asyncio
import re

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from simulator.network import Network
from simulator.useragent.sip_text import SipMessage
from tests.interop.kamailio import REGISTERED, Kamailio
from tests.interop.public_cases.raw_rtp import RtpSocket, digit_packets
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp, rtp_address
from tests.interop.room_events import telephony_events

pytestmark = pytest.mark.interop("kamailio")

DIALIN = ["dialin-connected", "participant-joined"]
DIALOUT = ["dialout-connected", "participant-joined", "dialout-answered"]


class RoutedDialog(RawDialog):
    """A dialog through a proxy: its requests have the route set of the Record-Route (RFC 3261 §12.1)."""

    route: tuple[str, ...] = ()

    def text(self, method: str, body: str = "", **how: object) -> str:
        headers = {"Route": ", ".join(self.route) or None, **(how.pop("headers", None) or {})}  # type: ignore[dict-item]
        return super().text(method, body, headers=headers, **how)  # type: ignore[arg-type]

    def established(self, response: SipMessage) -> None:
        super().established(response)
        self.route = tuple(reversed(record_route(response)))

    @classmethod
    def calling(cls, agent: RawUserAgent, target: str, *, through: tuple[str, int]) -> RoutedDialog:
        return cls(agent, peer=through, request_uri=target)

    @classmethod
    async def through(cls, agent: RawUserAgent, kamailio: Kamailio) -> RoutedDialog:
        """Wait for an INVITE from the proxy."""
        dialog = await cls.called(agent)
        assert isinstance(dialog, RoutedDialog)
        assert dialog.invite
        dialog.route, dialog.peer = record_route(dialog.invite), kamailio.address
        return dialog

    async def accept(self, sdp: str) -> None:
        """Answer 200, and wait for the ACK."""
        await self.answer("200 OK", sdp, headers={"Record-Route": ", ".join(self.route)})
        await self.agent.receive("ACK ")


def record_route(message: SipMessage) -> tuple[str, ...]:
    found = tuple(value for name, value in message.headers if name == "Record-Route")
    assert found, message
    return found


def through(kamailio: Kamailio, room: RoomHandle) -> str:
    return kamailio.uri(room.sip_uris[0].removeprefix("sip:").partition("@")[0])


def telephone_event(sdp: str) -> int:
    """The payload type of telephone-event at 8000 Hz."""
    found = re.search(r"a=rtpmap:(\d+) telephone-event/8000", sdp)
    assert found, sdp
    return int(found[1])


async def send_digit(rtp: RtpSocket, sdp: str, event: int, *, payload_type: int = 101) -> None:
    for marker, payload in digit_packets(event):
        rtp.send(rtp_address(sdp), payload, payload_type=payload_type, marker=marker, timestamp=1000)


async def test_a_caller_holds_resumes_and_hangs_up(
    kamailio: Kamailio, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RoutedDialog.calling(agent, through(kamailio, daily_room), through=kamailio.address)
        response = await dialog.call(audio_sdp(rtp.port))
        session_id = (await daily_client.wait_for("dialin-connected"))["sessionId"]
        await daily_client.wait_for("participant-joined")
        held = await dialog.reinvite(audio_sdp(rtp.port) + "a=sendonly\r\n")
        resumed = await dialog.reinvite(audio_sdp(rtp.port))
        assert response.sdp
        await send_digit(rtp, response.sdp, 7)
        await daily_client.wait_for("dtmf-event", where={"tone": "7"})
        await dialog.request("BYE")
        await agent.receive("SIP/2.0 200")
        await daily_client.wait_for("dialin-stopped")

    assert "a=recvonly" in held.body
    assert "a=recvonly" not in resumed.body
    assert kamailio.routed == ["ACK", "INVITE", "ACK", "INVITE", "ACK", "BYE"]
    assert telephony_events(daily_client.events, session_id) == [
        *DIALIN,
        "dtmf-event 7 telephone-event",
        "participant-left",
        "dialin-stopped",
    ]


async def test_the_room_ends_a_dial_in(kamailio: Kamailio, daily_room: RoomHandle, daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RoutedDialog.calling(agent, through(kamailio, daily_room), through=kamailio.address)
        await dialog.call(audio_sdp(rtp.port))
        session_id = (await daily_client.wait_for("dialin-connected"))["sessionId"]
        await daily_client.wait_for("participant-joined")
        await rtp.receives()
        await daily_client.eject(session_id)
        bye = await agent.receive("BYE ")
        await dialog.answer("200 OK", to=bye)
        await daily_client.wait_for("dialin-stopped")

    assert kamailio.routed == ["ACK", "BYE"]
    assert bye.start == f"BYE sip:raw@{agent.address} SIP/2.0"


async def test_an_outbound_proxy_in_a_route_of_the_invite(
    kamailio: Kamailio, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RoutedDialog.calling(agent, daily_room.sip_uris[0], through=kamailio.address)
        dialog.route = (f"<sip:127.0.0.1:{kamailio.port};lr>",)
        await dialog.call(audio_sdp(rtp.port))
        await daily_client.wait_for(["dialin-connected", "participant-joined"])
        await dialog.request("BYE")
        await agent.receive("SIP/2.0 200")
        await daily_client.wait_for("dialin-stopped")

    assert kamailio.routed == ["ACK", "BYE"]


async def test_a_callee_holds_resumes_and_the_room_hangs_up(kamailio: Kamailio, daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        user = await kamailio.register("raw", agent.uri)
        session_id = await daily_client.start_dialout({"sipUri": kamailio.uri(user), "codecs": {"audio": ["PCMU"]}})
        dialog = await RoutedDialog.through(agent, kamailio)
        await dialog.accept(audio_sdp(rtp.port))
        await daily_client.wait_for("dialout-answered")
        held = await dialog.reinvite(audio_sdp(rtp.port) + "a=sendonly\r\n")
        resumed = await dialog.reinvite(audio_sdp(rtp.port))
        assert dialog.invite
        assert dialog.invite.sdp
        await send_digit(rtp, dialog.invite.sdp, 3, payload_type=telephone_event(dialog.invite.sdp))
        await daily_client.wait_for("dtmf-event", where={"tone": "3"})
        await daily_client.stop_dialout(session_id)
        bye = await agent.receive("BYE ")
        await dialog.answer("200 OK", to=bye)
        await daily_client.wait_for("dialout-stopped")

    assert "a=recvonly" in held.body
    assert "a=recvonly" not in resumed.body
    assert kamailio.routed == ["ACK", "INVITE", "ACK", "INVITE", "ACK", "BYE"]
    assert telephony_events(daily_client.events, session_id) == [
        *DIALOUT,
        "dtmf-event 3 telephone-event",
        "participant-left",
        "dialout-stopped",
    ]


async def test_a_callee_hangs_up(kamailio: Kamailio, daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        user = await kamailio.register("raw", agent.uri)
        session_id = await daily_client.start_dialout({"sipUri": kamailio.uri(user), "codecs": {"audio": ["PCMU"]}})
        dialog = await RoutedDialog.through(agent, kamailio)
        await dialog.accept(audio_sdp(rtp.port))
        await daily_client.wait_for("dialout-answered")
        await dialog.request("BYE")
        await agent.receive("SIP/2.0 200")
        await daily_client.wait_for("dialout-stopped")

    assert kamailio.routed == ["ACK", "BYE"]
    assert telephony_events(daily_client.events, session_id) == [*DIALOUT, "participant-left", "dialout-stopped"]


async def test_a_phone_holds_and_resumes_its_call_to_a_user_of_the_registrar(
    kamailio: Kamailio, phone_network: Network
) -> None:
    """The re-INVITEs are ours, and follow the Record-Route of the answer."""
    phone = await phone_network.phone("+12065550142", codecs=["PCMU"])
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        call = await phone.dial(kamailio.uri(await kamailio.register("raw", agent.uri)))
        dialog = await RoutedDialog.through(agent, kamailio)
        await dialog.accept(audio_sdp(rtp.port))
        await call.wait_answered()
        for change, direction in ((call.hold, "sendonly"), (call.resume, "sendrecv")):
            changing = asyncio.create_task(change())
            reinvite = await agent.receive("INVITE ")
            answer = audio_sdp(rtp.port) + ("a=recvonly\r\n" if direction == "sendonly" else "")
            await dialog.answer("200 OK", answer, to=reinvite)
            await agent.receive("ACK ")
            await changing
            assert f"a={direction}" in reinvite.body
        hanging_up = asyncio.create_task(call.hang_up())
        await dialog.answer("200 OK", to=await agent.receive("BYE "))
        await hanging_up

    assert kamailio.routed == ["ACK", "INVITE", "ACK", "INVITE", "ACK", "BYE"]


async def test_a_caller_gives_up(kamailio: Kamailio, phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", calls=["no_answer"])
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RoutedDialog.calling(agent, kamailio.uri(phone.number or ""), through=kamailio.address)
        invite = dialog.text("INVITE", audio_sdp(rtp.port))
        await agent.send(invite, kamailio.address)
        await agent.receive("SIP/2.0 180")
        same = {name: value for name, value in SipMessage.parse(invite).headers if name in ("Via", "CSeq")}
        cancel = {"Via": same["Via"], "CSeq": same["CSeq"].replace("INVITE", "CANCEL"), "Contact": None}
        await agent.send(dialog.text("CANCEL", headers=cancel), kamailio.address)
        await agent.receive("SIP/2.0 200")
        terminated = await agent.receive("SIP/2.0 4")
        dialog.remote = terminated.header("To") or ""
        ack = {"Via": same["Via"], "CSeq": same["CSeq"].replace("INVITE", "ACK"), "Contact": None}
        await agent.send(dialog.text("ACK", headers=ack), kamailio.address)
        ended = await (await phone.wait_for_call()).wait_for_end()

    assert terminated.status[0] == 487
    assert ended.by == "remote"


async def test_the_room_stops_a_dial_out_while_it_rings(kamailio: Kamailio, daily_client: Client) -> None:
    async with RawUserAgent() as agent:
        user = await kamailio.register("raw", agent.uri)
        session_id = await daily_client.start_dialout({"sipUri": kamailio.uri(user)})
        dialog = await RoutedDialog.through(agent, kamailio)
        await dialog.answer("180 Ringing", headers={"Record-Route": ", ".join(dialog.route)})
        await daily_client.wait_for("dialout-connected")
        await daily_client.stop_dialout(session_id)
        cancel = await agent.receive("CANCEL ")
        await dialog.answer("200 OK", to=cancel)
        await dialog.answer("487 Request Terminated")
        await agent.receive("ACK ")
        await daily_client.wait_for("dialout-stopped")

    assert telephony_events(daily_client.events, session_id) == [
        "dialout-connected",
        "participant-joined",
        "participant-left",
        "dialout-stopped",
    ]


async def test_a_user_who_has_moved(kamailio: Kamailio, daily_client: Client) -> None:
    session_id = await daily_client.start_dialout({"sipUri": kamailio.uri("moved")})
    error = await daily_client.wait_for("dialout-error")

    assert error["errorMsg"].startswith("DialOut failed with error: 302 Moved Temporarily")
    assert telephony_events(daily_client.events, session_id) == ["dialout-error"]


async def test_a_user_who_is_not_registered(kamailio: Kamailio, daily_client: Client) -> None:
    session_id = await daily_client.start_dialout({"sipUri": kamailio.uri(f"{REGISTERED}nobody")})
    error = await daily_client.wait_for("dialout-error")

    assert error["errorMsg"] == "DialOut failed with error: 404 Not Registered (unallocated number)"
    assert telephony_events(daily_client.events, session_id) == ["dialout-error"]
