"""The file that says why points are not met: by section, patterns of names with a reason each."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from fake_daily_server.coverage.catalogue import catalogue
from fake_daily_server.coverage.coverage import Coverage
from fake_daily_server.coverage.point import SECTIONS, Point, Section
from simulator.errors import ConfigurationError

_ALLOWED = "a YAML mapping of sections to mappings of names to reasons, such as `events: {app-message: not telephony}`"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the points of a section that match a pattern, in which * stands for any text, are not met."""

    section: Section
    pattern: str
    text: str

    def matches(self, point: Point) -> bool:
        """Whether this is the reason of a point."""
        # Names of arcs have brackets, which fnmatch takes for sets of characters.
        pattern = self.pattern.replace("[", "[[]")
        return point.section == self.section and fnmatch.fnmatchcase(point.name, pattern)


def read_reasons(file: Path) -> tuple[Reason, ...]:
    """Read a file of reasons. Raises ConfigurationError, OSError."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ConfigurationError(str(file), f"not YAML: {error}", _ALLOWED) from error
    if not isinstance(content, Mapping):
        raise ConfigurationError(str(file), content, _ALLOWED)
    found = []
    for section, names in content.items():
        if section not in SECTIONS:
            raise ConfigurationError(f"{file}: section", section, ", ".join(SECTIONS))
        if not isinstance(names, Mapping):
            raise ConfigurationError(f"{file}: {section}", names, _ALLOWED)
        for name, text in names.items():
            if not isinstance(text, str) or not text.strip():
                raise ConfigurationError(f"{file}: {section}: {name}", text, "the reason, as text")
            found.append(Reason(section, str(name), text))
    return tuple(found)


def unexplained(coverage: Coverage, reasons: tuple[Reason, ...]) -> list[Point]:
    """The missing points without a reason."""
    return sorted(point for point in coverage.missing if not any(reason.matches(point) for reason in reasons))


def needless(coverage: Coverage, reasons: tuple[Reason, ...]) -> list[str]:
    """What is wrong with reasons: those of points that are all met, and of names that no point has; a line each.

    A reason that begins with `sometimes` is of a point that some runs meet, and is never needless.
    """
    wrong = []
    for reason in reasons:
        matching = [point for point in catalogue() if reason.matches(point)]
        where = f"{reason.section}: {reason.pattern}"
        if not matching:
            wrong.append(f"{where}: no point has this name")
        elif coverage.met.issuperset(matching) and not reason.text.startswith("sometimes"):
            wrong.append(f"{where}: is met; it needs no reason")
    return wrong
