"""`daily-sim doctor`, and that every failed start points to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fake_daily_server.__main__ import main as server_main
from scenarios.command import main

ROOT = Path(__file__).parents[3]
HINT = "`daily-sim doctor` examines this machine"


@pytest.fixture
def without_pjsip(tmp_path: Path) -> dict[str, str]:
    """An environment in which `import pjsua2` fails."""
    (tmp_path / "pjsua2.py").write_text("raise ImportError('libssl is missing')\n")
    return {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}


def test_each_thing_has_a_line() -> None:
    shown = CliRunner().invoke(main, ["doctor", "--port", "0", "--sip-port", "0"])
    assert shown.exit_code == 0, shown.output
    abouts = [line[9:22].strip() for line in shown.output.splitlines() if not line.startswith(" ")]
    assert {"Python", "PJSIP", "open files", "browser", "Node", "Pipecat"} <= set(abouts)


def test_a_port_in_use_makes_the_exit_code_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shown = CliRunner().invoke(server_main, ["doctor", "--port", str(port), "--sip-port", "0"])
    assert shown.exit_code == 1
    assert f"FAILS    port {port}" in shown.output
    assert "→ --port 0 takes any free one" in shown.output


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "fake_daily_server", "--port", "0", "--sip-port", "0"),
        ("-m", "fake_daily_server", "exec", "--", "true"),
        ("-m", "scenarios", "run", "scenarios/files/dial_out/busy.yaml"),
    ],
)
def test_a_command_whose_server_does_not_start_points_to_it(
    command: tuple[str, ...], without_pjsip: dict[str, str]
) -> None:
    ran = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, cwd=ROOT, env=without_pjsip
    )
    assert ran.returncode == 1
    assert "libssl is missing" in ran.stderr
    assert HINT in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr


def test_a_pytest_run_whose_server_does_not_start_points_to_it(without_pjsip: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(sync_fake_daily): pass\n")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=without_pjsip,
    )
    assert ran.returncode == 1
    assert "libssl is missing" in ran.stdout
    assert HINT in ran.stdout
