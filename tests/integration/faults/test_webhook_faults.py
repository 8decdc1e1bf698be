"""Faults on webhook events: a wrong signature, a lost event, and the records of what they took."""

from __future__ import annotations

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from fake_daily_server.webhooks.webhook_faults import WebhookFault, WebhookFaults
from simulator.errors import ExpectationFailed
from simulator.network import Network

DESK = "+12065550142"


async def test_a_badly_signed_event_does_not_count(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, daily_webhook: WebhookReceiver
) -> None:
    await phone_network.phone(DESK, calls="busy")
    body = {"fault": "webhook-bad-signature", "type": "dialout.error"}
    async with httpx.AsyncClient(base_url=f"{fake_daily.url}/_sim/", trust_env=False) as sim:
        assert (await sim.post("webhooks/faults", json=body)).status_code == 200
        wrong = await sim.post("webhooks/faults", json={**body, "fault": "webhook-twise"})
        assert (wrong.status_code, "did you mean 'webhook-twice'" in wrong.json()["info"]) == (400, True)
    await daily_client.start_dialout({"phoneNumber": DESK})
    with pytest.raises(ExpectationFailed, match="its signature is wrong"):
        await daily_webhook.wait_for("dialout.error", within=2)
    did = [record.fields for record in fake_daily.timeline.records(kind="webhook") if "did" in record.fields]
    assert [(each["did"], each["type"], each["number"]) for each in did] == [
        ("webhook-bad-signature", "dialout.error", 1)
    ]
    await daily_client.start_dialout({"phoneNumber": DESK})
    await daily_webhook.wait_for("dialout.error")


def test_a_fault_takes_events_from_the_nth_on() -> None:
    faults = WebhookFaults()
    faults.add(WebhookFault(fault="webhook-drop", type="dialout.error", nth=2, times=2))
    assert faults.take("dialout.stopped") is None
    taken = [faults.take("dialout.error") for _ in range(4)]
    assert [each and (each[0].fault, each[1]) for each in taken] == [
        None,
        ("webhook-drop", 2),
        ("webhook-drop", 3),
        None,
    ]


async def busy_call(daily: FakeDaily, network: Network, client: Client, **fault: object) -> None:
    """Set a fault on `dialout.error`, and let a dial-out fail."""
    daily.site.webhooks.faults.add(WebhookFault.model_validate({"type": "dialout.error", **fault}))
    await network.phone(DESK, calls="busy")
    await client.start_dialout({"phoneNumber": DESK})
    await client.wait_for("dialout-error")


async def test_an_event_that_is_late_comes_after_the_next_one(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, daily_webhook: WebhookReceiver
) -> None:
    await busy_call(fake_daily, phone_network, daily_client, fault="webhook-delay", delay_ms=200)
    await daily_client.start_dialout({"phoneNumber": DESK})
    first, second = await daily_webhook.wait_for(["dialout.error", "dialout.error"])
    sessions = [event["sessionId"] for event in daily_client.events if event["action"] == "dialout-error"]
    assert [first["payload"]["session_id"], second["payload"]["session_id"]] == sessions[::-1]


@pytest.mark.parametrize(("fault", "attempts"), [("webhook-request-lost", [2]), ("webhook-answer-lost", [1, 2])])
async def test_an_event_whose_first_attempt_failed_comes_again(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, fault: str, attempts: list[int]
) -> None:
    receiver = await fake_daily.receive_webhooks(["dialout.error"], retry_type="exponential")
    await busy_call(fake_daily, phone_network, daily_client, fault=fault, delay_ms=100)
    assert await fake_daily.timeline.wait(lambda record: record.fields.get("attempt") == 2, within=5)
    posts = await receiver.wait_for_posts(len(attempts) + 1)  # the first one is the test request
    assert len({post.body["id"] for post in posts[1:]}) == 1
    deliveries = [each for each in fake_daily.webhook_deliveries if each["type"] == "dialout.error"]
    assert [each["attempt"] for each in deliveries] == [1, 2]
    assert "because of a fault" in deliveries[0]["error"]
    assert deliveries[1]["status"] == 200


async def test_an_event_that_is_late_for_a_deleted_webhook_is_dropped(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, daily_webhook: WebhookReceiver
) -> None:
    await busy_call(fake_daily, phone_network, daily_client, fault="webhook-delay", delay_ms=60_000)
    await fake_daily.site.webhooks.delete(fake_daily.site.webhooks.webhooks[0].uuid)
    await fake_daily.advance_clock(61)
    dropped = [record.fields for record in fake_daily.timeline.records(kind="webhook") if "because" in record.fields]
    assert [(each["type"], each["because"]) for each in dropped] == [("dialout.error", "the webhook was deleted")]


def test_only_some_faults_have_a_delay() -> None:
    with pytest.raises(ValueError, match="requires `delay_ms`"):
        WebhookFault(fault="webhook-delay", type="dialout.error")
    with pytest.raises(ValueError, match="allowed with webhook-delay, webhook-request-lost, webhook-answer-lost"):
        WebhookFault(fault="webhook-drop", type="dialout.error", delay_ms=1)
