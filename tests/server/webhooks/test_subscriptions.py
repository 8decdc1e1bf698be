"""`/v1/webhooks` over HTTP, with a real server that answers the test requests."""

from __future__ import annotations

import base64
import socket
from datetime import datetime
from typing import Any

import pytest

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.webhooks.event_types import EVENT_TYPES
from tests.daily_side import DailySide, daily_side
from tests.server.webhooks.webhook_api import get_webhook, subscribe, webhook_records

FIELDS = {
    "uuid",
    "url",
    "hmac",
    "basicAuth",
    "retryType",
    "eventTypes",
    "state",
    "failedCount",
    "lastMomentPushed",
    "domainId",
    "createdAt",
    "updatedAt",
}


async def test_a_webhook_is_created_after_a_test_request(side: DailySide, receiver: WebhookReceiver) -> None:
    response = await side.api.post("/webhooks", json={"url": receiver.url})
    assert response.status_code == 200, response.text
    webhook = response.json()
    assert set(webhook) == FIELDS
    assert [post.body for post in receiver.posts] == [{"test": "test"}]
    assert webhook["url"] == receiver.url
    assert len(base64.b64decode(webhook["hmac"], validate=True)) == 32
    assert webhook["basicAuth"] is None
    assert webhook["retryType"] == "circuit-breaker"
    assert webhook["eventTypes"] == list(EVENT_TYPES)
    assert (webhook["state"], webhook["failedCount"], webhook["lastMomentPushed"]) == ("ACTIVE", 0, None)
    assert webhook["domainId"] == side.store.settings.domain_id
    assert webhook["createdAt"] == webhook["updatedAt"]
    assert datetime.fromisoformat(webhook["createdAt"]).timestamp() == pytest.approx(side.clock(), abs=5)


async def test_the_test_request_is_signed_and_authorised_like_an_event(
    side: DailySide, receiver: WebhookReceiver
) -> None:
    await subscribe(side, receiver, basicAuth="dXNlcjpwYXNz")
    (probe,) = receiver.posts
    assert probe.signed
    assert probe.headers["authorization"] == "Basic dXNlcjpwYXNz"
    assert probe.headers["content-type"] == "application/json"


async def test_list_get_and_delete(side: DailySide, receiver: WebhookReceiver) -> None:
    assert (await side.api.get("/webhooks")).json() == []
    first = await subscribe(side, receiver)
    second = await subscribe(side, receiver, eventTypes=["dialin.ready"])
    assert (await side.api.get("/webhooks")).json() == [first, second]
    assert await get_webhook(side, second) == second
    gone = await side.api.delete(f"/webhooks/{first['uuid']}")
    assert (gone.status_code, gone.json()) == (200, {"deleted": True, "uuid": first["uuid"]})
    assert (await side.api.get("/webhooks")).json() == [second]
    for method in ("GET", "POST", "DELETE"):
        missing = await side.api.request(method, f"/webhooks/{first['uuid']}")
        assert missing.status_code == 404
        assert first["uuid"] in missing.json()["info"]


@pytest.mark.parametrize("status", [201, 204, 302, 400, 500])
async def test_only_a_200_counts(side: DailySide, receiver: WebhookReceiver, status: int) -> None:
    receiver.answer(status)
    response = await side.api.post("/webhooks", json={"url": receiver.url})
    assert response.status_code == 400
    assert response.json()["error"] == "invalid-request-error"
    assert f"answered {status}" in response.json()["info"]
    assert (await side.api.get("/webhooks")).json() == []


async def test_a_slow_answer_does_not_count(side: DailySide, receiver: WebhookReceiver) -> None:
    receiver.answer(delay=5)
    response = await side.api.post("/webhooks", json={"url": receiver.url})
    assert response.status_code == 400
    assert "no answer within 0.5 s" in response.json()["info"]
    assert (await side.api.get("/webhooks")).json() == []


async def test_an_unreachable_url_is_refused(side: DailySide) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        response = await side.api.post("/webhooks", json={"url": url})
    assert response.status_code == 400
    assert "ConnectError" in response.json()["info"]
    assert [delivery.error for delivery in side.site.webhooks.deliveries if delivery.purpose == "probe"] != [None]


@pytest.mark.parametrize("url", ["http://example.com/hook", "https://192.0.2.1/", "http://127.0.0.1.example.com/"])
async def test_nothing_is_sent_to_hosts_that_are_not_allowed(side: DailySide, url: str) -> None:
    response = await side.api.post("/webhooks", json={"url": url})
    assert response.status_code == 400
    assert url in response.json()["info"]
    assert "allow_hosts" in response.json()["info"]
    assert list(side.site.webhooks.deliveries) == []


