"""The fixtures around every test: remaining processes are found, missing peers are named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests import peers, processes

SLEEPER = "import time; time.sleep(60)"


def test_a_child_that_still_runs_is_found() -> None:
    before = processes.all_process_ids()
    with subprocess.Popen([sys.executable, "-c", SLEEPER]) as child:
        found = processes.remaining_descendants(before)
        child.kill()
    assert len(found) == 1
    assert str(child.pid) in found[0]
    assert SLEEPER in found[0]


def test_an_orphan_is_found() -> None:
    before = processes.all_process_ids()
    quiet = "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL"
    start = f"subprocess.Popen([sys.executable, '-c', {SLEEPER!r}], {quiet})"
    parent = f"import subprocess, sys; print({start}.pid)"
    printed = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=True).stdout
    found = processes.remaining_descendants(before)
    os.kill(int(printed), signal.SIGKILL)
    assert [line.split()[0] for line in found] == [printed.strip()]


def test_a_child_that_has_exited_is_not_found() -> None:
    before = processes.all_process_ids()
    with subprocess.Popen(["true"]):
        assert processes.remaining_descendants(before) == []


def test_a_missing_peer_is_named_with_its_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    peers.why_missing.cache_clear()
    problem = peers.why_missing("sipp")
    peers.why_missing.cache_clear()
    assert problem == "sipp is not installed (Debian: apt install sip-tester; macOS: brew install sipp)"


def test_a_misspelt_peer_is_an_error() -> None:
    with pytest.raises(ValueError, match="'sip' is not a known peer; known: sipp, tshark, curl, baresip"):
        peers.why_missing("sip")
