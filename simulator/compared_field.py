"""A field of what was expected, beside the same field of what came nearest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One row of a comparison, as texts. `expected` is None where anything would do, `found` where nothing was."""

    field: str
    expected: str | None
    found: str | None
    agrees: bool
