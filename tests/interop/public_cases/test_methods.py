"""Methods are case-sensitive (RFC 3261 §7.1), and CSeq names that of its request (§8.1.1.5).

PJSIP reads methods in any case, and a CSeq with another method; the front door and a worker's own port refuse both.
"""

from __future__ import annotations

import re
from typing import Literal

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.sip_methods import ALLOW
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, Transport
from tests.interop.public_cases.room_calls import dialled_in

Place = Literal["front door", "worker"]
each_place = pytest.mark.parametrize("place", ["front door", "worker"])
each_transport = pytest.mark.parametrize("transport", ["udp", "tcp"])


def address_of(daily: FakeDaily, place: Place) -> str:
    return next(iter(daily.gateway.group)).address if place == "worker" else daily.network.address


def outside_of_dialogs(agent: RawUserAgent, address: str) -> RawDialog:
    return RawDialog.calling(agent, f"sip:x@{address}", through=_host_port(address))


@each_place
@each_transport
async def test_a_method_in_another_case_is_an_unknown_one(
    fake_daily: FakeDaily, place: Place, transport: Transport
) -> None:
    for method in ("options", "Options", "invite", "bye", "cancel", "register", "ack", "info", "refer", "ZORK"):
        async with RawUserAgent(transport) as agent:
            dialog = outside_of_dialogs(agent, address_of(fake_daily, place))
            await dialog.request(method)
            response = await agent.final_response(f"1 {method}")
            assert (response.status[0], response.header("Allow")) == (405, ALLOW), method


@each_transport
async def test_what_is_no_ack_is_answered_for_its_version(fake_daily: FakeDaily, transport: Transport) -> None:
    worker = next(iter(fake_daily.gateway.group))
    async with RawUserAgent(transport) as agent:
        dialog = outside_of_dialogs(agent, worker.address)
        await agent.send(dialog.text("ack").replace("SIP/2.0\r\n", "SIP/7.0\r\n", 1), dialog.peer)
        assert (await agent.receive("SIP/2.0")).status[0] == 505
    assert worker.alive


@pytest.mark.parametrize("method", ["options", "info", "bye", "invite", "ack", "ZORK"])
async def test_within_a_call_it_leaves_the_call_alone(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, method: str
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        worker = call.dialog.request_uri.rpartition("@")[2].partition(";")[0]
        assert worker != fake_daily.network.address
        await call.agent.send(call.dialog.text(method), _host_port(worker))
        response = await call.agent.final_response(f"{call.dialog.cseq} {method}")
        assert (response.status[0], response.header("Allow")) == (405, ALLOW)
        assert (await call.response_to("OPTIONS")).status[0] == 200


UNUSABLE_CSEQS = [
    "zork",
    "1",
    "{method}",
    "1 {method} x",
    "x {method}",
    "-1 {method}",
    "99999999999 {method}",
    "1 ZORK",
]


@each_place
@each_transport
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "BYE"])
async def test_a_cseq_that_cannot_be_used_is_answered_400(
    fake_daily: FakeDaily, place: Place, transport: Transport, method: str
) -> None:
    for cseq in UNUSABLE_CSEQS:
        async with RawUserAgent(transport) as agent:
            dialog = outside_of_dialogs(agent, address_of(fake_daily, place))
            text = re.sub(r"CSeq: [^\r]*", f"CSeq: {cseq.format(method=method)}", dialog.text(method))
            await agent.send(text, dialog.peer)
            assert (await agent.receive("SIP/2.0")).status[0] == 400, cseq


UNUSABLE_ACKS = {
    "another version": ("ACK {uri} SIP/2.0", "ACK {uri} SIP/7.0"),
    "a tab in the start line": ("ACK {uri}", "ACK\t{uri}"),
    "two spaces in the start line": ("ACK {uri}", "ACK  {uri}"),
    "a CSeq of another method": (" ACK\r\n", " OPTIONS\r\n"),
    "a Contact that is no SIP URI": ("\r\nContact: <sip:", "\r\nContact: <tel:"),
}


@each_transport
@pytest.mark.parametrize("what", UNUSABLE_ACKS)
async def test_an_unusable_ack_is_not_answered_and_ends_no_worker(
    fake_daily: FakeDaily, transport: Transport, what: str
) -> None:
    """A response to what PJSIP takes for an ACK aborts its process."""
    worker = next(iter(fake_daily.gateway.group))
    async with RawUserAgent(transport) as agent:
        dialog = outside_of_dialogs(agent, worker.address)
        before, after = (part.format(uri=dialog.request_uri) for part in UNUSABLE_ACKS[what])
        text = dialog.text("ACK")
        assert before in text
        await agent.send(text.replace(before, after), dialog.peer)
        await dialog.request("OPTIONS")
        await agent.final_response("1 OPTIONS")
        assert len(agent.messages) == 1
    assert worker.alive


def _host_port(address: str) -> tuple[str, int]:
    host, _, port = address.partition(":")
    return host, int(port)
