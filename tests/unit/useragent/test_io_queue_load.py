"""The load of PJSIP's I/O queue, with a clock that the test sets."""

from __future__ import annotations

import pytest

from simulator.useragent.worker.io_queue_load import LINGER, IoQueueLoad


def test_closed_sockets_count_until_they_are_freed() -> None:
    now = 100.0
    load = IoQueueLoad(clock=lambda: now)
    for index in range(25):
        assert load.seconds_until_below(25) == 0
        load.opened(index)
        load.opened(index)  # twice is once
        now = 100.0 + index * 0.01
        load.closed(index)
    assert load.seconds_until_below(25) == pytest.approx(LINGER - 0.24)
    assert load.seconds_until_below(26) == 0
    now = 100.0 + LINGER + 0.001
    assert load.seconds_until_below(25) == 0


def test_open_sockets_alone_give_no_wait() -> None:
    load = IoQueueLoad(clock=lambda: 0.0)
    for key in range(4):
        load.opened(key)
    assert load.seconds_until_below(4) == 0
    load.closed(0)
    load.opened(4)
    assert load.seconds_until_below(4) == LINGER
