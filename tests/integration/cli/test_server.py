"""`python -m fake_daily_server`: its first line, how it ends, and what it says about invalid options."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

COMMAND = (sys.executable, "-m", "fake_daily_server")


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A server process and its first line; it is killed at the end if it still runs."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--sip-port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def still_running(processes: list[psutil.Process], *, within: float) -> list[psutil.Process]:
    """The processes that have not ended in time; a zombie has ended."""
    _, rest = psutil.wait_procs(processes, timeout=within)
    return [process for process in rest if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def workers_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def test_the_first_line_says_where_everything_is() -> None:
    with running("--domain", "acme", "--api-key", "secret") as (_, ready):
        assert ready["ready"] is True
        assert ready["domain"] == "acme"
        assert ready["api_key"] == "secret"
        assert ready["api_url"].startswith("http://127.0.0.1:")
        assert ready["api_url"].endswith("/v1")
        assert ready["sip"].startswith("sip:127.0.0.1:")
        answer = httpx.get(f"{ready['api_url']}/rooms", headers={"Authorization": "Bearer secret"})
        assert answer.status_code == 200
        assert answer.json() == {"total_count": 0, "data": []}


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_its_workers_within_two_seconds(ending: signal.Signals) -> None:
    with running() as (process, _):
        workers = workers_of(process.pid)
        assert workers
        began = time.monotonic()
        process.send_signal(ending)
        output, errors = process.communicate(timeout=10)
        took = time.monotonic() - began
        assert process.returncode == 0, errors
        assert output == ""
        assert errors == ""
        assert took < 2
        assert still_running(workers, within=0.1) == []


def test_workers_end_within_a_second_when_the_server_is_killed() -> None:
    with running() as (process, _):
        workers = workers_of(process.pid)
        assert len(workers) >= 3
        os.kill(process.pid, signal.SIGKILL)
        assert still_running(workers, within=1.0) == []


@pytest.mark.parametrize("option", ["--port", "--sip-port"])
def test_a_port_in_use_is_reported_with_a_hint_to_the_doctor(option: str) -> None:
    with socket.socket() as taken, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken_udp:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        taken_udp.bind(("127.0.0.1", port))
        other = "--sip-port" if option == "--port" else "--port"
        result = subprocess.run(
            [*COMMAND, option, str(port), other, "0"], capture_output=True, text=True, timeout=20, check=False
        )
    assert result.returncode == 1
    assert result.stdout == ""
    reason, hint = result.stderr.splitlines()
    assert reason.startswith(f"Error: {option}: {port} is not usable; allowed: ")
    assert "daily-sim doctor" in hint


def test_any_setting_can_be_chosen(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("ring_timeout: 7\ndomain: of-the-file\nprovider: signalwire\n")
    with running("--settings", str(file), "--set", "ring_timeout=5", "--domain", "acme") as (_, ready):
        assert ready["domain"] == "acme"
        settings = httpx.get(f"{ready['api_url'].removesuffix('/v1')}/_sim/settings").json()
        assert (settings["ring_timeout"], settings["provider"]) == (5, "signalwire")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port", "70000"], "70000"),
        (["--domain", "not a domain"], "--domain: 'not a domain' is not usable"),
        (["--host", "8.8.8.8"], "--host: "),
        (["--api-key", ""], "--api-key: "),
        (["--prot", "1"], "--prot"),
        (["--set", "ring_timout=1"], "'ring_timeout'"),
    ],
)
def test_an_invalid_option_is_named(options: list[str], says: str) -> None:
    result = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=20, check=False)
    assert result.returncode != 0
    assert result.stdout == ""
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_help_mentions_what_a_new_user_needs() -> None:
    result = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, timeout=20, check=True)
    for word in ("--sip-port", "DAILY_API_URL", "/_sim", "Ctrl-C"):
        assert word in result.stdout
