"""What a run prints: the log of its scenarios, failures and the summary."""

from __future__ import annotations

import re
import signal
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.integration.scenarios.command import SHIPPED, command, start


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file to which the test writes its scenario."""
    return tmp_path / "mine.yaml"


def test_a_run_prints_calls_digits_and_events() -> None:
    completed = command("run", SHIPPED / "dial_out" / "busy_then_answered.yaml")
    assert completed.code == 0, completed.out
    output = re.sub(r" +", " ", completed.out)
    for words in (
        "dial_out/busy_then_answered A busy line is tried again and answered",
        "client startDialOut +12065550142",
        "sip INVITE +12065550142 → ended: 486 Busy Here",
        "phone desk rejects with 486",
        "event dialout-error “DialOut failed with error: 486 Busy Here (busy)” ✓",
        "event dialout-connected · participant-joined ✓",
        "phone desk presses 12# (sip-info)",
        "digit 1 (sip-info, 100 ms)",
        "event participant-left · dialout-stopped ✓",
        "2 calls · 3 digits · PCMU · ",
        "1 scenario, 1 passed in ",
    ):
        assert words in output
    assert "\x1b" not in completed.out


def test_a_run_prints_colours_when_asked_for() -> None:
    completed = command("run", SHIPPED / "dial_out" / "not_enabled.yaml", "--colour")
    assert "\x1b[32;1mok\x1b[0m" in completed.out


def test_a_quiet_run_prints_only_the_summary() -> None:
    completed = command("run", "-q", SHIPPED / "dial_out", "-k", "busy.yaml")
    assert re.fullmatch(r"1 scenario, 1 passed in \d+\.\d s\n", completed.out)


def test_a_failed_expectation_shows_what_was_expected_and_the_nearest_event(file: Path) -> None:
    file.write_text("""\
title: The desk is expected to answer and does not
room: {enable_dialout: true}
phones:
  desk: {number: "+12065550142", calls: {ring_ms: 100, then: decline}}
steps:
  - client: startDialOut
    with: {phoneNumber: "+12065550142"}
    save: {session: sessionId}
  - expect: [dialout-connected, dialout-answered]
    where: {sessionId: $session}
    within_ms: 400
  - pause_ms: 60000
""")
    completed = command("run", file)
    assert completed.code == 1
    assert completed.line("FAILED").endswith(f"{file}:9: step 2, dialout-connected · dialout-answered")
    session = r"\{sessionId: [0-9a-f-]{36}\}"
    expected = rf"Expected  dialout-answered  {session}  within 0\.4 s, as number 2 of 2: dialout-connected · .*"
    assert re.fullmatch(expected, completed.line("Expected"))
    nearest = r"Nearest   dialout-error  \{sessionId: .*, errorMsg: .*603 Decline.*\}  at \+0\.\d{3} s"
    assert re.fullmatch(nearest, completed.line("Nearest"))
    assert completed.line("Because").startswith("Because   the last telephony record is: ")
    assert "desk rejects with 603" in completed.out[completed.out.index("Happened") :]
    assert completed.out.splitlines()[-1].startswith("1 scenario, 0 passed, 1 failed in ")


def test_a_field_that_differs_is_shown_with_both_values(file: Path) -> None:
    file.write_text("""\
title: A busy line is expected to be an unknown number
room: {enable_dialout: true}
phones:
  desk: {number: "+12065550142", calls: busy}
steps:
  - client: startDialOut
    with: {phoneNumber: "+12065550142"}
  - expect: dialout-error
    where: {errorMsg: /404/}
    within_ms: 300
""")
    completed = command("run", file)
    assert completed.code == 1
    assert "with errorMsg: DialOut failed with error: 486 Busy Here (busy), expected /404/" in completed.line("Nearest")


@pytest.mark.parametrize(
    ("step", "expected", "reason"),
    [
        (
            "{client: sendDTMF, with: {tones: '1'}}, {phone: ivr, hears: '1', duration_ms: 5000±10}",
            "Expected  ivr hears 1 {duration_ms: 5000±10}  within 5 s",
            "Because   digit 1 duration_ms: 500, expected 5000±10",
        ),
        (
            "{participant: client, hum: 880}, {phone: ivr, expect_tones: 440, within_ms: 900}",
            "Expected  ivr hears nothing but 440 Hz  within 0.9 s",
            "Because   440 Hz at ",
        ),
        (
            "{client: sendDTMF, with: {tones: '12', digitDurationMs: 100}}, {phone: ivr, hears: '13'}",
            "Expected  ivr hears 13  within 5 s",
            "Nearest   it heard 1 (telephone-event, 100 ms) 2 (telephone-event, 100 ms)",
        ),
        (
            "{phone: ivr, expect: answered, codec: G722}",
            "Expected  ivr: the call is answered, with {codec: G722}",
            "Because   codec: PCMU, expected G722",
        ),
        (
            "{phone: ivr, expect: ended, within_ms: 100}",
            "Expected  ivr: the call is ended  within 0.1 s",
            "Nearest   it is answered",
        ),
        (
            "{client: sendDTMF, with: {tones: '1'}, fails: {status: 400}}",
            "Expected  sendDTMF is refused with {status: 400}",
            "Nearest   it was accepted",
        ),
        (
            "{client: sendDTMF, with: {tones: x}, fails: {status: 404}}",
            "Expected  sendDTMF is refused with {status: 404}",
            "Nearest   it was refused with {status: 400, error: invalid-request-error,",
        ),
        (
            "{expect_none: dialout-answered}",
            "Expected  client does not receive dialout-answered",
            "Nearest   dialout-answered  {sessionId: ",
        ),
    ],
)
def test_each_kind_of_step_explains_its_failure(file: Path, step: str, expected: str, reason: str) -> None:
    file.write_text(f"""\
