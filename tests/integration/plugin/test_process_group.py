"""The end of a process group: processes that run are waited for, those that have ended are not."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time

from fake_daily_server.handles.process_group import await_end_of_group


def test_a_group_that_has_ended_is_not_waited_for() -> None:
    with subprocess.Popen(["true"], start_new_session=True) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has waited for it
        before = time.monotonic()
        await_end_of_group(process.pid, within=60)
        assert time.monotonic() - before < 30
        process.wait()
        await_end_of_group(process.pid, within=60)
        assert time.monotonic() - before < 30


def test_the_end_of_a_group_is_awaited() -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        threading.Timer(0.2, os.killpg, (process.pid, signal.SIGKILL)).start()
        await_end_of_group(process.pid, within=60)
        assert process.poll() == -signal.SIGKILL


def test_a_group_that_goes_on_is_waited_for_as_long_as_given() -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        await_end_of_group(process.pid, within=0.05)
        assert process.poll() is None
        process.kill()
