"""Counts refusals so that a flood of them makes few records."""

from __future__ import annotations

from collections import Counter

MOST_HOSTS = 500
"""How many pairs of exit and host are counted apart; further ones are counted together for each exit."""


class RefusalCounts:
    """Counts by exit and host."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, exit_: str, host: str) -> int | None:
        """Count one. Returns the number so far when it is worth a record: 1, 10, 100, …"""
        key = (exit_, host)
        if key not in self._counts and len(self._counts) >= MOST_HOSTS:
            key = (exit_, "")
        self._counts[key] += 1
        number = self._counts[key]
        return number if str(number).strip("0") == "1" else None

    def clear(self) -> None:
        """Count from 1 again."""
        self._counts.clear()
