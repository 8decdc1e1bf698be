"""Webhook events of real calls: the payload of each type, and their order relative to the clients' events."""

from __future__ import annotations

import os
import signal
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.ids import number_id
from simulator.network import Network

NUMBER, TARGET = "+12065550142", "+12065550143"
CALLER = "+14155550100"


def common(fake_daily: FakeDaily, room: RoomHandle, payload: dict[str, Any]) -> dict[str, Any]:
    """The fields that every telephony payload has; of `timestamp` only the form is checked."""
    assert payload["timestamp"].isdecimal()
    return {"domain_id": fake_daily.settings.domain_id, "room": room.name, "timestamp": payload["timestamp"]}


async def recorded(fake_daily: FakeDaily, field: str, value: object) -> None:
    """Wait until the timeline has a record with this field, on the server's loop."""
    wanted = fake_daily.timeline.wait(lambda record: record.fields.get(field) == value, within=5)
    assert await fake_daily.owner_loop.run(wanted) is not None


async def test_a_meeting_and_its_participants(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_webhook: WebhookReceiver
) -> None:
    ann = await fake_daily.join(daily_room, user_name="Ann", user_id="ann-1")
    bob = await fake_daily.join(daily_room, user_name="Bob", owner=False)
    await ann.leave()
    await bob.leave()
    ended = (await daily_webhook.wait_for("meeting.ended"))["payload"]
    assert [kind for kind in daily_webhook.types if kind != "dialin.ready"] == [
        "meeting.started",
        "participant.joined",
        "participant.joined",
        "participant.left",
        "participant.left",
        "meeting.ended",
    ]
    started = (await daily_webhook.wait_for("meeting.started"))["payload"]
    assert started == {"start_ts": ended["start_ts"], "meeting_id": ann.meeting_session_id, "room": daily_room.name}
    assert set(ended) == {"start_ts", "end_ts", "meeting_id", "room"}
    assert ended["end_ts"] >= ended["start_ts"]
    joined = (await daily_webhook.wait_for("participant.joined"))["payload"]
    left = (await daily_webhook.wait_for("participant.left"))["payload"]
    assert joined == {
        "room": daily_room.name,
        "user_id": "ann-1",
        "user_name": "Ann",
        "session_id": ann.session_id,
        "joined_at": joined["joined_at"],
        "owner": True,
        "networkQualityState": "good",
        "permissions": {"hasPresence": True, "canSend": True, "canReceive": {"base": True}, "canAdmin": True},
    }
    assert left == {**joined, "duration": left["duration"]}
    assert left["duration"] >= 0


async def test_dialin_ready_is_sent_for_every_endpoint(fake_daily: FakeDaily, daily_webhook: WebhookReceiver) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "num_endpoints": 2})
    await fake_daily.join(room)
    ready = [event["payload"] for event in await daily_webhook.wait_for(["dialin.ready", "dialin.ready"])]
    assert ready == [{**common(fake_daily, room, ready[i]), "sip_endpoint": room.sip_uris[i]} for i in (0, 1)]
    assert len({event["id"] for event in daily_webhook.events}) == len(daily_webhook.events)


async def test_a_dial_out(
    fake_daily: FakeDaily,
    phone_network: Network,
    daily_room: RoomHandle,
    daily_client: Client,
    daily_webhook: WebhookReceiver,
) -> None:
    phone = await phone_network.phone(NUMBER, codecs=("PCMA",))
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER, "userId": "u1"})
    stages = ["dialout.connected", "dialout.answered"]
    connected, answered = await daily_webhook.wait_for(stages, where={"session_id": session_id})
    call = await phone.wait_for_call()
    await call.hang_up()
    stopped = await daily_webhook.wait_for("dialout.stopped")
    for event in (connected, answered, stopped):
        assert event["payload"] == {
            **common(fake_daily, daily_room, event["payload"]),
            "session_id": session_id,
            "user_id": "u1",
            "destination": NUMBER,
            "origin": CALLER,
            "caller_id": number_id(CALLER),
        }
    warning = (await daily_webhook.wait_for("dialout.warning"))["payload"]
    assert warning == {
        **common(fake_daily, daily_room, warning),
        "session_id": session_id,
        "user_id": "u1",
        "destination": NUMBER,
        "caller_id": number_id(CALLER),
    }


