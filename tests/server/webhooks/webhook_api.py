"""Creating webhooks over the REST API, publishing events to them, and reading what the timeline has about them."""

from __future__ import annotations

from typing import Any

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from tests.daily_side import DailySide


async def subscribe(side: DailySide, receiver: WebhookReceiver, **body: Any) -> dict[str, Any]:
    """POST /v1/webhooks for the receiver."""
    response = await side.api.post("/webhooks", json={"url": receiver.url, "hmac": receiver.hmac, **body})
    assert response.status_code == 200, response.text
    webhook: dict[str, Any] = response.json()
    return webhook


async def get_webhook(side: DailySide, webhook: dict[str, Any]) -> dict[str, Any]:
    """GET /v1/webhooks/:uuid."""
    found: dict[str, Any] = (await side.api.get(f"/webhooks/{webhook['uuid']}")).json()
    return found


def publish_event(side: DailySide, number: int) -> None:
    """Publish a dialin.ready event that carries `number`."""
    side.site.webhooks.publish("dialin.ready", {"room": "demo", "sip_endpoint": f"sip:demo.{number}@127.0.0.1"})


def received_numbers(receiver: WebhookReceiver) -> list[int]:
    """The numbers of the events that arrived, failed attempts included."""
    endpoints = [post.body["payload"]["sip_endpoint"] for post in receiver.posts if post.is_event]
    return [int(endpoint.split(".")[1].split("@")[0]) for endpoint in endpoints]


def webhook_records(side: DailySide, **wanted: Any) -> list[dict[str, Any]]:
    """Timeline records about webhooks that have these fields."""
    records = [record.as_dict() for record in side.timeline.records(kind="webhook")]
    return [record for record in records if all(record.get(name) == value for name, value in wanted.items())]
