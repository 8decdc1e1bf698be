"""Writes that are outstanding when a client is released: they complete at once, and no completion comes later."""

from __future__ import annotations

import threading
import time

import pytest

from fake_daily_server.clients.python.daily._audio.output import AudioOutput
from fake_daily_server.clients.python.daily._threads.job_thread import JobThread

SECOND = b"\0\0" * 16000


def test_complete_writes_calls_outstanding_completions_at_once() -> None:
    output, completed = AudioOutput(16000, 1, "audio source"), list[tuple[int, threading.Thread]]()
    began = time.monotonic()
    for _ in range(3):
        output.write_async(SECOND, lambda frames: completed.append((frames, threading.current_thread())))
    output.complete_writes()
    assert [frames for frames, _ in completed] == [16000] * 3
    assert time.monotonic() - began < 1
    assert all(thread is not threading.current_thread() for _, thread in completed)


def test_complete_writes_can_be_called_inside_a_completion() -> None:
    output, over = AudioOutput(16000, 1, "audio source"), threading.Event()

    def complete(_: int) -> None:
        output.complete_writes()
        over.set()

    output.write_async(b"\0\0" * 160, complete)
    assert over.wait(2)


def test_later_writes_complete_in_real_time_again() -> None:
    output, over = AudioOutput(16000, 1, "audio source"), threading.Event()
    output.complete_writes()
    began = time.monotonic()
    output.write_async(b"\0\0" * 3200, lambda _: over.set())
    assert over.wait(2)
    assert time.monotonic() - began > 0.1


def test_an_exception_in_a_job_is_reported_and_the_next_job_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda report: reported.append(report.exc_type))
    thread, over = JobThread("failing"), threading.Event()
    thread.submit(lambda: 1 // 0)
    thread.submit(over.set)
    assert over.wait(2)
    thread.wait()
    assert reported == [ZeroDivisionError]
