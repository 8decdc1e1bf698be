"""Session descriptions · unusable ones: calls of a worker that died, which did not pass the front door."""

from __future__ import annotations

import os
import signal

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.integration.relay.soon import soon
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp
from tests.interop.public_cases.room_calls import dialled_out, tag


def kill_gateway_worker(daily: FakeDaily) -> None:
    os.kill(daily.gateway.calls[0].user_agent.pid, signal.SIGKILL)


async def test_an_answered_call_is_ended_at_its_peer(fake_daily: FakeDaily, daily_client: Client) -> None:
    async with dialled_out(daily_client) as call:
        kill_gateway_worker(fake_daily)
        bye = await call.agent.request("BYE")
        dialog = call.dialog
        assert dialog.invite is not None
        assert bye.start == f"BYE sip:raw@{call.agent.address} SIP/2.0"
        assert bye.header("Call-ID") == dialog.call_id
        assert tag(bye.header("From") or "") == tag(dialog.remote)
        assert tag(bye.header("To") or "") == tag(dialog.local)
        assert int((bye.header("CSeq") or "").split()[0]) > int((dialog.invite.header("CSeq") or "").split()[0])
        await dialog.answer("200 OK", to=bye)
        await daily_client.wait_for("dialout-error")
        did = [record.fields["did"] for record in fake_daily.timeline.records() if "did" in record.fields]
        assert did == ["BYE to the peer"]


async def test_all_calls_of_the_worker_are_ended(fake_daily: FakeDaily, daily_client: Client) -> None:
    async with dialled_out(daily_client) as one, dialled_out(daily_client) as two:
        kill_gateway_worker(fake_daily)
        await one.agent.request("BYE")
        await two.agent.request("BYE")


@pytest.mark.parametrize("status", ["180 Ringing", "100 Trying", "183 Session Progress"])
async def test_a_call_that_rings_is_cancelled(fake_daily: FakeDaily, daily_client: Client, status: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer(status, audio_sdp(rtp.port) if status.startswith("183") else "")
        await soon(lambda: fake_daily.gateway.calls[0].dialog is not None, "the response has arrived")
        kill_gateway_worker(fake_daily)
        cancel = await agent.request("CANCEL")
        invite = dialog.invite
        assert invite is not None
        assert cancel.start == invite.start.replace("INVITE", "CANCEL")
        for name in ("Via", "From", "To", "Call-ID"):
            assert cancel.header(name) == invite.header(name)
        assert (cancel.header("CSeq") or "").split()[0] == (invite.header("CSeq") or "").split()[0]


async def test_a_bye_follows_the_route_of_the_dialog(fake_daily: FakeDaily, daily_client: Client) -> None:
    async with RawUserAgent() as proxy, RawUserAgent() as agent, RtpSocket() as rtp:
        await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        far, near = "<sip:127.0.0.1:9;lr>", f"<sip:{proxy.address};lr>"
        await dialog.answer("200 OK", audio_sdp(rtp.port), headers={"Record-Route": f"{far}, {near}"})
        await daily_client.wait_for("dialout-answered")
        kill_gateway_worker(fake_daily)
        bye = await proxy.request("BYE")
        assert bye.start == f"BYE {agent.uri} SIP/2.0"
        assert [value for name, value in bye.headers if name == "Route"] == [near, far]


async def test_a_bye_goes_to_the_latest_contact(fake_daily: FakeDaily, daily_client: Client) -> None:
    async with dialled_out(daily_client) as call, RawUserAgent() as moved:
        contact: dict[str, str | None] = {"Contact": f"<sip:moved@{moved.address}>"}
        await call.response_to("INVITE", audio_sdp(call.rtp.port), headers=contact)
        await call.dialog.request("ACK")
        (gateway_call,) = fake_daily.gateway.calls
        await soon(lambda: gateway_call.dialog is not None and "moved" in gateway_call.dialog.target, "it has moved")
        kill_gateway_worker(fake_daily)
        assert (await moved.request("BYE")).start.startswith("BYE sip:moved@")


async def test_a_call_of_a_phone_is_ended_too(phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142")
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        call = await phone.dial(agent.uri)
        await (await RawDialog.called(agent)).answer("200 OK", audio_sdp(rtp.port))
        await call.wait_answered()
        assert phone.worker_pid is not None
        os.kill(phone.worker_pid, signal.SIGKILL)
        await agent.request("BYE")
        await phone.wait_plugged_in()
