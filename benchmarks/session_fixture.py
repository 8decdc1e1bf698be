"""Start and end of the fake Daily in a test session."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Row, Run, timed
from benchmarks.fixture_times import FILE
from benchmarks.fresh_process import environment

_TEST = """
def test_a_call(sync_fake_daily, sync_phone_network, daily_room, sync_daily_client):
    phone = sync_phone_network.phone("+12065550142")
    session = sync_daily_client.start_dialout({"phoneNumber": phone.number})
    sync_daily_client.wait_for("dialout-answered", where={"sessionId": session})
"""


def measure_fixture(run: Run) -> list[Row]:
    """Time of the session fixture's set-up in a fresh process, imports included, and of its teardown.

    Each sample is a new `python -m pytest` with one test that makes a call. A pytest plugin measures the fixtures
    `fake_daily_settings` and `fake_daily_server`, in which everything is imported and started, and the teardown at the
    end of the session. The start of pytest itself is not included. The first sample is discarded, because it may write
    bytecode and read from a cold disk.
    """
    setups, teardowns = [], []
    repetitions = run.repetitions(25)
    with tempfile.TemporaryDirectory() as folder:
        test = Path(folder, "test_once.py")
        test.write_text(_TEST, encoding="utf-8")
        times = Path(folder, "times.json")
        plugin = ["-p", "benchmarks.fixture_times"]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, str(test)]
        for done in range(repetitions + 1):
            session = subprocess.run(
                command,
                cwd=folder,
                env={**environment(), FILE: str(times)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            if session.returncode:
                raise RuntimeError(f"session {done} of {repetitions} failed:\n{session.stdout[-1500:]}")
            sample = json.loads(times.read_text(encoding="utf-8"))
            if done:
                setups.append(sample["setup_ms"])
                teardowns.append(sample["teardown_ms"])
            run.progress(done, repetitions)
    return [
        timed("cold session fixture, with imports", setups, limit_ms=600),
        timed("teardown of the session fixture", teardowns, limit_ms=100),
    ]


def measure_start(run: Run) -> list[Row]:
    """Time of start and end of `FakeDaily` without the imports.

    It runs on a `LoopThread`, as in the fixture, repeatedly in one process after a first round that imports everything.
    The PJSIP processes are new each time, and so is the interpreter that forks them.
    """
    from fake_daily_server.server import FakeDaily  # noqa: PLC0415  # not imported by `measure_fixture`, which measures the imports
    from fake_daily_server.settings import Settings  # noqa: PLC0415
    from simulator.owner_loop import LoopThread  # noqa: PLC0415

    starts, ends = [], []
    repetitions = run.repetitions(25)
    with LoopThread() as thread:
        for done in range(repetitions + 1):
            daily = FakeDaily(Settings(port=0, sip_port=0))
            began = time.perf_counter()
            thread.call(daily.__aenter__())
            up = time.perf_counter()
            thread.call(daily.__aexit__(None, None, None))
            down = time.perf_counter()
            if done:
                starts.append((up - began) * 1000)
                ends.append((down - up) * 1000)
            run.progress(done, repetitions)
    return [
        timed("start of the server, everything imported", starts),
        timed("end of the server, unused", ends, limit_ms=100),
    ]
