"""The options `--daily-report…`, the reports that tests leave, and the summary of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fake_daily_server.report.modes import FOLDER, MODES, ONE, RETAIN_ON_FAILURE, is_wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fake_daily_server.handles.running_program import RunningProgram
    from fake_daily_server.server import FakeDaily


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("fake Daily")
    group.addoption(
        "--daily-report",
        choices=MODES,
        default=RETAIN_ON_FAILURE,
        help="Write a report of each test that used the fake Daily, with its messages as a ladder: of all (on), of "
        "none (off), or of those that failed (retain-on-failure, the default). They are in .daily-sim/reports.",
    )
    group.addoption(
        "--daily-report-as",
        choices=(FOLDER, ONE),
        default=FOLDER,
        help="Write style and script of the reports beside them (folder, the default), or each report as one file to "
        "send (one).",
    )
    group.addoption(
        "--daily-report-summary",
        metavar="FILE",
        help="Append a summary in Markdown: how many tests passed and failed, and why, with the paths of their "
        'reports; for GitHub, --daily-report-summary="$GITHUB_STEP_SUMMARY".',
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the summary, if one is wanted."""
    if config.getoption("daily_report_summary") is None:
        return
    from fake_daily_server.report.summary import FailedTest, markdown

    stats = terminalreporter.stats
    failed = [
        FailedTest(each.nodeid, _reason(each), dict(each.user_properties).get("daily_report"))
        for each in (*stats.get("failed", ()), *stats.get("error", ()))
    ]
    append_to_summary(config, markdown(failed, passed=len(stats.get("passed", ()))))


def append_to_summary(config: pytest.Config, text: str) -> None:
    """Append text in Markdown to the summary, if one is wanted."""
    if (wanted := config.getoption("daily_report_summary")) is None:
        return
    from pathlib import Path

    try:
        with Path(wanted).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise pytest.UsageError(f"--daily-report-summary {wanted}: cannot be written: {error.strerror}") from None


def _reason(report: pytest.TestReport) -> str:
    place = getattr(report.longrepr, "reprcrash", None)
    text = report.longreprtext if place is None else place.message
    return text.strip().partition("\n")[0]


def write_test_report(
    test: pytest.Item, daily: FakeDaily, error: BaseException | None, programs: Sequence[RunningProgram]
) -> Path | None:
    """Write the report of a test as the options say; returns its path, or None if there is to be none."""
    if not is_wanted(test.config.getoption("daily_report"), failed=error is not None):
        return None
    from fake_daily_server.recordings.timeline_story import story_of_timeline
    from fake_daily_server.report.files import write_report
    from fake_daily_server.report.report import build_report, kept_files, verdict_of
    from simulator.kept_files import kept_files_folder

    front_door = getattr(daily.network, "front_door", None)  # a server that runs elsewhere has no messages here
    records = list(daily.timeline.records())
    report = build_report(
        test.nodeid,
        records,
        () if front_door is None else front_door.recent,
        daily.timeline.seconds_at,
        verdict=verdict_of(error),
        command=f"python -m pytest '{test.nodeid}'",
        files=[*kept_files(error), *(file for file in getattr(daily.network, "captures", ()) if file.exists())],
        capture_command=f"python -m pytest '{test.nodeid}' --daily-capture=retain-on-failure",
        scenario=story_of_timeline(records, test.nodeid),
        outputs={f"output of {program.command}": program.output for program in programs},
    )
    whole = test.config.getoption("daily_report_as") == ONE
    return write_report(report, kept_files_folder("reports"), test.nodeid, whole=whole)
