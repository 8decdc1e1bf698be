"""How many calls PJSIP may hold, with the clock in hand."""

from __future__ import annotations

import pytest

from simulator.useragent.worker.io_queue_load import LINGER, IoQueueLoad


def test_ended_calls_count_for_a_while() -> None:
    now = 100.0
    load = IoQueueLoad(clock=lambda: now)
    for index in range(25):
        assert load.seconds_until_below(25) == 0
        load.opened()
        now = 100.0 + index * 0.01
        load.closed()
    assert load.seconds_until_below(25) == pytest.approx(LINGER - 0.24)
    assert load.seconds_until_below(26) == 0
    now = 100.0 + LINGER + 0.001
    assert load.seconds_until_below(25) == 0


def test_living_calls_alone_never_wait() -> None:
    load = IoQueueLoad(clock=lambda: 0.0)
    for _ in range(4):
        load.opened()
    assert load.seconds_until_below(4) == 0
    load.closed()
    load.opened()
    assert load.seconds_until_below(4) == LINGER
