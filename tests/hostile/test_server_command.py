"""The command that runs a server, under a small limit of open files and interrupted while it starts."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "fake_daily_server", "--port", "0", "--sip-port", "0"]


def run_with_open_files(limit: int) -> subprocess.CompletedProcess[str]:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    return subprocess.run(  # this test has one thread
        COMMAND, cwd=ROOT, preexec_fn=limited, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("limit", [32, 64, 255])
def test_too_few_open_files_are_one_sentence(limit: int) -> None:
    ended = run_with_open_files(limit)
    assert ended.returncode == 1
    assert ended.stdout == ""
    reason, hint = ended.stderr.splitlines()
    assert reason == f"Error: ulimit -n: {limit} is not usable; allowed: at least 256 open files, better 1024"
    assert "daily-sim doctor" in hint


@pytest.mark.parametrize("module", ["click.core", "fake_daily_server.settings", "fake_daily_server.server_options"])
def test_ctrl_c_during_the_imports_prints_no_traceback(module: str) -> None:
    def as_in_a_terminal() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with (
        subprocess.Popen(  # this test has one thread
            [COMMAND[0], "-X", "importtime", *COMMAND[1:]],
            cwd=ROOT,
            preexec_fn=as_in_a_terminal,  # noqa: PLW1509  # this test has one thread
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as server
    ):
        assert server.stderr is not None
        while not server.stderr.readline().rstrip().endswith(f" {module}"):
            assert server.poll() is None, f"{module} is not imported"
        server.send_signal(signal.SIGINT)
        _, printed = server.communicate(timeout=10)
    assert "Traceback" not in printed
