"""What a run says: of what goes well, and of what does not."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.integration.scenarios.command import SHIPPED, command, start


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Where the test writes its scenario."""
    return tmp_path / "mine.yaml"


def test_a_run_tells_calls_digits_and_events() -> None:
    ran = command("run", SHIPPED / "dial_out" / "busy_then_answered.yaml")
    assert ran.code == 0, ran.out
    told = re.sub(r" +", " ", ran.out)
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
        assert words in told
    assert "\x1b" not in ran.out


def test_colours_when_asked_for() -> None:
    ran = command("run", SHIPPED / "dial_out" / "not_enabled.yaml", "--colour")
    assert "\x1b[32;1mok\x1b[0m" in ran.out


def test_quiet_says_the_summary_only() -> None:
    ran = command("run", "-q", SHIPPED / "dial_out", "-k", "busy.yaml")
    assert re.fullmatch(r"1 scenario, 1 passed in \d+\.\d s\n", ran.out)


def test_a_failed_expectation_tells_what_was_expected_and_what_came_nearest(written: Path) -> None:
    written.write_text("""\
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
    ran = command("run", written)
    assert ran.code == 1
    assert ran.line("FAILED").endswith(f"{written}:9: step 2, dialout-connected · dialout-answered")
    session = r"\{sessionId: [0-9a-f-]{36}\}"
    expected = rf"Expected  dialout-answered  {session}  within 0\.4 s, as number 2 of 2: dialout-connected · .*"
    assert re.fullmatch(expected, ran.line("Expected"))
    nearest = r"Nearest   dialout-error  \{sessionId: .*, errorMsg: .*603 Decline.*\}  at \+0\.\d{3} s"
    assert re.fullmatch(nearest, ran.line("Nearest"))
    assert ran.line("Because").startswith("Because   the last thing on the line was: ")
    assert "desk rejects with 603" in ran.out[ran.out.index("Happened") :]
    assert ran.out.splitlines()[-1].startswith("1 scenario, 0 passed, 1 failed in ")


def test_a_field_that_differs_is_shown_with_both_values(written: Path) -> None:
    written.write_text("""\
title: Busy is taken for something else
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
    ran = command("run", written)
    assert ran.code == 1
    assert "with errorMsg: DialOut failed with error: 486 Busy Here (busy), wanted /404/" in ran.line("Nearest")


@pytest.mark.parametrize(
    ("step", "expected", "nearest"),
    [
        (
            "{client: sendDTMF, with: {tones: '12', digitDurationMs: 100}}, {phone: ivr, hears: '13'}",
            "Expected  ivr hears 13  within 5 s",
            "Nearest   it heard 1 (telephone-event, 100 ms) 2 (telephone-event, 100 ms)",
        ),
        (
            "{phone: ivr, expect: answered, codec: G722}",
            "Expected  ivr: the call is answered, with {codec: G722}",
            "Nearest   codec: PCMU, wanted G722",
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
            "Expected  client is not told of dialout-answered",
            "Nearest   dialout-answered  {sessionId: ",
        ),
    ],
)
def test_each_kind_of_step_explains_itself(written: Path, step: str, expected: str, nearest: str) -> None:
    written.write_text(f"""\
title: A step that fails
room: {{enable_dialout: true}}
phones: {{ivr: {{number: "+12065550142"}}}}
steps: [
  {{client: startDialOut, with: {{phoneNumber: "+12065550142"}}}},
  {{expect: dialout-answered}}, {{phone: ivr, expect: answered}}, {step}
]
""")
    ran = command("run", written)
    assert ran.code == 1
    assert ran.line("Expected") == expected
    assert ran.line("Nearest").startswith(nearest)


def test_a_request_that_is_refused_unexpectedly_fails_its_step(written: Path) -> None:
    written.write_text("""\
title: Nobody has enabled it
steps:
  - client: startDialOut
    with: {phoneNumber: "+12065550142"}
""")
    ran = command("run", written)
    assert ran.code == 1
    assert ran.line("FAILED").endswith(f"{written}:3: step 1, startDialOut +12065550142")
    assert "enable_dialout" in ran.line("400 invalid-request-error")


def test_a_call_that_is_left_over_fails_its_scenario_and_the_next_one_starts_clean(written: Path) -> None:
    written.write_text("""\
title: Nobody hangs up
room: {enable_dialout: true}
phones: {desk: {number: "+12065550142"}}
steps:
  - client: startDialOut
    with: {phoneNumber: "+12065550142"}
  - expect: dialout-answered
""")
    ran = command("run", written, SHIPPED / "dial_out" / "answered_at_once.yaml")
    assert ran.code == 1
    assert "All steps are done, and a call is left over; a scenario ends its calls" in ran.out
    assert ran.line("desk from").endswith(", answered")
    assert ran.out.splitlines()[-1].startswith("2 scenarios, 1 passed, 1 failed in ")


def test_stop_at_the_first_failure(written: Path) -> None:
    written.write_text("title: Fails\nsteps: [{expect: dialin-ready, within_ms: 10}]\n")
    ran = command("run", "-x", written, SHIPPED / "dial_out" / "not_enabled.yaml")
    assert ran.code == 1
    assert ran.out.splitlines()[-1].startswith("1 scenario, 0 passed, 1 failed in ")


def test_a_long_wait_gives_signs_of_life(written: Path) -> None:
    written.write_text("title: Waits\nroom: null\nsteps: [{pause_ms: 2600}]\n")
    ran = command("run", "-q", written)
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "   … 0 of 1 scenarios are done; waiting: 2.6 s pass"


def test_a_report_that_cannot_be_written_is_told(written: Path, tmp_path: Path) -> None:
    written.write_text("title: Short\nroom: null\nsteps: [{pause_ms: 1}]\n")
    ran = command("run", written, "--junit", written / "report.xml")
    assert ran.code == 2
    assert "cannot be written" in ran.err


def test_an_interrupted_run_leaves_nothing_behind(written: Path) -> None:
    written.write_text("""\
title: Waits for long
room: {enable_dialout: true}
phones: {desk: {number: "+12065550142"}}
steps:
  - client: startDialOut
    with: {phoneNumber: "+12065550142"}
  - pause_ms: 60000
""")
    with start("run", written) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert any("desk answers" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr.read() == "interrupted; everything is left\n"
