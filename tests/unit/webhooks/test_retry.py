"""The two retry types, for any sequence of successes and failures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_daily_server.webhooks.retry import (
    MAX_DELAY_S,
    RETRY_POLICIES,
    RetryType,
    WebhookStatus,
    circuit_breaker,
    exponential,
)

outcomes = st.lists(st.booleans(), max_size=40)


def test_three_consecutive_failures_open_the_breaker() -> None:
    status = WebhookStatus()
    for count, state in ((1, "ACTIVE"), (2, "ACTIVE"), (3, "FAILED"), (4, "FAILED")):
        outcome = circuit_breaker(status, 1, False, 60)
        status = outcome.status
        assert (status.failed_count, status.state) == (count, state)
        assert outcome.dropped
        assert outcome.retry_in_s is None


@given(outcomes)
def test_the_breaker_opens_exactly_after_three_consecutive_failures(successes: list[bool]) -> None:
    status, row, opened = WebhookStatus(), 0, False
    for succeeded in successes:
        status = circuit_breaker(status, 1, succeeded, 60).status
        row = 0 if succeeded else row + 1
        opened = opened or row >= 3
        assert status.failed_count == row
        assert (status.state == "FAILED") == opened


def test_an_event_is_attempted_five_times_with_doubling_delays() -> None:
    delays, status = [], WebhookStatus()
    for attempt in range(1, 6):
        outcome = exponential(status, attempt, False, 60)
        delays.append(outcome.retry_in_s)
        status = outcome.status
        assert outcome.dropped == (attempt == 5)
    assert delays == [60, 120, 240, 480, None]
    assert status == WebhookStatus("ACTIVE", 5)


@given(st.integers(1, 5), st.floats(0.001, 1e6), st.integers(0, 100))
def test_no_delay_exceeds_fifteen_minutes_and_the_webhook_never_fails(attempt: int, first: float, count: int) -> None:
    outcome = exponential(WebhookStatus("ACTIVE", count), attempt, False, first)
    assert outcome.status == WebhookStatus("ACTIVE", count + 1)
    assert (outcome.retry_in_s is None) == outcome.dropped == (attempt == 5)
    if outcome.retry_in_s is not None:
        assert outcome.retry_in_s == min(MAX_DELAY_S, first * 2 ** (attempt - 1))


@pytest.mark.parametrize("kind", ["circuit-breaker", "exponential"])
@given(attempt=st.integers(1, 5), count=st.integers(0, 100))
def test_a_success_resets_the_count_and_ends_the_event(kind: RetryType, attempt: int, count: int) -> None:
    outcome = RETRY_POLICIES[kind](WebhookStatus("ACTIVE", count), attempt, True, 60)
    assert outcome.status == WebhookStatus("ACTIVE", 0)
    assert outcome.retry_in_s is None
    assert not outcome.dropped
