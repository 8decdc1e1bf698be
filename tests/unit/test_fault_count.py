"""What a fault takes: from the n-th on, so many, or a share at random that is the same with the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.fault_count import FaultCount


@dataclass
class Fault:
    nth: int = 1
    times: int | Literal["all"] = 1
    share: float = 1
    seed: int | str = 0


def taken(fault: Fault, count: int) -> list[int]:
    counting = FaultCount(fault)
    return [number for _ in range(count) if (number := counting.take()) is not None]


def test_so_many_are_taken_from_the_nth_on() -> None:
    assert taken(Fault(), 5) == [1]
    assert taken(Fault(nth=2, times=3), 9) == [2, 3, 4]
    assert taken(Fault(nth=3, times="all"), 6) == [3, 4, 5, 6]


def test_a_share_is_taken_at_random_and_the_same_with_the_same_seed() -> None:
    first = taken(Fault(times="all", share=0.3, seed="a"), 1000)
    assert first == taken(Fault(times="all", share=0.3, seed="a"), 1000)
    assert first != taken(Fault(times="all", share=0.3, seed="b"), 1000)
    assert 220 <= len(first) <= 380
    assert set(taken(Fault(nth=10, times=20, share=0.5), 100)) <= set(range(10, 30))


def test_kinds_of_their_own_are_counted_by_themselves() -> None:
    counting = FaultCount(Fault(nth=2))
    assert [counting.take(of) for of in "abab"] == [None, None, 2, 2]
