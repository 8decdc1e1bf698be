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
    assert [faults.take("dialout.error") for _ in range(4)] == [None, ("webhook-drop", 2), ("webhook-drop", 3), None]
