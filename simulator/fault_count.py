"""Which of the messages, requests or events of one kind a fault takes: by number, or a share at random."""

from __future__ import annotations

import random
from collections.abc import Hashable
from typing import Literal, Protocol


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
        self._random = random.Random(str(choice.seed))  # noqa: S311 - decisions that can be repeated

    def take(self, of: Hashable = None) -> int | None:
        """Count one; return its number if the fault takes it. Each value of `of` is counted by itself."""
        number = self._seen[of] = self._seen.get(of, 0) + 1
        choice = self._choice
        last = None if choice.times == "all" else choice.nth + choice.times - 1
        if number < choice.nth or (last is not None and number > last):
            return None
        return number if choice.share == 1 or self._random.random() < choice.share else None
