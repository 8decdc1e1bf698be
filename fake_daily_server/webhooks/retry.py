"""What a failed delivery leads to, as pure functions of what happened: Daily's two retry types.

circuit-breaker: each event is tried once; failures in a row are counted, and at the third the webhook is FAILED and
gets nothing until it is reactivated; a success sets the count back.
exponential: each event is tried at most 5 times, each pause twice as long as the one before and none longer than
15 min; then it is dropped. Failures are counted too, and never make the webhook FAILED.

Source: https://docs.daily.co/reference/rest-api/webhooks#retrytype. How long the first pause is, it does not say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

RetryType = Literal["circuit-breaker", "exponential"]
State = Literal["ACTIVE", "FAILED"]

FAILURES = 3
"""In a row, until the circuit breaker opens."""
TRIES = 5
"""Of one event under `exponential`."""
LONGEST_PAUSE_S = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a webhook stands."""

    state: State = "ACTIVE"
    failed_count: int = 0
    """Failures since the latest success."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a try: the webhook's standing, and what becomes of the event."""

    standing: Standing
    again_in_s: float | None = None
    """The pause before the next try; None when there is none."""
    dropped: bool = False
    """Whether the event is given up undelivered."""


Policy = Callable[[Standing, int, bool, float], Verdict]
"""Takes the standing before, which try of the event it was (from 1), whether it succeeded, and the first pause in s."""


def circuit_breaker(standing: Standing, attempt: int, succeeded: bool, first_pause_s: float) -> Verdict:
    """Count failures of the webhook; no event is tried again."""
    if succeeded:
        return Verdict(Standing(standing.state))
    count = standing.failed_count + 1
    state: State = "FAILED" if count >= FAILURES else standing.state
    return Verdict(Standing(state, count), dropped=True)


def exponential(standing: Standing, attempt: int, succeeded: bool, first_pause_s: float) -> Verdict:
    """Count tries of the event; the webhook stays as it is."""
    if succeeded:
        return Verdict(Standing(standing.state))
    after = Standing(standing.state, standing.failed_count + 1)
    if attempt >= TRIES:
        return Verdict(after, dropped=True)
    return Verdict(after, again_in_s=min(LONGEST_PAUSE_S, first_pause_s * 2 ** (attempt - 1)))


POLICIES: Mapping[RetryType, Policy] = MappingProxyType(
    {"circuit-breaker": circuit_breaker, "exponential": exponential}
)
