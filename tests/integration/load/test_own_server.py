"""The server beside a Locust worker: its start, its failure to start, and its end when the worker is killed."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from fake_daily_server.load.own_server import OwnServer, ServerNotStarted

WORKER = """
import time
from fake_daily_server.load.own_server import OwnServer
print(OwnServer().pid, flush=True)
time.sleep(600)
"""


def test_a_server_that_cannot_start_says_what_it_printed() -> None:
    with pytest.raises(
        ServerNotStarted, match=r"the server did not start: .* --set=ring_timeot=5\n(?s:.*)ring_timeout"
    ):
        OwnServer(["--set=ring_timeot=5"])


def test_a_server_ends_with_a_worker_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        server = psutil.Process(int(worker.stdout.readline()))
        worker.kill()
    assert psutil.wait_procs([server], timeout=30)[1] == []