async def test_a_dial_out_that_fails(
    fake_daily: FakeDaily,
    phone_network: Network,
    daily_room: RoomHandle,
    daily_client: Client,
    daily_webhook: WebhookReceiver,
) -> None:
    await phone_network.phone(NUMBER, calls="busy")
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    client_event = await daily_client.wait_for("dialout-error")
    error = (await daily_webhook.wait_for("dialout.error"))["payload"]
    assert error == {
        **common(fake_daily, daily_room, error),
        "session_id": session_id,
        "error_msg": client_event["errorMsg"],
    }


async def test_a_dial_in(
    fake_daily: FakeDaily,
    phone_network: Network,
    daily_room: RoomHandle,
    daily_client: Client,
    daily_webhook: WebhookReceiver,
) -> None:
    await daily_client.wait_for("dialin-ready")
    phone = await phone_network.phone(NUMBER)
    call = await phone.dial(daily_room.sip_uris[0], headers={"X-Account": "12"})
    connected = (await daily_webhook.wait_for("dialin.connected"))["payload"]
    await call.hang_up()
    stopped = (await daily_webhook.wait_for("dialin.stopped"))["payload"]
    client_event = await daily_client.wait_for("dialin-connected")
    assert connected == {
        **common(fake_daily, daily_room, connected),
        "session_id": client_event["sessionId"],
        "sip_from": client_event["sipFrom"],
        "display_name": "SIP caller",
        "sip_headers": {"X-Account": "12"},
    }
    assert stopped == {**connected, "timestamp": stopped["timestamp"]}


async def test_a_dial_in_whose_worker_dies(
    fake_daily: FakeDaily,
    phone_network: Network,
    daily_room: RoomHandle,
    daily_webhook: WebhookReceiver,
    daily_client: Client,
) -> None:
    ready = await daily_client.wait_for("dialin-ready")
    phone = await phone_network.phone(NUMBER)
    await phone.dial(ready["sipEndpoint"])
    connected, _ = await daily_client.wait_for(["dialin-connected", "participant-joined"])
    (call,) = fake_daily.gateway.calls
    os.kill(call.user_agent.pid, signal.SIGKILL)
    client_event = await daily_client.wait_for("dialin-error")
    error = (await daily_webhook.wait_for("dialin.error"))["payload"]
    assert error == {
        **common(fake_daily, daily_room, error),
        "session_id": connected["sessionId"],
        "error_msg": client_event["errorMsg"],
    }


async def test_webhooks_receive_each_event_after_the_clients(
    fake_daily: FakeDaily, phone_network: Network, daily_webhook: WebhookReceiver, daily_client: Client
) -> None:
    await daily_client.wait_for("dialin-ready")
    await recorded(fake_daily, "type", "dialin.ready")
    after = fake_daily.timeline.last_seq
    phone = await phone_network.phone(NUMBER)
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered")
    await (await phone.wait_for_call()).hang_up()
    await daily_webhook.wait_for("dialout.stopped")
    await recorded(fake_daily, "type", "dialout.stopped")
    clients = [
        event["action"].replace("-", ".", 1)
        for event in fake_daily.events(after=after)
        if event["action"].startswith("dialout") or event["action"] in ("participant-joined", "participant-left")
    ]
    hooks = [str(record.fields["type"]) for record in fake_daily.timeline.records(after=after, kind="webhook")]
    assert hooks == clients
    first_published = {
        name: next(
            record.seq
            for record in fake_daily.timeline.records(after=after)
            if record.kind == "event" and record.fields["event"]["action"].replace("-", ".", 1) == name
        )
        for name in hooks
    }
    for record in fake_daily.timeline.records(after=after, kind="webhook"):
        assert record.seq > first_published[str(record.fields["type"])]


