"""docs/containers.md as far as it can be followed without a container engine.

The commands of both services are run here, with 127.0.0.1 in place of the container's address, `localhost` in place of
the service's name, and free ports.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import ROOT, Page

FILES = {block.name: block.text for block in Page(ROOT / "docs" / "containers.md").blocks if block.name}
SERVICE = "daily"


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILES["compose.yaml"])["services"]
    return found


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, str]:
    """An environment in which `hostname`, `daily-sim` and `pytest` are what they are in the container."""
    folder = tmp_path / "bin"
    folder.mkdir()
    start = "from scenarios.command import main; main(prog_name='daily-sim')"
    scripts = {
        "hostname": "echo 127.0.0.1",
        "daily-sim": f'exec "{sys.executable}" -c "{start}" "$@" --port 0 --sip-port 0',
        "pytest": f'exec "{sys.executable}" -m pytest "$@"',
    }
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def test_the_tests_reach_the_server_by_the_commands_of_the_page(programs: dict[str, str], tmp_path: Path) -> None:
    daily, tests = services()[SERVICE], services()["tests"]
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_office.py").write_text(FILES["tests/test_office.py"])
    named = [word.replace(f"--public-address {SERVICE}", "--public-address localhost") for word in daily["command"]]
    serve = [word.replace("$$", "$") for word in named]  # as Compose does
    with subprocess.Popen(
        serve, stdout=subprocess.PIPE, text=True, env={**programs, **daily["environment"]}, cwd=tmp_path
    ) as server:
        assert server.stdout is not None
        try:
            ready = json.loads(server.stdout.readline())
            assert ready["api_key"] == daily["environment"]["DAILY_API_KEY"]
            for address in (ready["api_url"], ready["call_machine_url"], ready["sip"]):
                assert re.match(r"(http://|sip:)localhost:\d+", address)
            url = ready["api_url"].removesuffix("/v1")
            command = [word.replace(f"http://{SERVICE}:7880", url) for word in tests["command"]]
            ran = subprocess.run(
                command,
                env={**programs, **tests["environment"]},
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            server.terminate()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout


def test_the_services_agree_on_key_name_and_port() -> None:
    daily, tests = services()[SERVICE], services()["tests"]
    assert daily["environment"]["DAILY_API_KEY"] == tests["environment"]["DAILY_API_KEY"]
    assert f"--public-address {SERVICE} " in daily["command"][-1]
    assert tests["environment"]["DAILY_API_URL"] == f"http://{SERVICE}:7880/v1"
    assert tests["depends_on"] == {SERVICE: {"condition": "service_healthy"}}
    compile(daily["healthcheck"]["test"][-1], "healthcheck", "exec")


def test_the_image_has_a_python_that_works_and_copies_what_the_page_has() -> None:
    lines = FILES["Dockerfile"].splitlines()
    assert lines[0] == "FROM python:3.12-slim"
    copied = [line.split()[1] for line in lines if line.startswith("COPY ")]
    assert copied == ["vendor/daily_telephony_simulator-0.2.0-py3-none-any.whl", "tests"]
    assert lines[-1] == "USER nobody"
