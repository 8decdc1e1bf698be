"""The webhooks of a server: subscriptions, and the delivery of events to them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from fake_daily_server.domain.api_log import MAX_BODY_BYTES, ApiLog, ApiLogEntry
from fake_daily_server.domain.clock import Clock, ScheduledCall
from fake_daily_server.domain.facts import Fact
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.web.outgoing import OutgoingHttp
from fake_daily_server.web.signature import sign
from fake_daily_server.webhooks.delivery_log import DeliveryLog, LoggedAttempt
from fake_daily_server.webhooks.delivery_queue import Attempt, DeliveryQueue
from fake_daily_server.webhooks.event_types import EventType
from fake_daily_server.webhooks.facts_to_events import event_for
from fake_daily_server.webhooks.retry import RETRY_POLICIES
from fake_daily_server.webhooks.sender import PostResult, Sender
from fake_daily_server.webhooks.store import Subscription, Webhook, WebhookStore, iso
from fake_daily_server.webhooks.webhook_event import WebhookEvent, WebhookEventFactory
from fake_daily_server.webhooks.webhook_faults import WebhookFault, WebhookFaults
from simulator.timeline import Timeline

_OTHER_KEY = base64.b64encode(b"the key of somebody else").decode()
"""Signs the events that a fault has taken."""


_ONLY_LOGGED = ("seq", "timestamp", "signature", "signature_valid", "retry_at")
"""Fields of the delivery log that the timeline does not have."""


class Webhooks:
    """Keeps subscriptions and delivers events, to each webhook one request at a time in the order of the events.

    The timeline records every request, every dropped event and every change of a webhook's state, with kind `webhook`.
    Used on one event loop.
    """

    def __init__(
        self, settings: Settings, timeline: Timeline, clock: Clock, api_log: ApiLog, outgoing: OutgoingHttp
    ) -> None:
        self.deliveries = DeliveryLog()
        """The log of all requests to webhooks, including test requests."""
        self._settings = settings
        self._timeline = timeline
        self._clock = clock
        self._api_log = api_log
        self._store = WebhookStore(clock)
        self._queues: dict[str, DeliveryQueue] = {}
        """The delivery queues, by webhook id."""
        self._factory = WebhookEventFactory(settings.domain_id)
        self._outgoing = outgoing
        self.faults = WebhookFaults()
        """Faults on the events that are announced."""
        self._badly_signed: set[str] = set()
        """Ids of the events that are signed with another key, because of a fault."""
        self._late: list[tuple[list[Webhook], WebhookEvent]] = []
        """Events that are sent after the next one, because of a fault."""
        self._delayed: list[ScheduledCall] = []
        """Events that are sent late, because of a fault."""
        self._lossy: dict[str, WebhookFault] = {}
        """Faults on the first request of an event, by the event's id."""
        self._sender = Sender(settings, clock, outgoing)

    # --- subscriptions ---------------------------------------------------------------------------------------

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """All webhooks, oldest first."""
        return self._store.webhooks

    def find(self, webhook_id: str) -> Webhook:
        """The webhook with this id. Raises NotFound."""
        return self._store.find(webhook_id)

    async def create(self, subscription: Subscription) -> Webhook:
        """Create a webhook after a test request to its URL.

        Raises InvalidRequest if the URL's host is not allowed, or the test request is not answered with 200 in time.
        """
        await self._send_test_request(subscription, None)
        return self.add(subscription)

    def add(self, subscription: Subscription) -> Webhook:
        """Create a webhook without a test request, such as one whose URL was tested before."""
        webhook = self._store.add(subscription)
        limit = self._settings.webhook_queue_limit
        self._queues[webhook.uuid] = DeliveryQueue(self._clock, partial(self._attempt, webhook), limit)
        return webhook

    async def update(self, webhook_id: str, **changes: Any) -> Webhook:
        """Change fields of a subscription and reactivate the webhook, after a test request.

        Raises NotFound, or InvalidRequest as `create` does; then nothing is changed.
        """
        subscription = self.find(webhook_id).subscription.changed(**changes)
        await self._send_test_request(subscription, webhook_id)
        was_failed = self.find(webhook_id).failed
        webhook = self._store.reactivate(webhook_id, subscription)
        if was_failed:
            self._record(webhook, state="ACTIVE")
        return webhook

    async def delete(self, webhook_id: str) -> None:
        """Delete a webhook and drop its waiting events. Raises NotFound."""
        webhook = self._store.remove(webhook_id)
        for event in await self._queues.pop(webhook_id).close():
            self._record_drop(webhook, event, "the webhook was deleted")

    async def clear(self) -> None:
        """Delete all webhooks, their waiting events, and the delivery log."""
        self.faults.clear()
        self._badly_signed.clear()
        self._late.clear()
        self._lossy.clear()
        for delayed in self._delayed:
            delayed.cancel()
        self._delayed.clear()
        self._store.clear()
        queues, self._queues = self._queues, {}
        for queue in queues.values():
            await queue.close()
        await self._sender.close()
        self.deliveries.clear()

    async def finish_attempts(self) -> None:
        """Wait until the attempts that are due have been made and their retries scheduled, or until they time out."""
        if tasks := [task for queue in self._queues.values() if (task := queue.delivering)]:
            await asyncio.wait(tasks, timeout=self._settings.webhook_timeout)

    # --- events ----------------------------------------------------------------------------------------------

    def announce(self, room_name: str, fact: Fact) -> None:
        """Queue the event that reports `fact`, if there is one, for all webhooks subscribed to its type."""
        if (event := event_for(fact)) is not None:
            event_type, fields = event
            self.publish(event_type, {**fields, "room": room_name})

    def publish(
        self, event_type: EventType, fields: Mapping[str, Any], *, triggered: bool = False
    ) -> WebhookEvent | None:
        """Queue an event for all webhooks subscribed to its type, and return it; None if there is no such webhook.

        `fields` are the fields of the payload; `domain_id` and `timestamp` may be left out. `triggered`: nothing of the
        kind has happened, somebody sends the event by hand; the records of its requests say so.
        """
        subscribed = [hook for hook in self._store.webhooks if event_type in hook.subscription.event_types]
        if not subscribed:
            return None
        event = replace(self._factory.make(event_type, fields, self._clock()), triggered=triggered)
        late, self._late = self._late, []
        taken = self.faults.take(event_type)
        if taken is None:
            self._queue(subscribed, event)
        else:
            fault, number = taken
            self._timeline.append("webhook", did=fault.fault, type=event_type, id=event.id, number=number)
            self._queue_faulty(subscribed, event, fault)
        for each in late:
            self._queue(*each)
        return event

    def send_again(self, seq: int) -> str:
        """Queue the event of the delivery `seq` for its webhook once more; return the event's id.

        Raises NotFound if there is no such delivery, or its webhook was deleted; InvalidRequest if it was a test
        request, or the webhook has failed.
        """
        entry = self.deliveries.find(seq)
        if entry is None:
            raise NotFound(f"no delivery has seq {seq}; GET /_sim/webhooks/deliveries lists those that are kept")
        if entry.event is None or entry.webhook is None:
            raise InvalidRequest(f"delivery {seq} was a test request; only events can be sent again")
        webhook = self.find(entry.webhook)
        if webhook.failed:
            raise InvalidRequest(f"webhook {webhook.uuid} is FAILED; POST /v1/webhooks/{webhook.uuid} activates it")
        self._queue([webhook], entry.event)
        return entry.event.id

    def _queue_faulty(self, subscribed: list[Webhook], event: WebhookEvent, fault: WebhookFault) -> None:
        """Queue an event as a fault wants it."""
        match fault.fault:
            case "webhook-drop":
                return
            case "webhook-out-of-order":
                self._late.append((subscribed, event))
                return
            case "webhook-delay":
                at = self._clock() + (fault.delay_ms or 0) / 1000
                self._delayed.append(self._clock.call_at(at, partial(self._queue, subscribed, event)))
                return
            case "webhook-twice":
                self._queue(subscribed, event)
            case "webhook-bad-signature":
                self._badly_signed.add(event.id)
            case "webhook-request-lost" | "webhook-answer-lost":
                self._lossy[event.id] = fault
        self._queue(subscribed, event)

    def _queue(self, subscribed: Iterable[Webhook], event: WebhookEvent) -> None:
        for webhook in subscribed:
            if webhook.uuid not in self._queues:
                self._record_drop(webhook, event, "the webhook was deleted")
            elif webhook.failed:
                because = "the webhook is FAILED; POST /v1/webhooks/:uuid activates it again"
                self._record_drop(webhook, event, because)
            elif not self._queues[webhook.uuid].put(event):
                limit = self._settings.webhook_queue_limit
                self._record_drop(webhook, event, f"{limit} events are waiting already (webhook_queue_limit)")

    async def _attempt(self, webhook: Webhook, attempt: Attempt) -> float | None:
        """Make one attempt for the webhook's queue; return the delay before the next one in seconds, if any."""
        subscription, event = webhook.subscription, attempt.event
        at = self._clock()
        body = event.body(at)
        result = await self._exchange(subscription, body, event_id=event.id, is_first=attempt.number == 1)
        policy = RETRY_POLICIES[subscription.retry_type]
        outcome = policy(webhook.status, attempt.number, result.ok, self._settings.webhook_first_retry)
        delay_s = self._delay_before_next(attempt, outcome.retry_in_s)
        self._log(
            subscription,
            body,
            result,
            at=at,
            purpose="event",
            webhook=webhook.uuid,
            type=event.type,
            id=event.id,
            attempt=attempt.number,
            retry_at=None if delay_s is None else self._clock() + delay_s,
            triggered=event.triggered,
            event=event,
        )
        newly_failed = outcome.status.state == "FAILED" and not webhook.failed
        webhook.status = outcome.status
        if result.ok:
            webhook.last_pushed_at = self._clock()
        if outcome.dropped:
            self._record_drop(webhook, event, f"attempt {attempt.number} failed: {result.failure}")
        if newly_failed:
            self._record(webhook, state="FAILED", failed_count=webhook.status.failed_count)
            for waiting in self._queues[webhook.uuid].clear():
                self._record_drop(webhook, waiting, "the webhook has become FAILED")
        return delay_s

    def _delay_before_next(self, attempt: Attempt, retry_in_s: float | None) -> float | None:
        """Seconds until the next attempt: as the retry type has it, or as a fault on the first one has it."""
        fault = self._lossy.get(attempt.event.id) if attempt.number == 1 else None
        if fault is not None and fault.delay_ms is not None and retry_in_s is not None:
            return fault.delay_ms / 1000
        return retry_in_s

    async def _send_test_request(self, subscription: Subscription, webhook_id: str | None) -> None:
        url = subscription.url
        if not self._outgoing.may_request(url):
            raise InvalidRequest(
                f"url was {url!r}, whose host is neither this machine nor in allow_hosts; "
                "add the host to the setting allow_hosts"
            )
        body = json.dumps({"test": self._settings.webhook_test_value}, separators=(",", ":")).encode()
        at = self._clock()
        result = await self._exchange(subscription, body, event_id=None, is_first=True)
        self._log(subscription, body, result, at=at, purpose="probe", webhook=webhook_id, type=None, id=None, attempt=1)
        if not result.ok:
            raise InvalidRequest(f"the test request to url {url!r} failed: {result.failure}")

    async def _exchange(self, to: Subscription, body: bytes, *, event_id: str | None, is_first: bool) -> PostResult:
        """Post a request, with the faults on its event, if there are any."""
        fault = self._lossy.get(event_id) if event_id is not None and is_first else None
        if fault is not None and fault.fault == "webhook-request-lost":
            return PostResult(0.0, error="the request was lost, because of a fault")
        is_badly_signed = event_id in self._badly_signed
        result = await self._sender.post(replace(to, hmac=_OTHER_KEY) if is_badly_signed else to, body)
        if fault is None:
            return result
        return replace(result, status=None, error="the answer was lost, because of a fault")

    # --- records ---------------------------------------------------------------------------------------------

    def _log(self, to: Subscription, body: bytes, result: PostResult, **fields: Any) -> None:
        """Log a request; `fields` are the fields of `LoggedAttempt` that neither request nor result have."""
        entry = self.deliveries.add(
            url=to.url,
            status=result.status,
            error=result.failure,
            ms=result.elapsed_ms,
            timestamp=result.timestamp,
            signature=result.signature,
            signature_valid=None
            if result.timestamp is None
            else result.signature == sign(to.hmac, result.timestamp, body),
            **fields,
        )
        self._record_request(entry, body, result)

    def _record_request(self, entry: LoggedAttempt, body: bytes, result: PostResult) -> None:
        fields = {
            name: value for name, value in entry.as_dict().items() if value is not None and name not in _ONLY_LOGGED
        }
        sent_at = fields.pop("at")
        if not entry.triggered:
            del fields["triggered"]
        payload = json.loads(body).get("payload")
        if payload is not None:
            known = {name: payload[name] for name in ("room", "session_id") if name in payload}
            fields |= {"payload": payload, **known}
        self._timeline.append("webhook", **fields)
        self._api_log.append(
            ApiLogEntry(
                "webhook",
                "POST",
                entry.url,
                entry.status or 0,
                iso(sent_at),
                request=body[:MAX_BODY_BYTES],
                response=result.body[:MAX_BODY_BYTES],
            )
        )

    def _record_drop(self, webhook: Webhook, event: WebhookEvent, because: str) -> None:
        self._record(webhook, purpose="dropped", type=event.type, id=event.id, because=because)

    def _record(self, webhook: Webhook, **fields: Any) -> None:
        self._timeline.append("webhook", webhook=webhook.uuid, url=webhook.subscription.url, **fields)
