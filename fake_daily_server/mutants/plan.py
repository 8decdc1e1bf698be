"""Which mutants are tried, in which order, and which are excluded with a reason."""

from __future__ import annotations

import fnmatch
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from fake_daily_server.mutants.mutant import Mutant
from simulator.errors import ConfigurationError

_ALLOWED = (
    "a YAML mapping of mutants to reasons, such as `event-late *: our bot waits for anything` (* stands for any text)"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mutant with the tests that met what it changes."""

    mutant: Mutant
    tests: tuple[str, ...]


def read_exclusions(file: Path) -> Mapping[str, str]:
    """Read a file of exclusions: patterns of mutants, each with the reason. Raises ConfigurationError, OSError."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ConfigurationError(str(file), f"not YAML: {error}", _ALLOWED) from error
    if not isinstance(content, Mapping):
        raise ConfigurationError(str(file), content, _ALLOWED)
    for pattern, reason in content.items():
        if not isinstance(reason, str) or not reason.strip():
            raise ConfigurationError(f"{file}: {pattern}", reason, "the reason, as text")
    return dict(content)


def matches(mutant: Mutant, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches the mutant."""
    return any(fnmatch.fnmatchcase(str(mutant), pattern) for pattern in patterns)


def excluded(exclusions: Iterable[str], met: Mapping[str, Iterable[Mutant]]) -> int:
    """How many mutants of the tests are not tried because of the exclusions."""
    patterns = tuple(exclusions)
    return sum(matches(mutant, patterns) for mutant in {each for mutants in met.values() for each in mutants})


def needless_exclusions(exclusions: Iterable[str], met: Mapping[str, Iterable[Mutant]]) -> list[str]:
    """The patterns that match no mutant of any test."""
    everything = {str(mutant) for mutants in met.values() for mutant in mutants}
    return [pattern for pattern in exclusions if not fnmatch.filter(everything, pattern)]


def candidates(
    met: Mapping[str, Iterable[Mutant]], *, seed: int, exclusions: Iterable[str] = (), only: str | None = None
) -> list[Candidate]:
    """The mutants to try, by what each test met: the most telling first, in an order that `seed` decides else.

    With `only`, just those that match this pattern.
    """
    patterns = tuple(exclusions)
    tests: dict[Mutant, list[str]] = {}
    for test, mutants in met.items():
        for mutant in mutants:
            tests.setdefault(mutant, []).append(test)
    wanted = [mutant for mutant in sorted(tests) if only is None or matches(mutant, [only])]
    found = [Candidate(mutant, tuple(tests[mutant])) for mutant in wanted if not matches(mutant, patterns)]
    random.Random(seed).shuffle(found)  # noqa: S311 - an order to repeat, not a secret
    return sorted(found, key=lambda candidate: candidate.mutant.rank)


def split(found: Sequence[Candidate], jobs: int) -> list[list[Candidate]]:
    """The candidates for each of `jobs` processes, none of them empty; each begins with the most telling ones."""
    return [list(part) for part in (found[job::jobs] for job in range(jobs)) if part]
