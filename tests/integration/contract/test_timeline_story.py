"""The story in a report: made of the timeline of a failed test, it is valid, and repeats the calls."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.scenarios.command import command

HEAD = """\
title: A scenario that fails
room: {enable_dialout: true, sip: {num_endpoints: 1}}
phones:
  desk: {number: "+12065550142", calls: %s}
  caller: {number: "+12065550143"}
steps:
"""
DIAL = """\
- client: startDialOut
  with: {phoneNumber: "+12065550142"}
  save: {out: sessionId}
"""
FAILS = """\
- expect: app-message
  within_ms: 10
"""
BUSY = f"""{DIAL}\
- expect: dialout-error
{FAILS}"""
ANSWERED = f"""{DIAL}\
- expect: dialout-answered
- client: sendDTMF
  with: {{sessionId: $out, tones: "12#"}}
- phone: desk
  hears: "12#"
- phone: desk
  press: "5"
- expect: dtmf-event
- client: stopDialOut
  with: {{sessionId: $out}}
- expect: dialout-stopped
{FAILS}"""
CALLER = f"""\
- expect: dialin-ready
- phone: caller
  dial: $room.sip_uri
- expect: dialin-connected
- phone: caller
  press: "7"
- phone: caller
  press: "8"
  method: sip-info
- expect: [dtmf-event, dtmf-event]
- phone: caller
  do: hangup
- expect: dialin-stopped
{FAILS}"""
STILL_UP = f"""{DIAL}\
- expect: dialout-answered
- expect: dialout-stopped
  within_ms: 10
"""
REFUSED_REQUEST = f"""{DIAL}\
- client: sendDTMF
  with: {{sessionId: $out, tones: "1", method: morse}}
  fails: {{status: 400}}
- expect: dialout-answered
{FAILS}"""


def report_of(folder: Path, steps: str, calls: str) -> str:
    """Run a scenario that fails; return the text of its report."""
    (folder / "failing.yaml").write_text(HEAD % calls + steps, "utf-8")
    failed = command("run", "failing.yaml", folder=folder)
    assert failed.code == 1, failed.out + failed.err
    return (folder / ".daily-sim" / "reports" / "failing.html").read_text("utf-8")


def story_in(page: str) -> str | None:
    found = re.search(r'<pre class="copied">(.*?)</pre>', page, re.DOTALL)
    return None if found is None else html.unescape(found[1])


def repeated(folder: Path, steps: str, calls: str = "answer") -> dict[str, Any]:
    """Run a scenario that fails, and the story in its report, which must pass; return the story."""
    text = story_in(report_of(folder, steps, calls))
    assert text is not None
    (folder / "story.yaml").write_text(text, "utf-8")
    checked = command("check", "story.yaml", folder=folder)
    assert checked.code == 0, checked.err + text
    ran = command("run", "story.yaml", folder=folder)
    assert ran.code == 0, ran.out + text
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def expected(content: dict[str, Any]) -> list[str]:
    return [step["expect"] for step in content["steps"] if "expect" in step]


def test_a_busy_line(tmp_path: Path) -> None:
    content = repeated(tmp_path, BUSY, "busy")
    assert content["phones"]["far_end_1"]["calls"] == [{"status": 486}]
    assert expected(content) == ["dialin-ready", "dialout-error"]


def test_an_answered_call_with_digits_both_ways_that_the_client_ends(tmp_path: Path) -> None:
    content = repeated(tmp_path, ANSWERED)
    steps = content["steps"]
    assert {"client": "sendDTMF", "with": {"sessionId": "$session_1", "tones": "12#"}} in steps
    assert {"phone": "far_end_1", "hears": "12#", "method": "telephone-event"} in steps
    assert {"phone": "far_end_1", "press": "5", "method": "telephone-event"} in steps
    assert {"client": "stopDialOut", "with": {"sessionId": "$session_1"}} in steps
    assert {"phone": "far_end_1", "do": "hangup"} not in steps
    assert expected(content)[-2:] == ["participant-left", "dialout-stopped"]


def test_a_caller_who_presses_digits(tmp_path: Path) -> None:
    content = repeated(tmp_path, CALLER)
    steps = content["steps"]
    assert {"phone": "far_end_1", "press": "7", "method": "telephone-event"} in steps
    assert {"phone": "far_end_1", "press": "8", "method": "sip-info"} in steps


def test_a_call_that_was_up_when_the_test_failed_is_ended(tmp_path: Path) -> None:
    assert repeated(tmp_path, STILL_UP)["steps"][-1] == {"phone": "far_end_1", "do": "hangup"}


def test_a_request_that_was_refused_is_left_out(tmp_path: Path) -> None:
    content = repeated(tmp_path, REFUSED_REQUEST)
    assert [step["client"] for step in content["steps"] if "client" in step] == ["startDialOut"]


@pytest.mark.parametrize("steps", [FAILS, "- {phone: caller, dial: desk}\n- {phone: desk, do: hangup}\n" + FAILS])
def test_there_is_none_without_calls_of_the_room(tmp_path: Path, steps: str) -> None:
    assert story_in(report_of(tmp_path, steps, "answer")) is None