async def test_a_host_that_is_allowed_by_name_is_called() -> None:
    async with daily_side(allow_hosts=("nowhere.invalid",), webhook_timeout=3) as side:
        response = await side.api.post("/webhooks", json={"url": "http://nowhere.invalid/"})
        assert response.status_code == 400
        (probe,) = side.site.webhooks.deliveries
        assert probe.status is None
        assert probe.error in response.json()["info"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "url is required"),
        ({"url": 1}, "url: 1"),
        ({"url": "ftp://127.0.0.1/"}, "http://host"),
        ({"url": "127.0.0.1:80"}, "http://host"),
        ({"url": "http://"}, "http://host"),
        ({"url": "http://127.0.0.1:99999/"}, "http://host"),
        ({"url": "http://127.0.0.1/\r\nX: y"}, "http://host"),
        ({"hmac": "not base64!"}, "hmac: must be a secret in base64"),
        ({"hmac": ""}, "hmac: must be a secret in base64"),
        ({"basicAuth": "a\r\nX: y"}, "basicAuth: must be printable ASCII"),
        ({"basicAuth": "schlüssel"}, "basicAuth: must be printable ASCII"),
        ({"retryType": "never"}, "retryType: 'never'"),
        ({"eventTypes": ["dialout.answer"]}, "did you mean 'dialout.answered'"),
        ({"eventTypes": "dialout.answered"}, "eventTypes: "),
        ({"event_types": ["dialout.answered"], "eventType": []}, "did you mean 'eventTypes'"),
    ],
)
async def test_invalid_values_are_refused_before_anything_is_sent(
    side: DailySide, receiver: WebhookReceiver, body: dict[str, Any], complaint: str
) -> None:
    given = {"url": receiver.url, **body} if body else body
    response = await side.api.post("/webhooks", json=given)
    assert response.status_code == 400, response.text
    assert response.json()["error"] == "invalid-request-error"
    assert complaint in response.json()["info"]
    assert receiver.posts == []


async def test_an_update_changes_the_given_fields_after_a_test_request(
    side: DailySide, receiver: WebhookReceiver
) -> None:
    webhook = await subscribe(side, receiver, basicAuth="one", eventTypes=["dialin.ready"])
    side.clock.ahead = 60
    response = await side.api.post(f"/webhooks/{webhook['uuid']}", json={"retryType": "exponential", "basicAuth": None})
    changed = response.json()
    assert changed == {**webhook, "retryType": "exponential", "basicAuth": None, "updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"] > webhook["updatedAt"]
    assert [post.body for post in receiver.posts] == [{"test": "test"}] * 2
    every = await side.api.post(f"/webhooks/{webhook['uuid']}", json={"eventTypes": []})
    assert every.json()["eventTypes"] == list(EVENT_TYPES)
    renewed = await side.api.post(f"/webhooks/{webhook['uuid']}", json={"hmac": None})
    assert renewed.json()["hmac"] != webhook["hmac"]


async def test_an_update_whose_test_request_fails_changes_nothing(side: DailySide, receiver: WebhookReceiver) -> None:
    webhook = await subscribe(side, receiver)
    receiver.answer(503)
    response = await side.api.post(f"/webhooks/{webhook['uuid']}", json={"retryType": "exponential"})
    assert response.status_code == 400
    assert await get_webhook(side, webhook) == webhook


async def test_the_body_of_the_test_request_is_a_setting(receiver: WebhookReceiver) -> None:
    async with daily_side(webhook_test_value=True) as side:
        await subscribe(side, receiver)
        assert receiver.posts[0].raw == b'{"test":true}'


async def test_test_requests_are_on_the_timeline_and_in_the_api_log(side: DailySide, receiver: WebhookReceiver) -> None:
    await subscribe(side, receiver)
    receiver.answer(500)
    await side.api.post("/webhooks", json={"url": receiver.url})
    assert [record.get("status") for record in webhook_records(side, purpose="probe")] == [200, 500]
    logged = (await side.api.get("/logs/api", params={"source": "webhook"})).json()
    assert [(entry["url"], entry["status"], entry["request"]) for entry in logged] == [
        (receiver.url, 500, '{"test":"test"}'),
        (receiver.url, 200, '{"test":"test"}'),
    ]


async def test_a_reset_removes_webhooks(side: DailySide, receiver: WebhookReceiver) -> None:
    await subscribe(side, receiver)
    await side.site.reset()
    assert (await side.api.get("/webhooks")).json() == []
    assert list(side.site.webhooks.deliveries) == []
