"""Coverage as a page, which reads without script."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from fake_daily_server.coverage.coverage import Coverage
from fake_daily_server.coverage.point import SECTIONS, Point
from fake_daily_server.coverage.text import counts, grouped
from fake_daily_server.report.page import STYLE, asset


def write_coverage_page(coverage: Coverage, folder: Path) -> Path:
    """Write the page and its style sheet into a folder; returns the page's path. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "coverage.html"
    path.write_text("".join(_parts(coverage)), encoding="utf-8")
    (folder / STYLE).write_text(asset(STYLE), encoding="utf-8")
    return path


def _parts(coverage: Coverage) -> Iterator[str]:
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>Coverage of Daily\'s telephony</title><link rel="stylesheet" href="{STYLE}"></head><body>\n'
        "<h1>Coverage of Daily's telephony</h1>\n"
        '<div class="wide"><table><thead><tr><th scope="col">section</th><th scope="col">met</th>'
        '<th scope="col">of</th><th scope="col">%</th></tr></thead><tbody>\n'
    )
    for count in counts(coverage):
        yield (
            f'<tr><th scope="row">{escape(count.section)}</th><td>{count.met}</td><td>{count.total}</td>'
            f"<td>{count.percent:.1f}</td></tr>\n"
        )
    yield "</tbody></table></div>\n"
    for section in SECTIONS:
        met, missing = coverage.of_section(section)
        yield f"<h2>{escape(section)}</h2>\n"
        yield from _points(f"{len(missing)} never met", (Point(section, name) for name in missing), is_open=True)
        yield from _points(f"{len(met)} met", (Point(section, name) for name in met), is_open=False)
    yield "</body></html>\n"


def _points(title: str, points: Iterator[Point], *, is_open: bool) -> Iterator[str]:
    lines = "\n".join(line.removeprefix("  ") for line in grouped(points))
    if lines:
        yield f"<details{' open' * is_open}><summary>{title}</summary><pre>{escape(lines)}</pre></details>\n"
