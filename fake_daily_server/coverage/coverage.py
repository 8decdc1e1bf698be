"""What a run has met of the catalogue: its share, what is missing, and the file that keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fake_daily_server.coverage.catalogue import catalogue
from fake_daily_server.coverage.point import SECTIONS, Point, Section
from simulator.errors import ConfigurationError

FORMAT = "daily-coverage-1"
"""The value of `format` in coverage files."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The points that one or several runs have met."""

    met: frozenset[Point]

    @property
    def percent(self) -> float:
        """The share of the catalogue that was met, from 0 to 100."""
        return 100 * len(self.met & catalogue()) / len(catalogue())

    @property
    def missing(self) -> frozenset[Point]:
        """The points that were never met."""
        return catalogue() - self.met

    def of_section(self, section: Section) -> tuple[list[str], list[str]]:
        """The names of the points of a section that were met, and of those that are missing, each in order."""
        of_it = sorted(point for point in catalogue() if point.section == section)
        met = [point.name for point in of_it if point in self.met]
        return met, [point.name for point in of_it if point not in self.met]

    def __or__(self, other: Coverage) -> Coverage:
        return Coverage(self.met | other.met)

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of a coverage file."""
        sections = {}
        for section in SECTIONS:
            met, missing = self.of_section(section)
            sections[section] = {"met": met, "missing": missing}
        return {"format": FORMAT, "percent": round(self.percent, 2), "sections": sections}


def write_coverage(coverage: Coverage, file: Path) -> None:
    """Write a coverage file. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(coverage.as_dict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_coverage(file: Path) -> Coverage:
    """Read a coverage file. Raises ConfigurationError for any other file, OSError for none."""
    allowed = "a file that --daily-coverage of pytest or --coverage of `daily-sim run` has written"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigurationError(str(file), "not JSON", allowed) from error
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        raise ConfigurationError(str(file), "not a coverage file", f"{allowed}, with format {FORMAT!r}")
    return Coverage(frozenset(_points(content["sections"])))


def _points(sections: Mapping[str, Mapping[str, Iterable[str]]]) -> Iterator[Point]:
    for section in SECTIONS:
        for name in sections.get(section, {}).get("met", ()):
            yield Point(section, name)
