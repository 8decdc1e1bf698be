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
from fake_daily_server.webhooks.retry import RetryType, Standing


def new_secret() -> str:
    """A random signing secret: base64 of 32 bytes."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a customer chose: where to, how signed, what about."""

    url: str
    hmac: str = field(default_factory=new_secret)
    """Base64."""
    basic_auth: str | None = None
    """What follows `Basic ` in the Authorization header of each delivery."""
    retry_type: RetryType = "circuit-breaker"
    event_types: tuple[EventType, ...] = EVENT_TYPES

    def changed(self, **changes: Any) -> Subscription:
        """The same with some fields changed."""
        return replace(self, **changes)


@dataclass(slots=True)
class Webhook:
    """A subscription and how it has fared. Times are unix seconds."""

    subscription: Subscription
    created_at: float
    updated_at: float
    standing: Standing = field(default_factory=Standing)
    last_pushed_at: float | None = None
    """When an event was last delivered."""
    uuid: str = field(default_factory=new_uuid)

    @property
    def failed(self) -> bool:
        """Whether it gets nothing until it is reactivated."""
        return self.standing.state == "FAILED"

    def as_dict(self, domain_id: str) -> dict[str, Any]:
        """As the REST API shows it."""
        chosen = self.subscription
        return {
            "uuid": self.uuid,
            "url": chosen.url,
            "hmac": chosen.hmac,
            "basicAuth": chosen.basic_auth,
            "retryType": chosen.retry_type,
            "eventTypes": list(chosen.event_types),
            "state": self.standing.state,
            "failedCount": self.standing.failed_count,
            "lastMomentPushed": None if self.last_pushed_at is None else iso(self.last_pushed_at),
            "domainId": domain_id,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
        }


class WebhookStore:
    """By id, oldest first. `now` gives unix seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._webhooks: dict[str, Webhook] = {}

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """All of them."""
        return tuple(self._webhooks.values())

    def find(self, ident: str) -> Webhook:
        """One of them. Raises NotFound."""
        webhook = self._webhooks.get(ident)
        if webhook is None:
            raise NotFound(f"no webhook {ident!r}; this domain has {len(self._webhooks)}")
        return webhook

    def add(self, subscription: Subscription) -> Webhook:
        """One more."""
        now = self._now()
        webhook = Webhook(subscription, created_at=now, updated_at=now)
        self._webhooks[webhook.uuid] = webhook
        return webhook

    def reactivate(self, ident: str, subscription: Subscription) -> Webhook:
        """Put another subscription in the place of a webhook's, and begin anew with it. Raises NotFound."""
        webhook = self.find(ident)
        webhook.subscription = subscription
        webhook.standing = Standing()
        webhook.updated_at = self._now()
        return webhook

    def remove(self, ident: str) -> Webhook:
        """Forget one. Raises NotFound."""
        webhook = self.find(ident)
        del self._webhooks[ident]
        return webhook

    def clear(self) -> None:
        """Forget all."""
        self._webhooks.clear()


def iso(unix_seconds: float) -> str:
    """ISO 8601 as Daily writes it."""
    return timestamp(datetime.fromtimestamp(unix_seconds, UTC))
