"""The reports that `run` writes of scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_daily_server.coverage.coverage import read_coverage
from tests.integration.scenarios.command import command

FAILING = """\
title: A busy desk does not answer
room: {enable_dialout: true}
phones:
  desk: {number: "+12065550142", calls: busy}
steps:
  - client: startDialOut
    with: {phoneNumber: "+12065550142"}
  - expect: dialout-answered
    within_ms: 2000
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a scenario that fails and one that passes."""
    calls = tmp_path / "calls"
    calls.mkdir()
    (calls / "failing.yaml").write_text(FAILING)
    (calls / "passing.yaml").write_text(FAILING.replace("dialout-answered", "dialout-error"))
    return tmp_path


def pages(folder: Path) -> list[str]:
    return sorted(page.name for page in (folder / ".daily-sim" / "reports").glob("*.html"))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_failed_scenario_leaves_a_report_and_says_where(folder: Path, jobs: str) -> None:
    completed = command("run", "calls", "-j", jobs, folder=folder)
    assert completed.code == 1, completed.out
    assert pages(folder) == ["calls-failing.html"]
    page = folder / ".daily-sim" / "reports" / "calls-failing.html"
    assert f"report  {page.as_uri()}" in completed.out
    text = page.read_text("utf-8")
    assert "step 2, dialout-answered" in text
    assert "▶   8   - expect: dialout-answered\n" in text
    assert "486 Busy Here" in text
    assert "INVITE sip:+12065550142@" in text
    assert text.index("INVITE sip:+12065550142@") < text.index("SIP/2.0 486")


def test_reports_of_all_scenarios_or_of_none(folder: Path) -> None:
    command("run", "calls", "--report", "off", folder=folder)
    assert pages(folder) == []
    command("run", "calls", "--report", "on", folder=folder)
    assert pages(folder) == ["calls-failing.html", "calls-passing.html"]


def test_reports_link_to_the_capture_of_the_run_or_say_how_to_get_one(folder: Path) -> None:
    command("run", "calls", folder=folder)
    page = folder / ".daily-sim" / "reports" / "calls-failing.html"
    assert "<code>daily-sim run calls/failing.yaml --capture calls.pcapng</code>" in page.read_text("utf-8")
    command("run", "calls", "--capture", "all calls.pcapng", folder=folder)
    text = page.read_text("utf-8")
    assert '<a href="../../all%20calls.pcapng">all calls.pcapng</a>' in text
    assert "<code>sip.Call-ID == &quot;" in text


def test_a_run_with_coverage_has_a_page_and_a_table_of_it(folder: Path) -> None:
    options = ("--coverage", "coverage.json", "--summary", "summary.md")
    completed = command("run", "calls", *options, folder=folder)
    page = folder / ".daily-sim" / "reports" / "coverage.html"
    assert f"coverage  {page.as_uri()}" in completed.out
    text = page.read_text("utf-8")
    met, missing = read_coverage(folder / "coverage.json").of_section("events")
    assert f'<th scope="row">events</th><td>{len(met)}</td><td>{len(met) + len(missing)}</td>' in text
    assert "dialin-connected" in text.partition(f"{len(missing)} never met")[2].partition("</pre>")[0]
    assert f"| events | {len(met)} | {len(met) + len(missing)} |" in (folder / "summary.md").read_text("utf-8")
