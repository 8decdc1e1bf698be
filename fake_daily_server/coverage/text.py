"""Coverage as text: a line for each section, then everything that was never met; and the lines in Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from fake_daily_server.coverage.catalogue import catalogue
from fake_daily_server.coverage.coverage import Coverage
from fake_daily_server.coverage.point import SECTIONS, Point

_WIDTH = 118


class Count(NamedTuple):
    """How much of a section was met, or of all of them."""

    section: str
    met: int
    total: int

    @property
    def percent(self) -> float:
        """The share that was met, from 0 to 100."""
        return 100 * self.met / self.total


def counts(coverage: Coverage) -> Iterator[Count]:
    """The count of each section, then that of all."""
    for section in SECTIONS:
        met, missing = coverage.of_section(section)
        yield Count(section, len(met), len(met) + len(missing))
    yield Count("in all", len(coverage.met & catalogue()), len(catalogue()))


def coverage_markdown(coverage: Coverage) -> str:
    """A heading and a table of the counts, for the page of a pull request."""
    rows = [f"| {each.section} | {each.met} | {each.total} | {each.percent:.1f} % |" for each in counts(coverage)]
    head = ["### Coverage of Daily's telephony", "", "| section | met | of | |", "| --- | ---: | ---: | ---: |"]
    return "\n".join([*head, *rows, ""])


def coverage_text(coverage: Coverage) -> str:
    """The report of a run."""
    return "\n".join(_lines(coverage))


def _lines(coverage: Coverage) -> Iterator[str]:
    width = max(map(len, SECTIONS))
    for count in counts(coverage):
        yield f"{count.section:<{width}}  {count.met:>4} of {count.total:>3}  {count.percent:5.1f} %"
    for section in SECTIONS:
        _, missing = coverage.of_section(section)
        if missing:
            yield ""
            yield f"never met: {section}"
            yield from grouped(Point(section, name) for name in missing)


def grouped(points: Iterator[Point]) -> Iterator[str]:
    """Names of points of one section as lines: fields of one event share a line, all others have one each."""
    groups: dict[str, list[str]] = {}
    for point in points:
        head, dot, field = point.name.rpartition(".")
        in_fields = point.section.endswith(" fields") and dot
        groups.setdefault(head if in_fields else "", []).append(field if in_fields else point.name)
    for head, names in groups.items():
        if head:
            yield textwrap.fill(f"{head}: {', '.join(names)}", _WIDTH, initial_indent="  ", subsequent_indent="    ")
        else:
            yield from (f"  {name}" for name in names)
