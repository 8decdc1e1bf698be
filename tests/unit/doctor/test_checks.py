"""What the doctor says about a machine, and what it advises."""

from __future__ import annotations

import importlib.metadata
import shutil
import socket
import sys
from pathlib import Path

import pytest

from fake_daily_server.doctor import peer_checks, server_checks
from fake_daily_server.doctor.finding import Finding, State, server_can_start


@pytest.mark.parametrize("version", [(3, 11), (3, 12)])
def test_a_python_with_pjsip_wheels_is_ok(version: tuple[int, int]) -> None:
    assert server_checks.python(version).state is State.OK


@pytest.mark.parametrize("version", [(3, 10), (3, 13), (3, 14)])
def test_any_other_python_fails_with_the_reason_and_a_way_out(version: tuple[int, int]) -> None:
    finding = server_checks.python(version)
    assert finding.state is State.FAILS
    assert "pjsua2-python (PJSIP) has wheels for 3.11 and 3.12 only" in finding.found
    assert "uv venv --seed --python 3.12" in finding.remedy


def test_pjsip_of_this_environment_is_found() -> None:
    assert server_checks.pjsip(sys.executable).state is State.OK


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'ImportError: libfoo.so is missing' >&2; exit 1", "ImportError: libfoo.so is missing"),
        ("kill -SEGV $$", "the import ended with status -11"),
    ],
)
def test_a_pjsip_that_cannot_be_imported_fails_with_the_reason(script: str, why: str, tmp_path: Path) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text(f"#!/bin/sh\n{script}\n")
    interpreter.chmod(0o755)
    finding = server_checks.pjsip(str(interpreter))
    assert finding.state is State.FAILS
    assert why in finding.found


def test_an_interpreter_that_does_not_exist_is_named() -> None:
    assert "/nowhere/python could not be asked" in server_checks.pjsip("/nowhere/python").found


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_in_use_fails_and_zero_is_the_way_out(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        number = taken.getsockname()[1]
        finding = server_checks.port("127.0.0.1", number, "--sip-port", udp=True)
    assert finding.state is State.FAILS
    assert finding.about == f"port {number}"
    assert finding.remedy.startswith("--sip-port 0 ")


def test_a_free_port_is_ok() -> None:
    assert server_checks.port("127.0.0.1", 0, "--port", udp=True).state is State.OK


@pytest.mark.parametrize(
    ("limit", "state", "calls"),
    [(4096, State.OK, ""), (256, State.LIMITED, "about 32 calls"), (20, State.LIMITED, "0")],
)
def test_few_open_files_limit_the_calls(limit: int, state: State, calls: str) -> None:
    finding = server_checks.open_files(limit)
    assert finding.state is state
    assert calls in finding.found


def test_on_an_empty_machine_everything_optional_is_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(importlib.metadata, "version", absent)
    findings = list(peer_checks.peer_findings())
    assert {finding.state for finding in findings} == {State.ABSENT}
    assert server_can_start(findings)
    assert {"browser", "Node", "Pipecat"} <= {finding.about for finding in findings}


@pytest.mark.parametrize(("version", "state"), [("v18.19.0", State.LIMITED), ("v20.1.0", State.OK)])
def test_a_node_below_20_is_too_old(
    version: str, state: State, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert peer_checks.node().state is state


def test_a_remedy_has_a_line_of_its_own() -> None:
    shown = str(Finding(State.FAILS, "port 1", "in use", "take another"))
    assert shown.splitlines() == ["FAILS    port 1       in use", "                      → take another"]
    assert not server_can_start([Finding(State.FAILS, "port 1", "in use")])
