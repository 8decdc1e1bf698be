"""The estimate of RFC 3550 §6.4.1 for the time between packets."""

from __future__ import annotations

import pytest

from simulator.relay.jitter import Jitter

RATE, STEP = 8000, 160


def jitter(delays_ms: list[float], *, first: int = 0) -> float:
    """The jitter in ms of packets that are sent every 20 ms, and are late by as much."""
    found = Jitter()
    for number, delay in enumerate(delays_ms):
        found.add(1, number * 0.02 + delay / 1000, (first + number * STEP) % (1 << 32), RATE)
    return found.seconds * 1000


def test_packets_that_are_all_late_by_the_same_have_none() -> None:
    assert jitter([30.0] * 50) == pytest.approx(0, abs=1e-6)


def test_packets_late_in_turn_come_to_the_difference() -> None:
    assert jitter([0.0, 10.0] * 200) == pytest.approx(10, abs=0.1)


def test_timestamps_that_begin_again_are_no_jitter() -> None:
    assert jitter([0.0] * 10, first=(1 << 32) - 3 * STEP) == pytest.approx(0, abs=1e-6)


def test_another_source_begins_anew() -> None:
    found = Jitter()
    found.add(1, 0.0, 0, RATE)
    found.add(2, 9.0, 123_456, RATE)
    assert found.seconds == 0
