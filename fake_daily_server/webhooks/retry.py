"""Daily's two retry types, as pure functions: what follows from an attempt to deliver an event.

circuit-breaker: each event is attempted once. Consecutive failures of the webhook are counted; the third one makes the
webhook FAILED, and it receives nothing until it is reactivated. A success resets the count.

exponential: each event is attempted at most 5 times. The delay doubles from attempt to attempt, to at most 15 min;
after the fifth failure the event is dropped. Failures are counted as well, but never make the webhook FAILED.

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
"""Maximum number of attempts to deliver one event under `exponential`."""
MAX_DELAY_S = 15 * 60.0


@dataclass(frozen=True, slots=True)
class WebhookStatus:
    """Whether a webhook receives events (ACTIVE), and how many attempts have failed since the latest success."""

    state: State = "ACTIVE"
    failed_count: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from an attempt for the webhook, and for the event."""

    status: WebhookStatus
    """The webhook's status after the attempt."""
    retry_in_s: float | None = None
    """The delay before the next attempt, in seconds; None if there is none."""
    dropped: bool = False
    """Whether the event is dropped without having been delivered."""


RetryPolicy = Callable[[WebhookStatus, int, bool, float], Outcome]
"""A function of the webhook's status before the attempt, the attempt's number (from 1), whether the attempt succeeded,
and the delay before the second attempt in seconds."""


def circuit_breaker(status: WebhookStatus, attempt: int, succeeded: bool, first_delay_s: float) -> Outcome:
    """Count the failures, and make the webhook FAILED after the third in a row; never retry an event."""
    if succeeded:
        return Outcome(WebhookStatus(status.state))
    count = status.failed_count + 1
    state: State = "FAILED" if count >= FAILURES_TO_OPEN else status.state
    return Outcome(WebhookStatus(state, count), dropped=True)


def exponential(status: WebhookStatus, attempt: int, succeeded: bool, first_delay_s: float) -> Outcome:
    """Retry the event with doubling delays; never make the webhook FAILED."""
    if succeeded:
        return Outcome(WebhookStatus(status.state))
    after = WebhookStatus(status.state, status.failed_count + 1)
    if attempt >= MAX_ATTEMPTS:
        return Outcome(after, dropped=True)
    return Outcome(after, retry_in_s=min(MAX_DELAY_S, first_delay_s * 2 ** (attempt - 1)))


RETRY_POLICIES: Mapping[RetryType, RetryPolicy] = MappingProxyType(
    {"circuit-breaker": circuit_breaker, "exponential": exponential}
)
