"""The two retry types, on any course of events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_daily_server.webhooks.retry import (
    LONGEST_PAUSE_S,
    POLICIES,
    RetryType,
    Standing,
    circuit_breaker,
    exponential,
)

outcomes = st.lists(st.booleans(), max_size=40)


def test_three_failures_in_a_row_open_the_breaker() -> None:
    standing = Standing()
    for count, state in ((1, "ACTIVE"), (2, "ACTIVE"), (3, "FAILED"), (4, "FAILED")):
        verdict = circuit_breaker(standing, 1, False, 60)
        standing = verdict.standing
        assert (standing.failed_count, standing.state) == (count, state)
        assert verdict.dropped
        assert verdict.again_in_s is None


@given(outcomes)
def test_the_breaker_opens_exactly_when_three_in_a_row_failed(successes: list[bool]) -> None:
    standing, row, opened = Standing(), 0, False
    for succeeded in successes:
        standing = circuit_breaker(standing, 1, succeeded, 60).standing
        row = 0 if succeeded else row + 1
        opened = opened or row >= 3
        assert standing.failed_count == row
        assert (standing.state == "FAILED") == opened


def test_an_event_is_tried_five_times_with_doubling_pauses() -> None:
    pauses, standing = [], Standing()
    for attempt in range(1, 6):
        verdict = exponential(standing, attempt, False, 60)
        pauses.append(verdict.again_in_s)
        standing = verdict.standing
        assert verdict.dropped == (attempt == 5)
    assert pauses == [60, 120, 240, 480, None]
    assert standing == Standing("ACTIVE", 5)


@given(st.integers(1, 5), st.floats(0.001, 1e6), st.integers(0, 100))
def test_no_pause_is_longer_than_fifteen_minutes_and_nothing_makes_it_fail(
    attempt: int, first: float, count: int
) -> None:
    verdict = exponential(Standing("ACTIVE", count), attempt, False, first)
    assert verdict.standing == Standing("ACTIVE", count + 1)
    assert (verdict.again_in_s is None) == verdict.dropped == (attempt == 5)
    if verdict.again_in_s is not None:
        assert verdict.again_in_s == min(LONGEST_PAUSE_S, first * 2 ** (attempt - 1))


@pytest.mark.parametrize("kind", ["circuit-breaker", "exponential"])
@given(attempt=st.integers(1, 5), count=st.integers(0, 100))
def test_a_success_sets_the_count_back_and_ends_the_event(kind: RetryType, attempt: int, count: int) -> None:
    verdict = POLICIES[kind](Standing("ACTIVE", count), attempt, True, 60)
    assert verdict.standing == Standing("ACTIVE", 0)
    assert verdict.again_in_s is None
    assert not verdict.dropped
