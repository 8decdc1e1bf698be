"""Whether Locust's summed statistics and the servers' own counts say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from fake_daily_server.load.server_counts import ANSWERED, PRESSED


def of_servers(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    """The sum of the counts of several servers."""
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return total


def of_locust(entries: Iterable[Any]) -> dict[str, int]:
    """The same counts, by the rows of Locust's statistics (`StatsEntry`): successes only, and events by their name."""
    counts: Counter[str] = Counter()
    for entry in entries:
        succeeded = entry.num_requests - entry.num_failures
        match entry.method, entry.name:
            case "call", "hang up" | "end":
                pass
            case "call", _:
                counts[ANSWERED] += succeeded
            case "digits", "press":
                counts[PRESSED] += entry.total_content_length
            case "event", name:
                counts[name] += succeeded
    return dict(counts)


def compared(locust: Mapping[str, int], servers: Mapping[str, int]) -> list[str]:
    """A line for each count: equal on both sides, or both numbers.

    Servers count events that no task has expected, too, so they may have more of these.
    """
    lines = []
    for name in sorted(locust.keys() | servers.keys()):
        counts = f"{locust.get(name, 0)} in Locust's statistics, {servers.get(name, 0)} counted by the servers"
        lines.append(f"{name}: {locust[name]}, equal" if locust.get(name) == servers.get(name) else f"{name}: {counts}")
    return lines
