"""Webhooks of a server as a whole: who is subscribed, what is to be told, and the telling."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from fake_daily_server.domain.api_log import LONGEST_BODY, ApiLog, ApiLogEntry
from fake_daily_server.domain.clock import Clock
from fake_daily_server.domain.facts import Fact
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.web.outgoing import may_request
from fake_daily_server.webhooks.delivery import Delivery, DeliveryLog
from fake_daily_server.webhooks.messages import Composer, Message
from fake_daily_server.webhooks.outbox import Outbox, Try
from fake_daily_server.webhooks.retry import POLICIES
from fake_daily_server.webhooks.sender import Answer, Sender
from fake_daily_server.webhooks.store import Subscription, Webhook, WebhookStore, iso
from fake_daily_server.webhooks.wording import worded
from simulator.timeline import Timeline


class Webhooks:
    """`publish` tells every webhook that is subscribed to a type; one request at a time each, in order.

    Every request, every drop and every change of a webhook's state is on the timeline, kind `webhook`. One loop.
    """

    def __init__(self, settings: Settings, timeline: Timeline, clock: Clock, api_log: ApiLog) -> None:
        self.deliveries = DeliveryLog()
        """All requests that were made, probes included."""
        self._settings = settings
        self._timeline = timeline
        self._clock = clock
        self._api_log = api_log
        self._store = WebhookStore(clock)
        self._outboxes: dict[str, Outbox] = {}
        self._composer = Composer(settings.domain_id)
        self._sender = Sender(settings, clock)

    # --- who is subscribed -----------------------------------------------------------------------------------

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """Oldest first."""
        return self._store.webhooks

    def find(self, ident: str) -> Webhook:
        """One webhook. Raises NotFound."""
        return self._store.find(ident)

    async def create(self, subscription: Subscription) -> Webhook:
        """Subscribe, after a trial request. Raises InvalidRequest when that is not answered with 200 in time."""
        await self._probe(subscription, None)
        webhook = self._store.add(subscription)
        self._outboxes[webhook.uuid] = Outbox(
            self._clock, partial(self._send, webhook), self._settings.webhook_queue_limit
        )
        return webhook

    async def update(self, ident: str, **changes: Any) -> Webhook:
        """Change fields of a subscription and activate it, after a trial request.

        Raises NotFound, or InvalidRequest as `create`; then nothing has changed.
        """
        subscription = self.find(ident).subscription.changed(**changes)
        await self._probe(subscription, ident)
        was_failed = self.find(ident).failed
        webhook = self._store.reactivate(ident, subscription)
        if was_failed:
            self._tell(webhook, state="ACTIVE")
        return webhook

    async def delete(self, ident: str) -> None:
        """Send nothing more to a webhook and forget it. Raises NotFound."""
        webhook = self._store.remove(ident)
        for message in await self._outboxes.pop(ident).close():
            self._lost(webhook, message, "the webhook was deleted")

    async def clear(self) -> None:
        """Forget all webhooks, what was not sent yet, and the deliveries."""
        self._store.clear()
        outboxes, self._outboxes = self._outboxes, {}
        for outbox in outboxes.values():
            await outbox.close()
        await self._sender.close()
        self.deliveries.clear()

    # --- what they are told ----------------------------------------------------------------------------------

    def announce(self, room_name: str, fact: Fact) -> None:
        """Send the webhook event that reports `fact`, if there is one. Returns at once."""
        if (event := worded(fact)) is not None:
            kind, payload = event
            self.publish(kind, {**payload, "room": room_name})

    def publish(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Something has happened: `facts` are the payload without `domain_id` and `timestamp`. Returns at once."""
        wanting = [webhook for webhook in self._store.webhooks if kind in webhook.subscription.event_types]
        if not wanting:
            return
        message = self._composer.compose(kind, facts, self._clock())
        for webhook in wanting:
            if webhook.failed:
                self._lost(webhook, message, "the webhook is FAILED; POST /v1/webhooks/:uuid activates it again")
            elif not self._outboxes[webhook.uuid].put(message):
                limit = self._settings.webhook_queue_limit
                self._lost(webhook, message, f"{limit} events are waiting already (webhook_queue_limit)")

    async def _send(self, webhook: Webhook, one: Try) -> float | None:
        """One try of one message, as its outbox asks for it; returns the pause before the next one."""
        subscription, message = webhook.subscription, one.message
        sent_at = self._clock()
        answer = await self._post(
            subscription,
            message.body(sent_at),
            purpose="event",
            webhook=webhook.uuid,
            type=message.type,
            id=message.id,
            attempt=one.attempt,
        )
        policy = POLICIES[subscription.retry_type]
        verdict = policy(webhook.standing, one.attempt, answer.ok, self._settings.webhook_first_retry)
        newly_failed = verdict.standing.state == "FAILED" and not webhook.failed
        webhook.standing = verdict.standing
        if answer.ok:
            webhook.last_pushed_at = self._clock()
        if verdict.dropped:
            self._lost(webhook, message, f"try {one.attempt} failed: {answer.failure}")
        if newly_failed:
            self._tell(webhook, state="FAILED", failed_count=webhook.standing.failed_count)
            for waiting in self._outboxes[webhook.uuid].empty():
                self._lost(webhook, waiting, "the webhook has become FAILED")
        return verdict.again_in_s

    async def _probe(self, subscription: Subscription, webhook: str | None) -> None:
        url = subscription.url
        if not may_request(url, self._settings.allow_hosts):
            raise InvalidRequest(
                f"url was {url!r}, whose host is not this machine, and not in the setting allow_hosts: "
                "nothing is sent there"
            )
        body = json.dumps({"test": self._settings.webhook_test_value}, separators=(",", ":")).encode()
        answer = await self._post(subscription, body, purpose="probe", webhook=webhook, type=None, id=None, attempt=1)
        if not answer.ok:
            raise InvalidRequest(f"the test request to url {url!r} failed: {answer.failure}")

    async def _post(self, to: Subscription, body: bytes, **about: Any) -> Answer:
        at = self._clock()
        answer = await self._sender.post(to, body)
        delivery = self.deliveries.add(
            at=at, url=to.url, status=answer.status, error=answer.failure, ms=answer.ms, **about
        )
        self._record(delivery, body, answer)
        return answer

    # --- what is told of them --------------------------------------------------------------------------------

    def _record(self, delivery: Delivery, body: bytes, answer: Answer) -> None:
        told = {name: value for name, value in delivery.as_dict().items() if value is not None and name != "seq"}
        sent_at = told.pop("at")
        payload = json.loads(body).get("payload")
        if payload is not None:
            known = {name: payload[name] for name in ("room", "session_id") if name in payload}
            told |= {"payload": payload, **known}
        self._timeline.append("webhook", **told)
        self._api_log.append(
            ApiLogEntry(
                "webhook",
                "POST",
                delivery.url,
                delivery.status or 0,
                iso(sent_at),
                request=body[:LONGEST_BODY],
                response=answer.body[:LONGEST_BODY],
            )
        )

    def _lost(self, webhook: Webhook, message: Message, because: str) -> None:
        self._tell(webhook, purpose="dropped", type=message.type, id=message.id, because=because)

    def _tell(self, webhook: Webhook, **fields: Any) -> None:
        self._timeline.append("webhook", webhook=webhook.uuid, url=webhook.subscription.url, **fields)
