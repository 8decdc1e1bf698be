"""The files that a run leaves: reports, JUnit XML, a summary in Markdown, and what the scenarios have covered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from fake_daily_server.coverage.coverage import Coverage, write_coverage
from fake_daily_server.coverage.met import points_met
from fake_daily_server.coverage.page import write_coverage_page
from fake_daily_server.coverage.text import coverage_markdown, coverage_text
from fake_daily_server.report.modes import is_wanted
from fake_daily_server.report.summary import FailedTest, markdown
from scenarios.loading.problems import Problem
from scenarios.reporting.junit import write_junit
from scenarios.reporting.story_pages import reason, write_page
from scenarios.runner import Result
from simulator.kept_files import kept_files_folder


class NotWritten(click.ClickException):
    """A file could not be written: the command ends with exit code 2."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class OutputFiles:
    """Which files are wanted; None for those that are not. `report` is a mode of `--report`."""

    report: str
    junit: Path | None = None
    summary: Path | None = None
    coverage: Path | None = None
    capture: Path | None = None
    """A capture of the run, which exists already; reports link to it."""

    def write(self, results: Sequence[Result], problems: Sequence[Problem]) -> None:
        """Write the files and print where the reports are. Raises NotWritten."""
        pages = {
            result.file.name: write_page(result, capture=self.capture)
            for result in results
            if is_wanted(self.report, failed=not result.passed)
        }
        if self.junit is not None:
            with _written("--junit", self.junit):
                write_junit(results, self.junit, problems=problems, pages=pages)
        for page in pages.values():
            click.echo(f"report  {page.absolute().as_uri()}")
        summary = _summary(results, pages)
        if self.coverage is not None:
            together = Coverage(frozenset().union(*(points_met(result.records) for result in results)))
            summary += f"\n{coverage_markdown(together)}"
            click.echo(f"\n{coverage_text(together)}\n")
            with _written("--coverage", self.coverage):
                write_coverage(together, self.coverage)
                click.echo(
                    f"coverage  {write_coverage_page(together, kept_files_folder('reports')).absolute().as_uri()}"
                )
        if self.summary is not None:
            with _written("--summary", self.summary), self.summary.open("a", encoding="utf-8") as file:
                file.write(summary)


@contextmanager
def _written(option: str, file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritten(f"{option} {file}: cannot be written: {error.strerror}") from None


def _summary(results: Sequence[Result], pages: Mapping[str, Path]) -> str:
    failed = [
        FailedTest(f"{each.file.path}: {each.file.scenario.title}", reason(each), str(pages.get(each.file.name, "")))
        for each in results
        if not each.passed
    ]
    return markdown(failed, passed=len(results) - len(failed))
