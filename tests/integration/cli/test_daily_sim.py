"""`daily-sim`, the command that has every verb."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner

from scenarios.command import main

ROOT = Path(__file__).parents[3]
PROGRAM = "from scenarios.command import main; main(prog_name='daily-sim')"

STORY = """\
title: A phone is dialled and refuses
room: {enable_dialout: true}
phones:
  desk: {number: "+12065550142", calls: busy}
steps:
  - client: startDialOut
    with: {phoneNumber: $desk.number}
  - expect: dialout-error
"""


def daily_sim(*arguments: str | Path) -> list[str | Path]:
    return [sys.executable, "-c", PROGRAM, *arguments]


def test_the_distribution_installs_it() -> None:
    (script,) = entry_points(group="console_scripts", name="daily-sim")
    assert script.load() is main


@pytest.mark.parametrize("verb", sorted(main.commands))
def test_each_verb_explains_itself(verb: str) -> None:
    shown = CliRunner().invoke(main, [verb, "--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith(f"Usage: main {verb} ")
    assert "python -m scenarios" not in shown.output


def test_serve_prints_its_addresses_and_ends_with_a_signal() -> None:
    serving = daily_sim("serve", "--port", "0", "--sip-port", "0")
    with subprocess.Popen(serving, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        ready = json.loads(server.stdout.readline())
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
    assert ready["ready"] is True


def test_exec_takes_the_options_of_its_server_and_those_of_its_own(tmp_path: Path) -> None:
    capture = tmp_path / "call.pcapng"
    program = "import os; print(os.environ['DAILY_API_URL'], os.environ['DAILY_ROOM_URL'])"
    ran = subprocess.run(
        daily_sim("exec", "--capture", capture, "--room", "lobby", "--", sys.executable, "-c", program),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "DAILY_API_KEY": ""},
    )
    api_url, room_url = ran.stdout.split()
    assert room_url == api_url.removesuffix("/v1") + "/lobby"
    assert capture.exists()


def test_exec_and_run_take_settings(tmp_path: Path) -> None:
    program = (
        "import os, urllib.request as u; print(u.urlopen(os.environ['DAILY_API_URL'][:-2] + '_sim/settings').read())"
    )
    given = ("--set", "ring_timeout=0.3")
    ran = subprocess.run(
        daily_sim("exec", *given, "--", sys.executable, "-c", program), capture_output=True, check=True, cwd=ROOT
    )
    assert b'"ring_timeout":0.3' in ran.stdout

    story = tmp_path / "nobody.yaml"
    story.write_text(STORY.replace("calls: busy", "calls: no_answer").replace("dialout-error", "dialout-stopped"))
    ran = subprocess.run(daily_sim("run", *given, story), capture_output=True, check=True, cwd=ROOT)
    assert b"1 scenario, 1 passed" in ran.stdout


def test_exec_refuses_options_of_a_fresh_server_beside_one_that_runs() -> None:
    refused = subprocess.run(
        daily_sim("exec", "--port", "7", "--server", "http://127.0.0.1:1", "--api-key", "k", "--", "true"),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert refused.returncode == 2
    assert "--port is for a fresh server, and --server names one that runs already" in refused.stderr


def test_run_and_check_take_scenario_files(tmp_path: Path) -> None:
    story = tmp_path / "busy.yaml"
    story.write_text(STORY)
    for verb, last in (("check", "1 file is valid"), ("run", "1 scenario, 1 passed in ")):
        ran = subprocess.run(daily_sim(verb, story), capture_output=True, text=True, check=True, cwd=ROOT)
        assert ran.stdout.splitlines()[-1].startswith(last)
