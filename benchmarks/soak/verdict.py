"""Whether what a server holds has grown, from samples taken between calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.soak.resources import Resources

PARENT_GROWTH, CHILD_GROWTH = 0.05, 0.05
"""Growth of memory, as a share, from the first judged sample to the last."""
MOST_UNHEARD = 0.02
"""Tones and silences that were not heard, as a share of the calls."""
WARM_UP = 0.25
"""Share of the samples at the beginning that are not judged: timeline, pools and caches fill."""


def judged(samples: Sequence[Resources]) -> Sequence[Resources]:
    """The samples that are compared: those after the warm-up."""
    return samples[int(len(samples) * WARM_UP) :]


def growths(samples: Sequence[Resources]) -> list[str]:
    """What has grown more than allowed, a line each."""
    compared = judged(samples)
    first, last = compared[0], compared[-1]
    half = len(compared) // 2
    before, after = compared[:half], compared[half:]
    found = [
        _memory("the server", first.parent.rss, last.parent.rss, PARENT_GROWTH),
        *(
            _memory(f"the worker {pid}", first.children[pid].rss, last.children[pid].rss, CHILD_GROWTH)
            for pid in sorted(first.children.keys() & last.children.keys())
        ),
        _unheard(last),
        _count("processes", before, after, lambda sample: 1 + len(sample.children)),
        _count("handles", before, after, lambda sample: sample.handles),
        _count("sockets", before, after, lambda sample: sample.sockets),
        _count("threads", before, after, lambda sample: sample.threads),
    ]
    replaced = first.children.keys() - last.children.keys()
    if replaced:
        found.append(f"workers that died or were replaced: {', '.join(map(str, sorted(replaced)))}")
    return [line for line in found if line]


def _memory(what: str, before: int, after: int, allowed: float) -> str:
    growth = after / before - 1
    if growth <= allowed:
        return ""
    return f"memory of {what}: {before / 2**20:.1f} → {after / 2**20:.1f} MB, {growth:+.1%}; allowed: {allowed:+.0%}"


def _unheard(last: Resources) -> str:
    if last.unheard <= MOST_UNHEARD * last.calls:
        return ""
    return f"sound: {last.unheard} tones or silences were not heard in {last.calls} calls; allowed: {MOST_UNHEARD:.0%}"


def _count(
    what: str, before: Sequence[Resources], after: Sequence[Resources], count: Callable[[Resources], int]
) -> str:
    """Compare the largest numbers of both halves, since a few sockets are still open at some samples."""
    most_before, most_after = max(map(count, before)), max(map(count, after))
    return f"{what}: at most {most_before}, then {most_after}" if most_after > most_before else ""
