"""SIP URIs that are dialled (RFC 3261 §19.1): given back as given, or refused at once with the reason."""

from __future__ import annotations

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.event_actions import actions


@pytest.mark.parametrize(
    ("dialled", "phone_uri"),
    [
        ("sip:a?b@example.com", "sip:a?b@example.com"),
        ("sip:%61lice@example.com", "sip:alice@example.com"),
        ("SIP:bob@EXAMPLE.com", "sip:bob@example.com"),
        ("sip:bob@[2001:db8::1]", "sip:bob@[2001:db8::1]"),
        ("sip:bob;day=1@example.com:5070;transport=tcp", "sip:bob;day=1@example.com:5070"),
    ],
)
async def test_a_dialled_uri_is_given_back_as_it_was_given(
    phone_network: Network, daily_client: Client, dialled: str, phone_uri: str
) -> None:
    phone = await phone_network.phone(uri=phone_uri, calls="answer")
    session_id = await daily_client.start_dialout({"sipUri": f"{dialled}?X-Phone=%2B1&X-Plus=+1206&X-Empty="})
    answered = await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})
    assert answered["destination"] == dialled
    call = await phone.wait_for_call()
    sent = {name: value for name, value in call.headers.items() if name.startswith("X-")}
    assert sent == {"X-Phone": "+1", "X-Plus": "+1206", "X-Empty": ""}
    await call.hang_up()
    await daily_client.wait_for("dialout-stopped")


UNUSABLE = [
    ("sip:bob@[::1]:5060", "SIP here has no IPv6"),
    ("sip:bob@[2001:db8::1]", "SIP here has no IPv6"),
    ("sip:bob@127.0.0.1;maddr=[::1]", "SIP here has no IPv6"),
    ("sip:bob@127.0.0.1;transport=tls", "SIP here has no tls"),
    ("sip:bob@127.0.0.1;transport=WS", "SIP here has no ws"),
    ("sip:bob@127.0.0.1:0", "port from 1 to 65535"),
    ("sip:bob@127.0.0.1:99999", "port from 1 to 65535"),
    ("sips:bob@127.0.0.1", "must begin with sip:"),
    ("sip:bob@", "a SIP URI"),
    (f"sip:{'b' * 500}@127.0.0.1", "at most 500 bytes"),
]


@pytest.mark.parametrize(("uri", "reason"), UNUSABLE)
async def test_a_uri_that_cannot_be_used_is_refused_with_400_and_no_event(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, uri: str, reason: str
) -> None:
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(base_url=fake_daily.api_url, headers=headers, trust_env=False) as api:
        response = await api.post(f"/rooms/{daily_room.name}/dialOut/start", json={"sipUri": uri})
    assert response.status_code == 400
    assert reason in response.json()["info"]
    assert not [action for action in actions(daily_client.events) if action.startswith("dialout")]


async def test_a_host_that_may_not_be_called_is_an_event_of_the_dial_out(daily_client: Client) -> None:
    await daily_client.start_dialout({"sipUri": "sip:bob@elsewhere.example"})
    error = await daily_client.wait_for("dialout-error")
    assert "allow_hosts" in error["errorMsg"]
