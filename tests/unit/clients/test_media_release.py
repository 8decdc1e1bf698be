"""What is written and not played yet when a client is released: nobody is left waiting, and nothing comes later."""

from __future__ import annotations

import threading
import time

import pytest

from fake_daily_server.clients.python.daily._audio.output import Output
from fake_daily_server.clients.python.daily._threads.job_thread import Worker

SECOND = b"\0\0" * 16000


def test_completions_do_not_wait_for_what_nobody_plays_any_more() -> None:
    output, completed = Output(16000, 1, "audio source"), list[tuple[int, threading.Thread]]()
    began = time.monotonic()
    for _ in range(3):
        output.write_soon(SECOND, lambda frames: completed.append((frames, threading.current_thread())))
    output.complete_writes()
    assert [frames for frames, _ in completed] == [16000] * 3
    assert time.monotonic() - began < 1
    assert all(thread is not threading.current_thread() for _, thread in completed)


def test_a_completion_may_be_what_ends_it() -> None:
    output, over = Output(16000, 1, "audio source"), threading.Event()

    def complete(_: int) -> None:
        output.complete_writes()
        over.set()

    output.write_soon(b"\0\0" * 160, complete)
    assert over.wait(2)


def test_it_goes_on_in_real_time_for_the_next_client() -> None:
    output, over = Output(16000, 1, "audio source"), threading.Event()
    output.complete_writes()
    began = time.monotonic()
    output.write_soon(b"\0\0" * 3200, lambda _: over.set())
    assert over.wait(2)
    assert time.monotonic() - began > 0.1


def test_a_job_that_fails_is_reported_and_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda told: reported.append(told.exc_type))
    worker, over = Worker("failing"), threading.Event()
    worker.put(lambda: 1 // 0)
    worker.put(over.set)
    assert over.wait(2)
    worker.wait()
    assert reported == [ZeroDivisionError]