async def test_a_transfer(
    fake_daily: FakeDaily,
    phone_network: Network,
    daily_room: RoomHandle,
    daily_client: Client,
    daily_webhook: WebhookReceiver,
) -> None:
    ready = await daily_client.wait_for("dialin-ready")
    caller = await phone_network.phone(NUMBER)
    target = await phone_network.phone(TARGET)
    await caller.dial(ready["sipEndpoint"])
    client_event, _ = await daily_client.wait_for(["dialin-connected", "participant-joined"])
    await daily_client.sip_call_transfer({"sessionId": client_event["sessionId"], "toEndPoint": TARGET})
    steps = ["calltransfer.triggered", "calltransfer.initiated", "calltransfer.answered"]
    events = await daily_webhook.wait_for(steps, where={"session_id": client_event["sessionId"]})
    await (await target.wait_for_call()).hang_up()
    events.append(await daily_webhook.wait_for("calltransfer.completed"))
    for event in events:
        payload = event["payload"]
        expected = {
            **common(fake_daily, daily_room, payload),
            "session_id": client_event["sessionId"],
            "mtg_session_id": daily_client.meeting_session_id,
            "to_endpoint": TARGET,
            "from_endpoint": client_event["sipFrom"],
        }
        if event["type"] in steps[:2]:
            expected["is_sip_refer"] = False
        assert payload == expected
    assert daily_webhook.types.index("dialin.stopped") > daily_webhook.types.index("calltransfer.triggered")


async def test_the_control_api_shows_deliveries_and_moves_the_clock(
    fake_daily: FakeDaily, daily_room: RoomHandle
) -> None:
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    receiver = await fake_daily.receive_webhooks(["meeting.started"], retry_type="exponential")
    receiver.answer([500, 200])
    async with httpx.AsyncClient(base_url=fake_daily.url, headers=headers, trust_env=False) as http:
        client = await fake_daily.join(daily_room)
        await receiver.wait_for_posts(2)
        before = (await http.get("/_sim/clock")).json()
        assert before["ahead_s"] == 0
        after = (await http.post("/_sim/clock", json={"advance_s": 60})).json()
        assert after["ahead_s"] == 60
        assert after["now"] - before["now"] == pytest.approx(60, abs=5)
        await receiver.wait_for("meeting.started")
        await client.leave()
        await recorded(fake_daily, "attempt", 2)
        answer = await http.get("/_sim/webhooks/deliveries", params={"type": "meeting.started"})
        deliveries = answer.json()["deliveries"]
        assert [(entry["attempt"], entry["status"], entry["error"]) for entry in deliveries] == [
            (1, 500, "answered 500, and only 200 counts"),
            (2, 200, None),
        ]
        assert deliveries == fake_daily.webhook_deliveries[1:]
        assert {entry["webhook"] for entry in deliveries} == {receiver.uuid}
        newer = await http.get("/_sim/webhooks/deliveries", params={"after": deliveries[0]["seq"]})
        assert newer.json()["deliveries"] == deliveries[1:]
        refused = await http.post("/_sim/clock", json={"advance_s": -1})
        assert refused.status_code == 400


async def test_advancing_the_clock_ejects_participants_at_their_limit(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room(eject_after_elapsed=3600)
    client = await fake_daily.join(room)
    await fake_daily.advance_clock(3599)
    assert client.joined
    await fake_daily.advance_clock(10)
    fatal = await client.wait_for("error")
    assert fatal["error"]["type"] == "ejected"


def test_blocking_tests_have_the_webhook_fixture(
    sync_fake_daily: Any, sync_daily_client: Any, sync_daily_webhook: Any
) -> None:
    sync_daily_client.leave()
    ended = sync_daily_webhook.wait_for(["participant.left", "meeting.ended"])
    assert ended[1]["payload"]["meeting_id"] == sync_daily_client.meeting_session_id
    assert sync_fake_daily.webhook_deliveries[0]["purpose"] == "probe"
    sync_daily_webhook.answer(500)
    assert sync_daily_webhook.url.startswith("http://127.0.0.1:")