title: A step that fails
room: {{enable_dialout: true}}
phones: {{ivr: {{number: "+12065550142"}}}}
steps: [
  {{client: startDialOut, with: {{phoneNumber: "+12065550142"}}}},
  {{expect: dialout-answered}}, {{phone: ivr, expect: answered}}, {step}
]
""")
    completed = command("run", file)
    assert completed.code == 1
    assert completed.line("Expected") == expected
    assert completed.line(reason.split(maxsplit=1)[0]).startswith(reason)


def test_an_unexpected_refusal_fails_its_step(file: Path) -> None:
    file.write_text("""\
title: There is no such session
steps:
  - client: stopDialOut
    with: {sessionId: zork}
""")
    completed = command("run", file)
    assert completed.code == 1
    assert f"{file}:3: step 1, stopDialOut" in completed.line("FAILED")
    assert "NOT_FOUND" in completed.line("404 not-found")


def test_a_call_that_is_still_up_fails_its_scenario_and_not_the_next_one(file: Path) -> None:
    file.write_text("""\
title: Nobody hangs up
room: {enable_dialout: true}
phones: {desk: {number: "+12065550142"}}
steps:
  - client: startDialOut
    with: {phoneNumber: "+12065550142"}
  - expect: dialout-answered
""")
    completed = command("run", file, SHIPPED / "dial_out" / "answered_at_once.yaml")
    assert completed.code == 1
    assert f"{file}:7: after step 2, dialout-answered" in completed.line("FAILED")
    assert completed.line("All steps have run").endswith("for example with `do: hangup` of the phone. Still up:")
    assert completed.line("desk from").endswith(", answered")
    assert completed.out.splitlines()[-1].startswith("2 scenarios, 1 passed, 1 failed in ")


def test_a_run_can_stop_at_the_first_failure(file: Path) -> None:
    file.write_text("title: Fails\nsteps: [{expect: dialin-ready, within_ms: 10}]\n")
    completed = command("run", "-x", file, SHIPPED / "dial_out" / "not_enabled.yaml")
    assert completed.code == 1
    assert completed.out.splitlines()[-1].startswith("1 scenario, 0 passed, 1 failed in ")


def test_a_long_wait_prints_signs_of_progress(file: Path) -> None:
    file.write_text("title: Waits\nroom: null\nsteps: [{pause_ms: 2600}]\n")
    completed = command("run", "-q", file)
    assert completed.code == 0
    assert completed.out.splitlines()[0] == "   … 0 of 1 scenarios are done; waiting: pause of 2.6 s"


@pytest.mark.parametrize("option", ["--junit", "--summary", "--coverage"])
def test_an_output_file_that_cannot_be_written_is_an_error(file: Path, option: str) -> None:
    file.write_text("title: Short\nroom: null\nsteps: [{pause_ms: 1}]\n")
    completed = command("run", file, option, file / "output")
    assert completed.code == 2
    assert f"{option} {file / 'output'}: cannot be written: " in completed.err


def test_a_run_leaves_junit_with_reports_and_a_summary(file: Path, tmp_path: Path) -> None:
    file.write_text("title: Fails\nsteps: [{expect: dialin-ready, within_ms: 10}]\n")
    junit, summary = tmp_path / "junit.xml", tmp_path / "summary.md"
    completed = command("run", file, "--junit", junit, "--summary", summary)
    assert completed.code == 1
    [report] = (
        line.removeprefix("report  file://") for line in completed.out.splitlines() if line.startswith("report")
    )
    [page] = ET.parse(junit).iterfind(".//property[@name='daily_report']")
    assert Path(page.get("value", "")).resolve() == Path(report)
    assert summary.read_text("utf-8").startswith("### 0 passed, 1 failed\n")
    assert "dialin-ready" in summary.read_text("utf-8")


def test_an_interrupted_run_stops_everything(file: Path) -> None:
    file.write_text("""\
title: Waits for long
room: {enable_dialout: true}
phones: {desk: {number: "+12065550142"}}
steps:
  - client: startDialOut
    with: {phoneNumber: "+12065550142"}
  - pause_ms: 60000
""")
    with start("run", file) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert any("desk answers" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr.read() == "interrupted; all calls were ended and the server was stopped\n"
