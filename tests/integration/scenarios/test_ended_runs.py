"""Runs that are interrupted or killed: no program under test outlives them."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.integration.scenarios.command import start

STUBBORN = """\
import pathlib, signal, subprocess, sys, time

sleeper = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('sleeps', flush=True); time.sleep(3600)"
child = subprocess.Popen([sys.executable, "-c", f"import signal, time; {sleeper}"])
signal.signal(signal.SIGTERM, lambda *_: pathlib.Path("was-told-to-end").touch())
pathlib.Path("pids").write_text(f"{__import__('os').getpid()} {child.pid}")
child.wait()
"""
STORY = """\
title: A program that SIGTERM does not end, and its child
client: {{command: [$python, stubborn.py], ready: {{prints: sleeps}}}}
steps: [{{pause_ms: {pause}}}]
"""
OTHER = "title: Another\nsteps: [{pause_ms: 1}]\n"
WITHIN_S = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    (tmp_path / "other.yaml").write_text(OTHER)
    return tmp_path


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_is_interrupted_while_it_ends_a_program_still_ends_it(folder: Path, jobs: str) -> None:
    (folder / "story.yaml").write_text(STORY.format(pause=1))
    with start("run", folder / "story.yaml", folder / "other.yaml", "-j", jobs) as process:
        _await_file(folder / "was-told-to-end")
        below = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(WITHIN_S) == 130
    assert _alive(folder) == []
    psutil.wait_procs(below, timeout=WITHIN_S)  # the fork server ends by itself


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_is_killed_leaves_no_program_behind(folder: Path, jobs: str) -> None:
    (folder / "story.yaml").write_text(STORY.format(pause=600_000))
    with start("run", folder / "story.yaml", folder / "other.yaml", "-j", jobs) as process:
        _await_file(folder / "pids")
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait(WITHIN_S)
    _, alive = psutil.wait_procs(below, timeout=WITHIN_S)
    assert [each for each in alive if _runs(each.pid)] == []


def _await_file(path: Path) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not path.exists() or (path.name == "pids" and not path.read_text()):
        assert time.monotonic() < deadline, f"{path} was not written"
        time.sleep(0.01)


def _alive(folder: Path) -> list[int]:
    return [pid for pid in map(int, (folder / "pids").read_text().split()) if _runs(pid)]


def _runs(pid: int) -> bool:
    """Whether a process runs; one that has ended may be waited for by nobody, and still exist."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
