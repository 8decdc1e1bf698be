"""`run -j N`: stories side by side, told whole and in order, with one capture and one JUnit file."""

from __future__ import annotations

import signal
import xml.etree.ElementTree as ET
from pathlib import Path

import psutil

from tests.integration.scenarios.command import command, start

PASSES = """\
title: Story {number} passes
room: {{enable_dialout: true}}
phones: {{desk: {{number: "+1206555{number:04}"}}}}
steps:
  - client: startDialOut
    with: {{phoneNumber: "+1206555{number:04}"}}
  - expect: [dialout-connected, dialout-answered]
  - phone: desk
    do: hangup
  - expect: dialout-stopped
"""
FAILS = """\
title: Story {number} fails
steps:
  - expect: dialout-answered
    within_ms: 300
"""
"""The title has the number of the file, so that the order of the accounts can be seen."""


def stories(folder: Path, kinds: str) -> Path:
    """Files `00.yaml`, `01.yaml`, … in a new folder: `p` passes, `f` fails."""
    made = folder / "stories"
    made.mkdir()
    for number, kind in enumerate(kinds):
        (made / f"{number:02}.yaml").write_text((PASSES if kind == "p" else FAILS).format(number=number))
    return made


def titles(out: str) -> list[str]:
    return [line.split("Story ")[1] for line in out.splitlines() if "Story " in line and "stories/" in line]


def test_accounts_are_whole_and_in_order(tmp_path: Path) -> None:
    junit, capture = tmp_path / "report.xml", tmp_path / "calls.pcapng"
    folder = stories(tmp_path, "pfpppf")
    completed = command("run", folder, "-j", "3", "--junit", str(junit), "--capture", str(capture))
    assert completed.code == 1
    assert titles(completed.out) == [
        "0 passes", "1 fails", "2 passes", "3 passes", "4 passes", "5 fails",
    ]  # fmt: skip
    told = completed.out.split("Story 2 passes")[1].split("Story 3 passes")[0]
    assert [word for word in ("INVITE", "dialout-answered", "dialout-stopped", "ok ") if word not in told] == []
    assert "6 scenarios, 4 passed, 2 failed" in completed.out
    cases = ET.parse(junit).getroot().iter("testcase")
    assert [case.find("failure") is not None for case in cases] == [False, True, False, False, False, True]
    content = capture.read_bytes()
    sections = [content.find(f"Story {number}".encode()) for number in range(6)]
    assert sections == sorted(sections)
    assert sections[0] > 0


def test_stop_ends_with_the_first_failure_in_order(tmp_path: Path) -> None:
    completed = command("run", stories(tmp_path, "pfpppppp"), "-j", "2", "-x")
    assert completed.code == 1
    assert titles(completed.out) == ["0 passes", "1 fails"]
    assert "2 scenarios, 1 passed, 1 failed" in completed.out


def test_settings_reach_all_processes(tmp_path: Path) -> None:
    folder = stories(tmp_path, "pp")
    completed = command("run", folder, "-j", "2", "--set", "phone_dialout=off")
    assert completed.code == 1
    assert "0 passed, 2 failed" in completed.out


def test_an_interrupted_run_leaves_no_process(tmp_path: Path) -> None:
    with start("run", stories(tmp_path, "p" * 12), "-j", "3") as process:
        assert process.stdout is not None
        assert any("ok" in line for line in process.stdout)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
    assert len(children) > 3
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
