"""Start lines that no request may have (RFC 3261 §7.1): the front door and a worker's own port answer alike."""

from __future__ import annotations

from typing import Literal

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, Transport
from tests.interop.public_cases.room_calls import dialled_in

START_LINES = {
    "{method} {uri} SIP/7.0": 505,
    "{method} {uri} SIP/2.1": 505,
    "{method} {uri} HTTP/1.1": 505,
    "{method} {uri}": 400,
    "{method}": 400,
    "{method} {uri} x SIP/2.0": 400,
    "{method} <{uri}> SIP/2.0": 400,
    "({method} {uri} SIP/2.0": 400,
    "{method} sip: SIP/2.0": 400,
    "{method} {uri}:99999 SIP/2.0": 400,
    "{method} nobodyKnowsThis:x SIP/2.0": 416,
}


@pytest.mark.parametrize("place", ["front door", "worker"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
async def test_requests_outside_of_a_dialog(
    fake_daily: FakeDaily, place: Literal["front door", "worker"], transport: Transport, method: str
) -> None:
    worker = next(iter(fake_daily.gateway.group))
    address = worker.address if place == "worker" else fake_daily.network.address
    for start, status in START_LINES.items():
        async with RawUserAgent(transport) as agent:
            dialog = RawDialog.calling(agent, f"sip:x@{address}", through=_host_port(address))
            await agent.send(_with_start(dialog.text(method), start, method, dialog.request_uri), dialog.peer)
            assert (await agent.final_response(f"1 {method}")).status[0] == status, start


@pytest.mark.parametrize("method", ["INVITE", "BYE", "CANCEL", "INFO"])
async def test_a_request_within_a_call_leaves_the_call_alone(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, method: str
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        text = _with_start(call.dialog.text(method), "{method} {uri} SIP/7.0", method, "sip:x")
        worker = call.dialog.request_uri.rpartition("@")[2].partition(";")[0]
        assert worker != fake_daily.network.address
        await call.agent.send(text, _host_port(worker))
        response = await call.agent.final_response(f"{call.dialog.cseq} {method}")
        assert response.status[0] == 505
        assert (await call.response_to("OPTIONS")).status[0] == 200


async def test_an_ack_is_not_answered(fake_daily: FakeDaily) -> None:
    worker = next(iter(fake_daily.gateway.group))
    async with RawUserAgent() as agent:
        dialog = RawDialog.calling(agent, f"sip:x@{worker.address}", through=_host_port(worker.address))
        await agent.send(_with_start(dialog.text("ACK"), "{method} {uri} SIP/7.0", "ACK", "sip:x"), dialog.peer)
        await dialog.request("OPTIONS")
        await agent.final_response("1 OPTIONS")
        assert len(agent.messages) == 1


def _with_start(text: str, start: str, method: str, uri: str) -> str:
    return start.format(method=method, uri=uri) + "\r\n" + text.partition("\r\n")[2]


def _host_port(address: str) -> tuple[str, int]:
    host, _, port = address.partition(":")
    return host, int(port)
