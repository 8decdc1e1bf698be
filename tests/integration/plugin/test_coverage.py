"""The coverage of tests of other projects, by `--daily-coverage`."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_daily_server.coverage.coverage import read_coverage
from fake_daily_server.coverage.point import Point
from tests.integration.plugin.test_plugin import run

PROJECT = """
    def test_answered(sync_daily_client, sync_phone_network):
        phone = sync_phone_network.phone("+12065550142")
        sync_daily_client.start_dialout({"phoneNumber": phone.number})
        session = sync_daily_client.wait_for("dialout-answered")["sessionId"]
        sync_daily_client.stop_dialout(session)
        sync_daily_client.wait_for("dialout-stopped")

    def test_busy(sync_daily_client, sync_phone_network):
        phone = sync_phone_network.phone("+12065550142", calls=[{"then": "busy"}])
        sync_daily_client.start_dialout({"phoneNumber": phone.number})
        sync_daily_client.wait_for("dialout-error")
"""
MET = {Point("events", "dialout-stopped"), Point("hang-up causes", "busy"), Point("hang-up causes", "hung up by Daily")}


def test_coverage_is_told_and_written(pytester: pytest.Pytester) -> None:
    options = ("--daily-coverage", "--daily-coverage-fail-under=5", "--daily-report-summary=summary.md")
    result = run(pytester, PROJECT, *options)
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*coverage of Daily's telephony*", "events *", "never met: events", "  dialin-*"])
    coverage = read_coverage(Path(".daily-sim/coverage.json"))
    assert coverage.met > MET
    result.stdout.fnmatch_lines(["file://*/.daily-sim/reports/coverage.html"])
    page = Path(".daily-sim/reports/coverage.html").read_text("utf-8")
    met, missing = coverage.of_section("hang-up causes")
    summary = Path("summary.md").read_text("utf-8")
    assert f'<th scope="row">hang-up causes</th><td>{len(met)}</td><td>{len(met) + len(missing)}</td>' in page
    assert f"| hang-up causes | {len(met)} | {len(met) + len(missing)} |" in summary
    assert "### 2 passed, 0 failed" in summary


def test_workers_count_together(pytester: pytest.Pytester) -> None:
    run(pytester, PROJECT, "-n", "2", "--daily-coverage", "--daily-coverage-file=mine.json").assert_outcomes(passed=2)
    assert read_coverage(Path("mine.json")).met > MET


def test_a_run_that_covers_too_little_fails(pytester: pytest.Pytester) -> None:
    result = run(pytester, PROJECT, "--daily-coverage", "--daily-coverage-fail-under=90")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAILED --daily-coverage-fail-under: * less than the wanted 90 %"])


def test_scenario_files_count(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("busy.scenario.yaml").write_text(
        "title: busy\nroom: {enable_dialout: true}\nphones: {desk: {number: '+12065550142', calls: [{then: busy}]}}\n"
        "steps: [{client: startDialOut, with: {phoneNumber: '+12065550142'}}, {expect: dialout-error}]\n",
        "utf-8",
    )
    run(pytester, "", "--daily-coverage").assert_outcomes(passed=1)
    assert Point("hang-up causes", "busy") in read_coverage(Path(".daily-sim/coverage.json")).met


def test_the_limit_needs_the_option(pytester: pytest.Pytester) -> None:
    result = run(pytester, PROJECT, "--daily-coverage-fail-under=90")
    result.stderr.fnmatch_lines(["*--daily-coverage-fail-under needs --daily-coverage*"])
