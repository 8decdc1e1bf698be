from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from scenarios.loading.problems import Location, Problem
from scenarios.loading.scenario_files import ScenarioFile
from scenarios.reporting.console_report import ConsoleReport
from scenarios.reporting.junit import write_junit
from scenarios.reporting.result_text import statistics, summary
from scenarios.reporting.run_log import RunLog
from scenarios.reporting.style import Style
from scenarios.runner import Failure, Result
from simulator.timeline import Record, Timeline

PLAIN = Style(colours=False)


@pytest.fixture
def file(tmp_path: Path) -> ScenarioFile:
    path = tmp_path / "dial_out" / "busy.yaml"
    path.parent.mkdir()
    path.write_text("title: Busy <&> \nroom: null\nsteps:\n  - pause_ms: 1\n  - pause_ms: 2\n")
    return ScenarioFile.read(path)


def records() -> list[Record]:
    """The timeline of a dial-out."""
    timeline = Timeline()
    began = timeline.append("scenario", title="t")
    call = {"session_id": "s1", "sip_call_id": "c1"}
    origin = began.at

    def at(seconds: float) -> float:
        return timeline._began + origin + seconds

    timeline.append("client", at=at(0.001), client="client", method="startDialOut", params={"phoneNumber": "+1206"})
    timeline.append("sip", at=at(0.002), message="INVITE", to="sip:+1206@127.0.0.1:5060", **call)
    timeline.append("phone", at=at(0.003), phone="desk", action="rings", sip_call_id="c1")
    timeline.append("sip", at=at(0.004), message="180 Ringing", **call)
    timeline.append("event", at=at(0.005), event={"action": "dialout-connected"}, session_id="s1")
    timeline.append("event", at=at(0.006), event={"action": "participant-counts-updated"})
    timeline.append("event", at=at(0.007), event={"action": "participant-joined"}, session_id="s1")
    timeline.append("phone", at=at(0.008), phone="desk", action="call ended", status=200, sip_call_id="c1")
    timeline.append("digit", at=at(0.5), digit="1", method="sip-info", duration_ms=100, **call)
    timeline.append("event", at=at(0.6), event={"action": "dtmf-event", "tone": "1", "method": "sip-info"})
    timeline.append("event", at=at(0.61), event={"action": "dtmf-event", "tone": "2", "method": "sip-info"})
    return list(timeline.records())


def test_the_log_groups_records_into_lines() -> None:
    output = io.StringIO()
    log = RunLog(output, PLAIN)
    dial_out = records()
    log.started_at = dial_out[0].at
    for record in dial_out:
        log.add(record)
        if record.fields.get("event", {}).get("action") == "dialout-connected":
            log.mark_expected(record)
    log.flush(everything=True)
    assert output.getvalue().splitlines() == [
        "    0.001  client   startDialOut +1206",
        "    0.002  sip      INVITE +1206 → 180 Ringing",
        "    0.003  phone    desk rings",
        "    0.005  event    dialout-connected · participant-joined  ✓ 1.0 ms",
        "    0.500  digit    1 (sip-info, 100 ms)",
        "    0.600  event    dtmf-event 1 (sip-info) · 2 (sip-info)",
    ]


def test_text_has_colours_only_when_asked_for() -> None:
    assert Style(colours=False)("ok", 32) == "ok"
    assert Style(colours=True)("ok", 32, 1) == "\x1b[32;1mok\x1b[0m"


async def test_a_quiet_report_prints_nothing_about_a_passed_scenario(file: ScenarioFile) -> None:
    output = io.StringIO()
    report = ConsoleReport(output, total=1, quiet=True)
    report.scenario_begins(file)
    for record in records():
        report.record(record)
    report.scenario_ends(Result(file, 0.5, tuple(records())))
    assert output.getvalue() == ""


async def test_a_failure_is_printed_with_its_step_and_explanation(file: ScenarioFile) -> None:
    output = io.StringIO()
    report = ConsoleReport(output, total=1, quiet=True)
    report.scenario_begins(file)
    report.scenario_ends(Result(file, 0.5, (), Failure(1, "Expected  x\nNearest   y")))
    assert output.getvalue().splitlines() == [
        "dial_out/busy  Busy <&>",
        f"   FAILED 0.5 s   {file.path}:5: step 2, pause of 0.002 s",
        "      Expected  x",
        "      Nearest   y",
    ]


def test_statistics_count_calls_digits_and_events() -> None:
    assert statistics(records()) == "1 call · 1 digit · 5 events"


def test_the_summary_counts_scenarios_and_names_the_failed_ones(file: ScenarioFile) -> None:
    passed, failed = Result(file, 1, ()), Result(file, 1, (), Failure(None, "x"))
    assert summary([passed] * 22, 14.84, PLAIN) == "22 scenarios, 22 passed in 14.8 s"
    assert summary([passed], 1, PLAIN) == "1 scenario, 1 passed in 1.0 s"
    assert summary([passed, failed], 2, PLAIN) == f"failed  {file.path}\n2 scenarios, 1 passed, 1 failed in 2.0 s"


def test_junit_has_a_test_case_for_each_scenario(file: ScenarioFile, tmp_path: Path) -> None:
    written = tmp_path / "new" / "report.xml"
    broken = Result(file, 0.25, tuple(records()), Failure(0, "Expected  \x00 <x>\nNearest   y"))
    write_junit([Result(file, 0.5, ()), broken], written)
    suite = ET.fromstring(written.read_text()).find("testsuite")
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "time")} == {
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "time": "0.750",
    }
    passed, failed = suite.findall("testcase")
    assert (passed.get("classname"), passed.get("name")) == ("scenarios.dial_out", "busy: Busy <&>")
    assert passed.find("failure") is None
    failure = failed.find("failure")
    assert failure is not None
    assert failure.text == "Expected  \N{REPLACEMENT CHARACTER} <x>\nNearest   y"
    assert (failure.get("message") or "").startswith(f"{file.path}:4: step 1, ")
    assert "startDialOut" in (failed.findtext("system-out") or "")


def test_junit_has_an_error_for_each_file_with_mistakes(file: ScenarioFile, tmp_path: Path) -> None:
    written = tmp_path / "report.xml"
    wrong = Path("calls/wrong.yaml")
    problems = [Problem(wrong, Location(3, 5), "steps[1]", text) for text in ("first", "second")]
    write_junit([Result(file, 0.5, ())], written, problems=problems)
    suite = ET.fromstring(written.read_text()).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "1")
    case = suite.findall("testcase")[1]
    assert (case.get("classname"), case.get("name"), case.get("file")) == ("scenarios.calls", "wrong", str(wrong))
    assert case.findtext("error") == "\n".join(map(str, problems))
