"""The webhooks of the domain, in memory."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from fake_daily_server.values.errors import NotFound
from fake_daily_server.values.ids import new_uuid
from fake_daily_server.values.participants import timestamp
from fake_daily_server.webhooks.event_types import EVENT_TYPES, EventType
from fake_daily_server.webhooks.retry import RetryType, WebhookStatus


def new_secret() -> str:
    """A random signing secret: base64 of 32 bytes."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class Subscription:
    """A customer's choices for a webhook: URL, secret, authentication, retry type and event types."""

    url: str
    hmac: str = field(default_factory=new_secret)
    """The base64 secret with which requests are signed."""
    basic_auth: str | None = None
    """The credentials that follow `Basic ` in the Authorization header of each request; None sends no such header."""
    retry_type: RetryType = "circuit-breaker"
    event_types: tuple[EventType, ...] = EVENT_TYPES

    def changed(self, **changes: Any) -> Subscription:
        """A copy with these fields changed."""
        return replace(self, **changes)


@dataclass(slots=True)
class Webhook:
    """A subscription, and the status of its deliveries. Times are in unix seconds."""

    subscription: Subscription
    created_at: float
    updated_at: float
    status: WebhookStatus = field(default_factory=WebhookStatus)
    last_pushed_at: float | None = None
    """When an event was last delivered; None before the first delivery."""
    uuid: str = field(default_factory=new_uuid)

    @property
    def failed(self) -> bool:
        """Whether the webhook receives no events until it is reactivated."""
        return self.status.state == "FAILED"

    def as_dict(self, domain_id: str) -> dict[str, Any]:
        """The webhook as the REST API shows it."""
        chosen = self.subscription
        return {
            "uuid": self.uuid,
            "url": chosen.url,
            "hmac": chosen.hmac,
            "basicAuth": chosen.basic_auth,
            "retryType": chosen.retry_type,
            "eventTypes": list(chosen.event_types),
            "state": self.status.state,
            "failedCount": self.status.failed_count,
            "lastMomentPushed": None if self.last_pushed_at is None else iso(self.last_pushed_at),
            "domainId": domain_id,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
        }


class WebhookStore:
    """All webhooks by id, in the order of their creation. `now` gives unix seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._webhooks: dict[str, Webhook] = {}

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """All webhooks, oldest first."""
        return tuple(self._webhooks.values())

    def find(self, webhook_id: str) -> Webhook:
        """The webhook with this id. Raises NotFound."""
        webhook = self._webhooks.get(webhook_id)
        if webhook is None:
            raise NotFound(f"no webhook {webhook_id!r}; GET /webhooks lists all")
        return webhook

    def add(self, subscription: Subscription) -> Webhook:
        """Create a webhook with this subscription."""
        now = self._now()
        webhook = Webhook(subscription, created_at=now, updated_at=now)
        self._webhooks[webhook.uuid] = webhook
        return webhook

    def reactivate(self, webhook_id: str, subscription: Subscription) -> Webhook:
        """Replace the subscription of a webhook and reset its status to ACTIVE. Raises NotFound."""
        webhook = self.find(webhook_id)
        webhook.subscription = subscription
        webhook.status = WebhookStatus()
        webhook.updated_at = self._now()
        return webhook

    def remove(self, webhook_id: str) -> Webhook:
        """Remove a webhook and return it. Raises NotFound."""
        webhook = self.find(webhook_id)
        del self._webhooks[webhook_id]
        return webhook

    def clear(self) -> None:
        """Remove all webhooks."""
        self._webhooks.clear()


def iso(unix_seconds: float) -> str:
    """Format unix seconds as Daily does: ISO 8601, in UTC, with ms and `Z`."""
    return timestamp(datetime.fromtimestamp(unix_seconds, UTC))
