"""Delivery of events to a customer's server: signatures, filters, order, and retries after failures."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from datetime import datetime

import pytest

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.values.errors import InvalidRequest, NotFound
from simulator.errors import ExpectationFailed
from tests.daily_side import DailySide, daily_side
from tests.server.webhooks.webhook_api import (
    get_webhook,
    publish_event,
    received_numbers,
    subscribe,
    webhook_records,
)


async def test_an_event_is_signed_as_the_documentation_verifies_it(side: DailySide, receiver: WebhookReceiver) -> None:
    await subscribe(side, receiver, basicAuth="dXNlcjpwYXNz")
    publish_event(side, 0)
    event = await receiver.wait_for("dialin.ready")
    post = receiver.posts[-1]
    moment = post.headers["x-webhook-timestamp"]
    text = moment.encode() + b"." + post.raw
    digest = hmac.new(base64.b64decode(receiver.hmac), text, hashlib.sha256).digest()
    assert post.headers["x-webhook-signature"] == base64.b64encode(digest).decode()
    assert int(moment) / 1000 == pytest.approx(event["event_ts"], abs=0.5)
    assert post.headers["authorization"] == "Basic dXNlcjpwYXNz"
    assert post.headers["content-type"] == "application/json"
    assert (event["version"], event["type"]) == ("1.0.0", "dialin.ready")
    assert event["payload"]["domain_id"] == side.store.settings.domain_id


async def test_the_timestamp_may_be_in_seconds(receiver: WebhookReceiver) -> None:
    async with daily_side(webhook_timestamp="s") as side:
        await subscribe(side, receiver)
        assert int(receiver.posts[0].headers["x-webhook-timestamp"]) == pytest.approx(side.clock(), abs=2)
        assert receiver.posts[0].signed


async def test_a_wrong_secret_makes_the_signature_wrong(side: DailySide, receiver: WebhookReceiver) -> None:
    await subscribe(side, receiver, hmac=base64.b64encode(b"another").decode())
    publish_event(side, 0)
    with pytest.raises(ExpectationFailed, match="its signature is wrong"):
        await receiver.wait_for("dialin.ready", within=0.3)


async def test_only_subscribed_events_are_sent(side: DailySide, receiver: WebhookReceiver) -> None:
    await subscribe(side, receiver, eventTypes=["meeting.started", "participant.left"])
    side.room()
    async with side.client():
        pass
    await receiver.wait_for(["meeting.started", "participant.left"])
    assert receiver.types == ["meeting.started", "participant.left"]


async def test_events_arrive_one_at_a_time_and_in_order(side: DailySide, receiver: WebhookReceiver) -> None:
    await subscribe(side, receiver)
    receiver.answer(delay=0.01)
    for number in range(20):
        publish_event(side, number)
    posts = await receiver.wait_for_posts(21)
    assert received_numbers(receiver) == list(range(20))
    assert len(posts) == 21


async def test_a_slow_webhook_does_not_delay_another_one(side: DailySide, receiver: WebhookReceiver) -> None:
    async with WebhookReceiver() as slow:
        await subscribe(side, slow)
        await subscribe(side, receiver)
        slow.answer(delay=0.4)
        for number in range(3):
            publish_event(side, number)
        await receiver.wait_for(["dialin.ready"] * 3)
        assert len(slow.posts) == 2
        await slow.wait_for(["dialin.ready"] * 3)


async def test_a_delivery_is_logged(side: DailySide, receiver: WebhookReceiver) -> None:
    webhook = await subscribe(side, receiver)
    publish_event(side, 0)
    event = await receiver.wait_for("dialin.ready")
    await side.timeline.wait(lambda record: record.fields.get("purpose") == "event", within=2)
    _, delivery = side.site.webhooks.deliveries
    assert (delivery.webhook, delivery.type, delivery.id) == (webhook["uuid"], "dialin.ready", event["id"])
    assert (delivery.attempt, delivery.status, delivery.error) == (1, 200, None)
    assert 0 < delivery.ms < 500
    (record,) = webhook_records(side, purpose="event")
    assert (record["id"], record["room"], record["payload"]) == (event["id"], "demo", event["payload"])
    pushed = (await get_webhook(side, webhook))["lastMomentPushed"]
    assert datetime.fromisoformat(pushed).timestamp() == pytest.approx(event["event_ts"], abs=1)
    logged = (await side.api.get("/logs/api", params={"source": "webhook", "limit": 1})).json()
    assert event["id"] in logged[0]["request"]
    assert logged[0]["response"] == "{}"


async def test_a_delivery_is_sent_again_with_the_same_id(side: DailySide, receiver: WebhookReceiver) -> None:
    webhook = await subscribe(side, receiver)
    publish_event(side, 0)
    event = await receiver.wait_for("dialin.ready")
    await side.timeline.wait(lambda record: record.fields.get("purpose") == "event", within=2)
    webhooks = side.site.webhooks
    probe, delivery = webhooks.deliveries
    assert webhooks.send_again(delivery.seq) == event["id"]
    again = await receiver.wait_for("dialin.ready")
    assert (again["id"], again["payload"]) == (event["id"], event["payload"])
    assert "event" not in delivery.as_dict()
    with pytest.raises(InvalidRequest, match=f"delivery {probe.seq} was a test request"):
        webhooks.send_again(probe.seq)
    with pytest.raises(NotFound, match="no delivery has seq 99"):
        webhooks.send_again(99)
    await webhooks.delete(webhook["uuid"])
    with pytest.raises(NotFound):
        webhooks.send_again(delivery.seq)


async def test_three_consecutive_failures_fail_the_webhook_until_it_is_reactivated(
    side: DailySide, receiver: WebhookReceiver
) -> None:
    webhook = await subscribe(side, receiver)
    receiver.answer([500, 404, 200, 500, 302, 500])
    for number in range(9):
        publish_event(side, number)
    await side.timeline.wait(lambda record: record.fields.get("state") == "FAILED", within=5)
    assert received_numbers(receiver) == [0, 1, 2, 3, 4, 5]
    now = await get_webhook(side, webhook)
    assert (now["state"], now["failedCount"]) == ("FAILED", 3)

    publish_event(side, 9)
    dropped = [
        record["payload"] if "payload" in record else record["because"]
        for record in webhook_records(side, purpose="dropped")
    ]
    assert len(dropped) == 9
    assert dropped[-1].startswith("the webhook is FAILED")
    assert dropped[-2] == "the webhook has become FAILED"
    assert dropped[0] == "attempt 1 failed: answered 500, and only 200 counts"

    receiver.answer(200)
    again = (await side.api.post(f"/webhooks/{webhook['uuid']}")).json()
    assert (again["state"], again["failedCount"]) == ("ACTIVE", 0)
    publish_event(side, 10)
    await receiver.wait_for("dialin.ready", where={"sip_endpoint": "sip:demo.10@127.0.0.1"})
    assert received_numbers(receiver) == [0, 1, 2, 3, 4, 5, 10]
    assert [record["state"] for record in webhook_records(side) if "state" in record] == ["FAILED", "ACTIVE"]


async def test_a_slow_or_unreachable_server_counts_as_a_failure(side: DailySide, receiver: WebhookReceiver) -> None:
    await subscribe(side, receiver)
    receiver.answer(delay=10)
    publish_event(side, 0)
    await _failures(side, 1)
    await receiver.close()
    publish_event(side, 1)
    publish_event(side, 2)
    await _failures(side, 3)
    errors = [delivery.error or "" for delivery in side.site.webhooks.deliveries][1:]
    assert errors[0] == "no answer within 0.5 s"
    assert errors[1].startswith(("ConnectError", "RemoteProtocolError", "ReadError"))
    assert errors[2].startswith("ConnectError")
    assert receiver.events == []


async def test_exponential_attempts_an_event_five_times_and_never_fails_the_webhook(
    side: DailySide, receiver: WebhookReceiver
) -> None:
    webhook = await subscribe(side, receiver, retryType="exponential")
    receiver.answer(500)
    publish_event(side, 0)
    for attempt, delay in ((1, 60), (2, 120), (3, 240), (4, 480)):
        await receiver.wait_for_posts(1 + attempt)
        await _failures(side, attempt)
        side.site.clock.advance(delay - 1)
        await asyncio.sleep(0)
        assert len(receiver.posts) == 1 + attempt
        side.site.clock.advance(1)
    await receiver.wait_for_posts(6)
    await _failures(side, 5)
    (dropped,) = webhook_records(side, purpose="dropped")
    assert dropped["because"] == "attempt 5 failed: answered 500, and only 200 counts"
    assert (await get_webhook(side, webhook))["state"] == "ACTIVE"
    side.site.clock.advance(10_000)
    publish_event(side, 1)
    await receiver.wait_for_posts(7)
    assert received_numbers(receiver) == [0, 0, 0, 0, 0, 1]
    attempts = [post.body for post in receiver.posts[1:6]]
    assert len({body["id"] for body in attempts}) == 1
    assert [round(body["event_ts"] - attempts[0]["event_ts"]) for body in attempts] == [0, 60, 180, 420, 900]


async def test_an_event_that_waits_for_a_retry_does_not_delay_the_next(
    side: DailySide, receiver: WebhookReceiver
) -> None:
    webhook = await subscribe(side, receiver, retryType="exponential")
    receiver.answer([500, 200])
    for number in range(3):
        publish_event(side, number)
    await receiver.wait_for(["dialin.ready"] * 2)
    side.site.clock.advance(60)
    late = await receiver.wait_for("dialin.ready")
    assert received_numbers(receiver) == [0, 1, 2, 0]
    assert late["payload"]["sip_endpoint"] == "sip:demo.0@127.0.0.1"
    assert (await get_webhook(side, webhook))["failedCount"] == 0
    assert webhook_records(side, purpose="dropped") == []


async def test_the_first_retry_delay_is_a_setting(receiver: WebhookReceiver) -> None:
    async with daily_side(webhook_first_retry=0.02) as side:
        await subscribe(side, receiver, retryType="exponential")
        receiver.answer([503, 503, 200])
        publish_event(side, 0)
        await receiver.wait_for("dialin.ready")
        await side.timeline.wait(lambda record: record.fields.get("attempt") == 3, within=2)
        assert [delivery.attempt for delivery in side.site.webhooks.deliveries][1:] == [1, 2, 3]


async def test_a_full_queue_drops_further_events_and_records_them(receiver: WebhookReceiver) -> None:
    async with daily_side(webhook_queue_limit=2) as side:
        await subscribe(side, receiver)
        receiver.answer(delay=0.1)
        publish_event(side, 0)
        await receiver.wait_for_posts(2, answered=False)
        for number in range(1, 5):
            publish_event(side, number)
        assert [record["because"] for record in webhook_records(side, purpose="dropped")] == [
            "2 events are waiting already (webhook_queue_limit)"
        ] * 2
        await receiver.wait_for(["dialin.ready"] * 3)
        assert received_numbers(receiver) == [0, 1, 2]


async def test_a_deleted_webhook_receives_nothing_and_its_dropped_events_are_recorded(
    side: DailySide, receiver: WebhookReceiver
) -> None:
    webhook = await subscribe(side, receiver, retryType="exponential")
    receiver.answer(500)
    publish_event(side, 0)
    await _failures(side, 1)
    await side.api.delete(f"/webhooks/{webhook['uuid']}")
    (dropped,) = webhook_records(side, purpose="dropped")
    assert dropped["because"] == "the webhook was deleted"
    side.site.clock.advance(10_000)
    publish_event(side, 1)
    await asyncio.sleep(0.05)
    assert received_numbers(receiver) == [0]


async def test_an_endless_response_is_cut_off(side: DailySide) -> None:
    async def chatter(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            pass

    server = await asyncio.start_server(chatter, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        response = await side.api.post("/webhooks", json={"url": url})
        assert response.status_code == 200
        logged = (await side.api.get("/logs/api", params={"source": "webhook"})).json()
        assert len(logged[0]["response"]) == 4096


async def _failures(side: DailySide, count: int) -> None:
    """Wait until `count` attempts to deliver an event have failed and are on the timeline."""

    def failed() -> bool:
        return len([record for record in webhook_records(side, purpose="event") if "error" in record]) >= count

    await side.timeline.wait(lambda _: failed(), within=5)
    assert failed()
