"""`daily-sim coverage`: files of several runs, the limit, and the reasons of what is missing."""

from __future__ import annotations

from pathlib import Path

import click.testing
import pytest

from fake_daily_server.coverage.catalogue import catalogue
from fake_daily_server.coverage.command import coverage as command
from fake_daily_server.coverage.coverage import Coverage, read_coverage, write_coverage
from fake_daily_server.coverage.point import Point

BUSY, DECLINED = Point("hang-up causes", "busy"), Point("hang-up causes", "declined")


def run(*arguments: object) -> click.testing.Result:
    return click.testing.CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def almost(tmp_path: Path) -> Path:
    """The file of a run that has met everything but BUSY and DECLINED."""
    file = tmp_path / "almost.json"
    write_coverage(Coverage(catalogue() - {BUSY, DECLINED}), file)
    return file


def test_files_of_several_machines_count_together(tmp_path: Path, almost: Path) -> None:
    other, together = tmp_path / "other.json", tmp_path / "together.json"
    write_coverage(Coverage(frozenset({BUSY})), other)
    result = run(almost, other, "--output", together)
    assert result.exit_code == 0
    assert "never met: hang-up causes\n  declined\n" in result.output
    assert "busy" not in result.output
    assert read_coverage(together).missing == {DECLINED}


def test_the_limit(almost: Path) -> None:
    assert run(almost, "--fail-under", 99).exit_code == 0
    result = run(almost, "--fail-under", 100, "--quiet")
    assert result.exit_code == 1
    assert "99.6 % of Daily's telephony was met, which is less than the wanted 100 %" in result.output


def test_all_that_is_missing_needs_a_reason(tmp_path: Path, almost: Path) -> None:
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text("hang-up causes: {busy: nobody is}\n", "utf-8")
    result = run(almost, "--explained", reasons, "-q")
    assert result.exit_code == 1
    assert result.output == "never met and not explained: hang-up causes: declined\n"
    reasons.write_text("hang-up causes: {busy: nobody is, decl*: too polite}\n", "utf-8")
    assert run(almost, "--explained", reasons, "-q").exit_code == 0


def test_a_reason_of_what_is_met_or_does_not_exist_is_needless(tmp_path: Path, almost: Path) -> None:
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text("hang-up causes: {busy: x, d*: x, cancelled: x, no c*: sometimes, bussy: x}\n", "utf-8")
    result = run(almost, "--explained", reasons, "-q")
    assert result.exit_code == 1
    assert [line.partition(": ")[2] for line in result.output.splitlines()] == [
        "hang-up causes: cancelled: is met; it needs no reason",
        "hang-up causes: bussy: no point has this name",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("causes: {}", "section: 'causes' is not usable; allowed: events, event fields"),
        ("events: {error: }", "the reason, as text"),
        ("- events", "a YAML mapping of sections"),
    ],
)
def test_a_wrong_file_of_reasons_is_named(tmp_path: Path, almost: Path, text: str, told: str) -> None:
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text(text, "utf-8")
    result = run(almost, "--explained", reasons)
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.parametrize("text", ["{}", "[", '{"format": "daily-coverage-0"}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, "utf-8")
    result = run(file)
    assert result.exit_code == 2
    assert "that --daily-coverage of pytest or --coverage of `daily-sim run` has written" in result.output
