"""What a file says about the whole scenario: tags, runs, expected failures, time limits; files that `new` writes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from tests.integration.scenarios.command import command

FILES = {
    "twice": "runs: 2\nsteps: [{pause_ms: 1}]\n",
    "must_fail": (
        "expected_failure: no room\nphones: {a: {uri: sip:a@127.0.0.1}}\n"
        "steps: [{phone: a, expect: call, within_ms: 20}]\n"
    ),
    "must_fail_and_passes": "expected_failure: not yet\ntags: [other]\nsteps: [{pause_ms: 1}]\n",
    "too_long": "time_limit_ms: 200\nsteps: [{pause_ms: 1}, {pause_ms: 60000}]\n",
    "optional": "phones: {a: {}}\nsteps: [{phone: a, expect: call, within_ms: 20, optional: true}, {pause_ms: 1}]\n",
}


def test_a_file_says_how_the_scenario_is_judged(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / f"{name}.yaml").write_text(f"title: {name}\nroom: null\n{text}")
    completed = command("run", tmp_path, "-j", "1", "--junit", tmp_path / "report.xml")
    assert completed.code == 1
    assert completed.out.splitlines()[-1].startswith("5 scenarios, 2 passed, 1 failed as expected, 2 failed in ")
    assert "failed as expected: no room" in completed.out
    assert "The scenario passed, but `expected_failure` says: not yet" in completed.out
    assert "too_long.yaml:4: step 2" in completed.out
    assert "The scenario did not end within its `time_limit_ms`" in completed.out
    (noted,) = (line for line in completed.out.splitlines() if "note" in line)
    assert "the optional step “" in noted
    assert "failed: Expected" in noted
    cases = {
        case.get("name", "").partition(":")[0]: case for case in ET.parse(tmp_path / "report.xml").iter("testcase")
    }
    skipped = cases["must_fail"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "failed as expected: no room"
    assert cases["must_fail_and_passes"].find("failure") is not None
    chosen = command("list", tmp_path, "-t", "other")
    assert [line.split()[-1] for line in chosen.out.splitlines()] == ["must_fail_and_passes"]


def test_new_files_pass(tmp_path: Path) -> None:
    for kind in ("dial-out", "dial-in", "cases"):
        written = command("new", kind, tmp_path / f"{kind}.yaml")
        assert written.code == 0, written.err
    for kind in ("program", "webhooks"):
        assert command("new", kind, tmp_path / "others" / f"{kind}.yaml").code == 0
    assert command("check", tmp_path).out == "5 files are valid\n"
    completed = command("run", tmp_path / "cases.yaml", tmp_path / "dial-in.yaml", tmp_path / "dial-out.yaml", "-q")
    assert completed.code == 0, completed.out
    again = command("new", "cases", tmp_path / "cases.yaml")
    assert again.code == 2
    assert again.err == f"{tmp_path}/cases.yaml exists already; choose another name\n"
