"""How many calls PJSIP may hold, with the clock in hand."""

from __future__ import annotations

import pytest

from simulator.useragent.worker.io_queue_load import LINGER, Pace


def test_ended_calls_count_for_a_while() -> None:
    now = 100.0
    pace = Pace(clock=lambda: now)
    for index in range(25):
        assert pace.wait(25) == 0
        pace.begin()
        now = 100.0 + index * 0.01
        pace.end()
    assert pace.wait(25) == pytest.approx(LINGER - 0.24)
    assert pace.wait(26) == 0
    now = 100.0 + LINGER + 0.001
    assert pace.wait(25) == 0


def test_living_calls_alone_never_wait() -> None:
    pace = Pace(clock=lambda: 0.0)
    for _ in range(4):
        pace.begin()
    assert pace.wait(4) == 0
    pace.end()
    pace.begin()
    assert pace.wait(4) == LINGER
