"""Faults that are set, and which of the messages, requests or events of one kind each takes: by number, or a share."""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterator
from typing import Generic, Literal, Protocol, TypeVar


class Choice(Protocol):
    """The fields of a fault that say what it takes of its kind."""

    @property
    def nth(self) -> int:
        """Number of the first one that it may take, from 1."""

    @property
    def times(self) -> int | Literal["all"]:
        """How many it may take, from that one on."""

    @property
    def share(self) -> float:
        """The share of these that it takes at random; 1 takes all."""

    @property
    def seed(self) -> int | str:
        """The seed of the random decisions."""


class FaultCount:
    """Counts what a fault has seen since it was set, and decides what it takes: the same again with the same seed."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._seen: dict[Hashable, int] = {}
        self.taken = 0
        """How many it has taken."""
        self._random = random.Random(str(choice.seed))  # noqa: S311 - decisions that can be repeated

    def take(self, of: Hashable = None) -> int | None:
        """Count one; return its number if the fault takes it. Each value of `of` is counted by itself."""
        number = self._seen[of] = self._seen.get(of, 0) + 1
        choice = self._choice
        last = None if choice.times == "all" else choice.nth + choice.times - 1
        if number < choice.nth or (last is not None and number > last):
            return None
        if choice.share != 1 and self._random.random() >= choice.share:
            return None
        self.taken += 1
        return number


Fault = TypeVar("Fault", bound=Choice)


class FaultList(Generic[Fault]):
    """The faults of one kind that are set, oldest first, with the count of each."""

    def __init__(self) -> None:
        self._faults: list[tuple[Fault, FaultCount]] = []

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __iter__(self) -> Iterator[tuple[Fault, FaultCount]]:
        return iter(tuple(self._faults))

    def add(self, fault: Fault) -> None:
        """Set a fault, from the next message, request or event on."""
        self._faults.append((fault, FaultCount(fault)))

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()
