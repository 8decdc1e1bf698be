"""Webhooks as a customer makes them, and events to tell them of, over the REST API and the rooms of a server."""

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


async def shown(side: DailySide, webhook: dict[str, Any]) -> dict[str, Any]:
    """GET /v1/webhooks/:uuid."""
    found: dict[str, Any] = (await side.api.get(f"/webhooks/{webhook['uuid']}")).json()
    return found


def happens(side: DailySide, number: int) -> None:
    """Something that every webhook hears of, told apart by its number."""
    side.site.webhooks.publish("dialin.ready", {"room": "demo", "sip_endpoint": f"sip:demo.{number}@127.0.0.1"})


def numbers(receiver: WebhookReceiver) -> list[int]:
    """Of the events that came, failed tries too."""
    endpoints = [post.body["payload"]["sip_endpoint"] for post in receiver.posts if post.is_event]
    return [int(endpoint.split(".")[1].split("@")[0]) for endpoint in endpoints]


def told(side: DailySide, **wanted: Any) -> list[dict[str, Any]]:
    """Records of the timeline about webhooks that have these fields."""
    records = [record.as_dict() for record in side.timeline.records(kind="webhook")]
    return [record for record in records if all(record.get(name) == value for name, value in wanted.items())]
