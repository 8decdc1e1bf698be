"""The guards round every test are tests' friends only if they see something: they are shown a leak and a gap."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests import peers, processes

SLEEPER = "import time; time.sleep(60)"


def test_a_child_left_running_is_named() -> None:
    before = processes.running()
    with subprocess.Popen([sys.executable, "-c", SLEEPER]) as child:
        found = processes.left_over(before)
        child.kill()
    assert len(found) == 1
    assert str(child.pid) in found[0]
    assert SLEEPER in found[0]


def test_an_orphan_is_still_ours() -> None:
    before = processes.running()
    quiet = "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL"
    start = f"subprocess.Popen([sys.executable, '-c', {SLEEPER!r}], {quiet})"
    parent = f"import subprocess, sys; print({start}.pid)"
    said = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=True).stdout
    found = processes.left_over(before)
    os.kill(int(said), signal.SIGKILL)
    assert [line.split()[0] for line in found] == [said.strip()]


def test_a_child_that_ends_by_itself_is_no_leak() -> None:
    before = processes.running()
    with subprocess.Popen(["true"]):
        assert processes.left_over(before) == []


def test_a_missing_peer_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    peers.why_missing.cache_clear()
    problem = peers.why_missing("sipp")
    peers.why_missing.cache_clear()
    assert problem == "sipp is not installed (Debian: apt install sip-tester; macOS: brew install sipp)"


def test_a_misspelt_peer_is_an_error_not_a_skip() -> None:
    with pytest.raises(ValueError, match="'sip' is not a known peer; known: sipp, tshark, curl, baresip"):
        peers.why_missing("sip")
