"""What follows from an attempt to deliver an event: Daily's two retry types, as pure functions.

circuit-breaker: each event is attempted once. Consecutive failures of the webhook are counted; the third one makes it
FAILED, and it receives nothing until it is reactivated. A success resets the count.
exponential: each event is attempted at most 5 times; the delay doubles from attempt to attempt and is at most 15 min;
then the event is dropped. Failures are counted as well, and never make the webhook FAILED.

Source: https://docs.daily.co/reference/rest-api/webhooks#retrytype, which does not say how long the first delay is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

RetryType = Literal["circuit-breaker", "exponential"]
State = Literal["ACTIVE", "FAILED"]

FAILURES_TO_OPEN = 3
"""Consecutive failures after which the circuit breaker opens."""
MAX_ATTEMPTS = 5
"""Attempts to deliver one event under `exponential`."""
MAX_DELAY_S = 15 * 60.0


@dataclass(frozen=True, slots=True)
class WebhookStatus:
    """Whether a webhook receives events, and how many attempts have failed since the latest success."""

    state: State = "ACTIVE"
    failed_count: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from an attempt, for the webhook and for the event."""

    status: WebhookStatus
    """The webhook's status after the attempt."""
    retry_in_s: float | None = None
    """The delay before the next attempt; None when there is none."""
    dropped: bool = False
    """Whether the event is given up undelivered."""


RetryPolicy = Callable[[WebhookStatus, int, bool, float], Outcome]
"""Takes the webhook's status before the attempt, the attempt's number (from 1), whether it succeeded, and the delay
before the second attempt in s."""


def circuit_breaker(status: WebhookStatus, attempt: int, succeeded: bool, first_delay_s: float) -> Outcome:
    """Count the webhook's failures; never retry an event."""
    if succeeded:
        return Outcome(WebhookStatus(status.state))
    count = status.failed_count + 1
    state: State = "FAILED" if count >= FAILURES_TO_OPEN else status.state
    return Outcome(WebhookStatus(state, count), dropped=True)


def exponential(status: WebhookStatus, attempt: int, succeeded: bool, first_delay_s: float) -> Outcome:
    """Retry the event with growing delays; never change the webhook's state."""
    if succeeded:
        return Outcome(WebhookStatus(status.state))
    after = WebhookStatus(status.state, status.failed_count + 1)
    if attempt >= MAX_ATTEMPTS:
        return Outcome(after, dropped=True)
    return Outcome(after, retry_in_s=min(MAX_DELAY_S, first_delay_s * 2 ** (attempt - 1)))


RETRY_POLICIES: Mapping[RetryType, RetryPolicy] = MappingProxyType(
    {"circuit-breaker": circuit_breaker, "exponential": exponential}
)
