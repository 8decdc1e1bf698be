"""The log of requests to customers' servers and of their results: one entry per request, the latest 10,000."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fake_daily_server.webhooks.webhook_event import WebhookEvent

MAX_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """One request to a webhook: an attempt to deliver an event, or a test request (`probe`).

    The fields are those of `FakeDaily.webhook_deliveries` and of `/_sim/webhooks/deliveries`.
    """

    seq: int
    """Position in the log, counted from 1; `DeliveryLog.clear` does not reset it."""
    at: float
    """When the request was sent, in unix seconds of the server's clock; the body of an event has the same time."""
    purpose: Literal["probe", "event"]
    webhook: str | None
    """Id of the webhook; None for the test request before the webhook is created."""
    url: str
    type: str | None
    """Type of the event; None for a test request."""
    id: str | None
    """Id of the event; None for a test request."""
    attempt: int
    """Number of this attempt to deliver the event, counted from 1; 1 for a test request."""
    status: int | None
    """HTTP status of the response; None if there was none."""
    error: str | None
    """Why the attempt failed; None if it succeeded."""
    ms: float
    """Time from the request to the response, in ms."""
    timestamp: str | None = None
    """`X-Webhook-Timestamp` of the request; None if no request was sent."""
    signature: str | None = None
    """`X-Webhook-Signature` of the request."""
    signature_valid: bool | None = None
    """Whether that is the signature of timestamp and body with the webhook's secret, as it was then."""
    retry_at: float | None = None
    """When the next attempt is due, in unix seconds of the server's clock; None if none follows."""
    triggered: bool = False
    """Whether the event was sent by hand, and nothing of the kind has happened."""
    event: WebhookEvent | None = None
    """What was delivered; None for a test request. It is not among the fields for users."""

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {name: value for name, value in asdict(self).items() if name != "event"}


class DeliveryLog:
    """Keeps the latest `MAX_ENTRIES` requests."""

    def __init__(self) -> None:
        self._seq = 0
        self._entries: deque[LoggedAttempt] = deque(maxlen=MAX_ENTRIES)

    def add(self, **fields: Any) -> LoggedAttempt:
        """Append an entry with the next `seq`; `fields` are the other fields of `LoggedAttempt`."""
        self._seq += 1
        entry = LoggedAttempt(seq=self._seq, **fields)
        self._entries.append(entry)
        return entry

    def find(self, seq: int) -> LoggedAttempt | None:
        """The entry with this position; None if there is none, or none any more."""
        return next((entry for entry in self._entries if entry.seq == seq), None)

    def __iter__(self) -> Iterator[LoggedAttempt]:
        """Iterate over the entries, oldest first."""
        return iter(tuple(self._entries))

    def clear(self) -> None:
        """Remove all entries."""
        self._entries.clear()
