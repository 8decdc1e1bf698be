"""The reports that tests of other projects leave, by the options `--daily-report` and `--daily-report-as`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.plugin.test_plugin import run

PROJECT = """
    def test_bad(sync_daily_client, sync_phone_network):
        phone = sync_phone_network.phone("+12065550142")
        sync_daily_client.start_dialout({"phoneNumber": phone.number})
        sync_daily_client.wait_for("dialout-answered")
        sync_daily_client.wait_for("dialout-stopped", within=0.1)

    def test_good(sync_daily_client):
        pass

    def test_without_daily():
        assert False
"""


def reports(pytester: pytest.Pytester) -> dict[str, str]:
    folder = pytester.path / ".daily-sim" / "reports"
    return {page.name: page.read_text("utf-8") for page in sorted(folder.glob("*"))} if folder.exists() else {}


def test_a_failed_test_leaves_a_report_with_its_messages(pytester: pytest.Pytester) -> None:
    result = run(pytester, PROJECT, "--junitxml=junit.xml")
    result.assert_outcomes(passed=1, failed=2)
    found = reports(pytester)
    (name,) = (name for name in found if name.endswith(".html"))
    assert {"report.css", "report.js"} < set(found)
    text = found[name]
    assert "dialout-stopped" in text
    assert "INVITE sip:+12065550142@" in text
    assert "a=rtpmap:" in text
    assert len(text) < 300_000
    result.stdout.fnmatch_lines([f"file://*/.daily-sim/reports/{name}"])
    assert f'name="daily_report" value="{Path(".daily-sim", "reports", name)}"' in Path("junit.xml").read_text("utf-8")


def test_reports_of_all_tests_each_in_one_file(pytester: pytest.Pytester) -> None:
    run(pytester, PROJECT, "--daily-report=on", "--daily-report-as=one")
    found = reports(pytester)
    assert len(found) == 2
    assert all("<style>" in text and "<script>" in text for text in found.values())
    assert any("<strong>passed</strong>" in text for text in found.values())


def test_no_reports(pytester: pytest.Pytester) -> None:
    run(pytester, PROJECT, "--daily-report=off")
    assert reports(pytester) == {}


def test_an_unknown_mode_is_refused_with_those_there_are(pytester: pytest.Pytester) -> None:
    result = run(pytester, PROJECT, "--daily-report=sometimes")
    result.stderr.fnmatch_lines(["*--daily-report: invalid choice: 'sometimes'*"])


def test_a_summary_in_markdown_is_appended(pytester: pytest.Pytester) -> None:
    summary = pytester.path / "summary.md"
    summary.write_text("before\n")
    run(pytester, PROJECT, "--daily-report-summary=summary.md")
    first, heading, _, *table = summary.read_text("utf-8").splitlines()
    assert (first, heading) == ("before", "### 1 passed, 2 failed")
    [bad] = [row for row in table if "::test_bad</code>" in row]
    assert "dialout-stopped" in bad
    assert ".daily-sim/reports/" in bad
    [other] = [row for row in table if "::test_without_daily</code>" in row]
    assert other.endswith("|  |")


def test_a_summary_that_cannot_be_written_is_told(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_good(): pass", "--daily-report-summary=no/such/folder.md")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--daily-report-summary no/such/folder.md: cannot be written: No such file*"])


def captures(pytester: pytest.Pytester) -> list[str]:
    folder = pytester.path / ".daily-sim" / "captures"
    return sorted(file.name for file in folder.glob("*")) if folder.exists() else []


def test_the_report_links_to_the_capture_of_its_test(pytester: pytest.Pytester) -> None:
    run(pytester, PROJECT, "--daily-capture=retain-on-failure")
    (capture,) = captures(pytester)
    assert capture.endswith("test_bad.pcapng")
    (text,) = (text for name, text in reports(pytester).items() if name.endswith(".html"))
    assert f'<a href="../captures/{capture}">' in text
    assert "sip.Call-ID == " in text
    file = pytester.path / ".daily-sim" / "captures" / capture
    raw = file.read_bytes()
    assert b"INVITE sip:+12065550142@" in raw
    assert b"dialout-answered" in raw  # the comment of a packet
    run(pytester, PROJECT, "--daily-capture=on")
    assert len(captures(pytester)) == 2


def test_the_report_says_how_to_capture_and_links_to_what_the_test_captured(pytester: pytest.Pytester) -> None:
    run(pytester, PROJECT)
    assert captures(pytester) == []
    (text,) = (text for name, text in reports(pytester).items() if name.endswith(".html"))
    assert "--daily-capture=retain-on-failure</code>" in text
    own = PROJECT.replace("daily_client, sync", "daily_client, sync_fake_daily, sync").replace(
        "        phone =", '        sync_fake_daily.capture("own.pcapng").__enter__()\n        phone ='
    )
    run(pytester, own)
    (text,) = (text for name, text in reports(pytester).items() if name.endswith(".html"))
    assert '<a href="../../own.pcapng">own.pcapng</a>' in text


def test_a_capture_of_a_server_elsewhere_is_refused(pytester: pytest.Pytester) -> None:
    result = run(pytester, PROJECT, "--daily-capture=on", "--daily-server=http://127.0.0.1:1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--daily-capture and --daily-server exclude each other*"])


def test_scenario_files_that_pytest_runs_are_captured(pytester: pytest.Pytester) -> None:
    story = """\
title: A busy desk does not answer
room: {enable_dialout: true}
phones:
  desk: {number: "+12065550142", calls: busy}
steps:
  - client: startDialOut
    with: {phoneNumber: "+12065550142"}
  - expect: dialout-answered
    within_ms: 3000
"""
    (pytester.path / "busy.scenario.yaml").write_text(story)
    (pytester.path / "good.scenario.yaml").write_text(story.replace("dialout-answered", "dialout-error"))
    run(pytester, "", "--daily-capture=retain-on-failure")
    (capture,) = captures(pytester)
    (text,) = (text for name, text in reports(pytester).items() if name.endswith(".html"))
    assert f'<a href="../captures/{capture}">' in text
