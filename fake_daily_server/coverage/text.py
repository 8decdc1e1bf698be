"""Coverage as text: a line for each section, then everything that was never met."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from fake_daily_server.coverage.catalogue import catalogue
from fake_daily_server.coverage.coverage import Coverage
from fake_daily_server.coverage.point import SECTIONS, Point

_WIDTH = 118


def coverage_text(coverage: Coverage) -> str:
    """The report of a run."""
    return "\n".join(_lines(coverage))


def _lines(coverage: Coverage) -> Iterator[str]:
    width = max(map(len, SECTIONS))
    for section in SECTIONS:
        met, missing = coverage.of_section(section)
        total = len(met) + len(missing)
        yield f"{section:<{width}}  {len(met):>4} of {total:>3}  {100 * len(met) / total:5.1f} %"
    found = len(coverage.met & catalogue())
    yield f"{'in all':<{width}}  {found:>4} of {len(catalogue()):>3}  {coverage.percent:5.1f} %"
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
