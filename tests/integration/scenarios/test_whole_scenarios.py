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


TRACKS = """\
title: Two calls side by side
room: {enable_dialout: true}
phones:
  anna: {number: "+12065550142", calls: {ring_ms: 300, then: answer}}
  bob: {number: "+12065550143"}
steps:
  - tracks:
      to anna: [include: _call.yaml, {phone: anna, do: hangup}, {expect: dialout-stopped, where: {sessionId: $of_anna}}]
      to bob:
        - {client: startDialOut, with: {phoneNumber: $bob.number}, save: {of_bob: sessionId}}
        - {expect: dialout-answered, where: {sessionId: $of_bob}}
        - {phone: bob, do: hangup}
        - {expect: dialout-stopped, where: {sessionId: $of_bob}}
  - {expect: participant-left, absent: true, from_here_on: true, for_ms: 10}
"""
CALL = """\
steps:
  - {client: startDialOut, with: {phoneNumber: $anna.number}, save: {of_anna: sessionId}}
  - {expect: dialout-answered, where: {sessionId: $of_anna}}
"""


def test_tracks_run_side_by_side_each_with_an_order_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "_call.yaml").write_text(CALL)
    file = tmp_path / "mine.yaml"
    file.write_text(TRACKS)
    completed = command("run", file)
    assert completed.code == 0, completed.out + completed.err
    assert completed.out.index("bob hangs up") < completed.out.index("anna answers")
    file.write_text(
        TRACKS.replace("{expect: dialout-stopped, where: {sessionId: $of_bob}}", "{phone: bob, expect: held}")
    )
    completed = command("run", file)
    assert completed.code == 1
    assert completed.line("In track to bob, step 4, ")
    assert "mine.yaml:7: step 1, side by side: to anna, to bob" in completed.line("FAILED")
    file.write_text(TRACKS.replace("$bob.number", "$bo.number").replace("anna, do", "ana, do"))
    completed = command("check", file)
    assert completed.code == 2
    in_anna, in_bob, _ = (line.rpartition("/")[2] for line in completed.err.splitlines())
    assert in_anna.startswith("mine.yaml:8:46: steps[1].tracks.to anna[3].phone: there is no phone 'ana'; did you mean")
    assert in_bob.startswith("mine.yaml:10:")
    assert ": steps[1].tracks.to bob[1].with.phoneNumber: $bo is not saved by an earlier step" in in_bob


HEARS = """\
title: A phone listens from the moment its call has media
room: null
phones: {caller: {number: "+12065550150"}, desk: {number: "+12065550142"}}
steps:
  - {phone: caller, dial: $desk.number}
  - {phone: caller, expect: answered}
  - {phone: desk, press: "159", method: in-band}
  - {phone: caller, expect_in_band: "159"}
  - {phone: desk, do: hangup}
"""


def test_a_phone_hears_what_was_sent_before_the_step_that_expects_it(tmp_path: Path) -> None:
    (tmp_path / "hears.yaml").write_text(HEARS)
    assert command("run", tmp_path).code == 0


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


REDIAL = """\
title: The second call of a phone whose first one has ended
room: {enable_dialout: true}
phones: {desk: {number: "+12065550142"}}
steps:
  - {client: startDialOut, with: {phoneNumber: $desk.number}}
  - {expect: dialout-answered}
  - {phone: desk, do: hangup}
  - {expect: dialout-stopped}
  - {phone: desk, expect: ended}
  - {carrier: sip_fault, with: {fault: sip-delay, message: INVITE, delay_ms: 400}}
  - {client: startDialOut, with: {phoneNumber: $desk.number}}
  - {phone: desk, expect: answered}
  - {phone: desk, do: hangup, call: 2}
  - {expect: dialout-stopped}
"""


def test_a_call_that_is_still_on_its_way_is_waited_for_and_not_the_one_that_has_ended(tmp_path: Path) -> None:
    (tmp_path / "redial.yaml").write_text(REDIAL)
    completed = command("run", tmp_path / "redial.yaml")
    assert completed.code == 0, completed.out


def test_a_call_that_ends_while_it_is_waited_for_fails_the_step_at_once(tmp_path: Path) -> None:
    story = REDIAL.replace('"+12065550142"}', '"+12065550142", calls: [answer, busy]}')
    (tmp_path / "redial.yaml").write_text(story.replace("expect: answered}", "expect: answered, within_ms: 60000}"))
    completed = command("run", tmp_path / "redial.yaml")
    assert completed.code == 1
    assert completed.line("Nearest").startswith("Nearest   it ended with 486")
