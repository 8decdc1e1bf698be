"""The TCP connections of the front door, and which of them is closed when there are too many."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Generic, Protocol, TypeVar

MAX_CONNECTIONS = 500
"""TCP connections at a time; a process is often limited to 1,024 file descriptors."""


class Connection(Protocol):
    """What decides how long a connection is kept."""

    useful: bool
    """Whether a whole message has come, or was sent."""
    last_used: float
    """When bytes came or were sent last (`time.monotonic()`), or when it was opened."""


C = TypeVar("C", bound=Connection)


class Connections(Generic[C]):
    """Connections by number."""

    def __init__(self) -> None:
        self._open: dict[int, C] = {}
        self._numbers = count(1)

    def __iter__(self) -> Iterator[C]:
        return iter(tuple(self._open.values()))

    def get(self, number: int) -> C | None:
        """The connection with this number; None when it is closed."""
        return self._open.get(number)

    def add(self, connection: C) -> int:
        """Keep a connection. Returns its number."""
        number = next(self._numbers)
        self._open[number] = connection
        return number

    def remove(self, number: int) -> None:
        """Forget a connection."""
        self._open.pop(number, None)

    def take_surplus(self, newest: C) -> C | None:
        """Remove the connection that has to be closed because there are more than MAX_CONNECTIONS, if there are.

        It is the one that was idle for longest, of those without any message first.
        """
        if len(self._open) <= MAX_CONNECTIONS:
            return None
        others = {number: each for number, each in self._open.items() if each is not newest}
        return self._open.pop(min(others, key=lambda number: (others[number].useful, others[number].last_used)))
