"""Programs that leave their process group, such as daemons: nothing that they have started outlives them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fake_daily_server.handles.running_program import RunningProgram
from simulator.owner_loop import OwnerLoop

DAEMON = """\
import os, pathlib, signal, sys, time

def daemonize():
    if os.fork():
        return False
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return True

if daemonize():
    os.environ.clear()
    pathlib.Path("daemon").write_text(str(os.getpid()))
    time.sleep(3600)
"""
STAYS = "time.sleep(3600)\n"
"""What a program goes on with that does not end when its daemon has begun."""
WITHIN_S = 30

linux = pytest.mark.skipif(sys.platform != "linux", reason="macOS has no PR_SET_CHILD_SUBREAPER")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "daemon.py").write_text(DAEMON)
    (tmp_path / "stays.py").write_text(DAEMON + STAYS)
    yield tmp_path
    if (tmp_path / "daemon").exists() and psutil.pid_exists(pid := int((tmp_path / "daemon").read_text())):
        os.kill(pid, signal.SIGKILL)


def started(folder: Path, script: str) -> RunningProgram:
    return RunningProgram([sys.executable, script], owner_loop=OwnerLoop(), cwd=folder)


def daemon_of(folder: Path) -> int:
    """Wait until the daemon runs; return its process id."""
    deadline = time.monotonic() + WITHIN_S
    while not (folder / "daemon").exists() or not (folder / "daemon").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return int((folder / "daemon").read_text())


@linux
@pytest.mark.parametrize("script", ["daemon.py", "stays.py"])
async def test_a_daemon_ends_with_the_program_that_has_started_it(folder: Path, script: str) -> None:
    program = started(folder, script)
    if script == "daemon.py":
        await program.wait_for_end(within=WITHIN_S)
    daemon = daemon_of(folder)
    assert psutil.Process(daemon).terminal() is None
    assert os.getsid(daemon) != os.getsid(0)
    program.stop()
    assert not psutil.pid_exists(daemon)


@linux
def test_a_daemon_ends_when_the_process_is_killed_that_runs_the_program(folder: Path) -> None:
    runner = f"""
import asyncio
from fake_daily_server.handles.running_program import RunningProgram
from simulator.owner_loop import OwnerLoop

async def main():
    RunningProgram([{sys.executable!r}, "stays.py"], owner_loop=OwnerLoop(), cwd={str(folder)!r})
    await asyncio.sleep(3600)

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", runner]) as process:
        daemon = daemon_of(folder)
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert daemon in [each.pid for each in below]
    _, alive = psutil.wait_procs(below, timeout=WITHIN_S)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize(
    ("command", "error"),
    [("./not-there", FileNotFoundError), ("./not-executable", PermissionError), ("./no-program", OSError)],
)
async def test_a_program_that_cannot_be_started_says_why(tmp_path: Path, command: str, error: type[OSError]) -> None:
    for name, mode in (("not-executable", 0o600), ("no-program", 0o700)):
        (tmp_path / name).write_bytes(b"\0")
        (tmp_path / name).chmod(mode)
    with pytest.raises(error) as failed:
        RunningProgram([command], owner_loop=OwnerLoop(), cwd=tmp_path)
    assert failed.value.filename == command


async def test_the_status_is_that_of_the_program(tmp_path: Path) -> None:
    program = RunningProgram(["sh", "-c", "kill -s USR1 $$"], owner_loop=OwnerLoop(), statuses=[-signal.SIGUSR1])
    await program.wait_for_end()
    assert program.status == -signal.SIGUSR1
    program.stop()


@linux
async def test_a_program_whose_guard_is_killed_ends(folder: Path) -> None:
    program = RunningProgram(["sleep", "3600"], owner_loop=OwnerLoop(), statuses=[-signal.SIGKILL])
    sleep = psutil.Process(program.pid)
    guard = sleep.parent()
    assert guard is not None
    guard.kill()
    await program.wait_for_end(within=WITHIN_S)
    psutil.wait_procs([sleep], timeout=WITHIN_S)
    program.stop()
