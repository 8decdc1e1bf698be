"""`--capture` of the two command lines: the contents of the file, and files that cannot be written."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx

from tests.integration.cli.test_server import running
from tests.integration.scenarios.command import SHIPPED, command

SECTION = b"\x0a\x0d\x0d\x0a"
ANN, BOB = "+12065550142", "+12065550143"


def test_the_capture_of_a_run_has_a_section_for_each_scenario(tmp_path: Path) -> None:
    file = tmp_path / "run.pcapng"
    file.write_bytes(b"of an earlier run")
    ran = command(
        "run", "-q", SHIPPED / "dial_out" / "busy.yaml", SHIPPED / "dial_out" / "declined.yaml", "--capture", file
    )
    assert ran.code == 0, ran.out + ran.err
    written = file.read_bytes()
    assert written.startswith(SECTION)
    assert written.count(SECTION) == 2
    assert written.count(b"SIP/2.0 486 Busy Here") == 2
    assert written.count(b"SIP/2.0 603 Decline") == 2


def test_a_run_fails_when_its_capture_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "run.pcapng"
    ran = command("run", "-q", SHIPPED / "dial_out" / "busy.yaml", "--capture", file)
    assert ran.code == 2
    assert ran.err.strip() == f"--capture {file}: cannot be written: No such file or directory"


def test_a_server_captures_until_it_is_terminated(tmp_path: Path) -> None:
    file = tmp_path / "server.pcapng"
    with running("--capture", str(file)) as (server, ready):
        base = ready["api_url"].removesuffix("/v1") + "/_sim"
        ann = httpx.post(f"{base}/phones", json={"number": ANN}).raise_for_status().json()
        httpx.post(f"{base}/phones", json={"number": BOB, "calls": ["busy"]}).raise_for_status()
        httpx.post(f"{base}/phones/{ann['id']}/dial", json={"to": BOB}).raise_for_status()
        server.send_signal(signal.SIGTERM)
        assert server.wait(5) == 0
    written = file.read_bytes()
    assert written.count(SECTION) == 1
    assert written.count(b"INVITE sip:") >= 1


def test_a_server_does_not_start_when_its_capture_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "server.pcapng"
    from click.testing import CliRunner

    from fake_daily_server.__main__ import main

    ran = CliRunner().invoke(main, ["--port", "0", "--sip-port", "0", "--capture", str(file)])
    assert ran.exit_code == 1
    assert "capture:" in ran.output
    assert "No such file or directory" in ran.output
