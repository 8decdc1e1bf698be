"""Waits for events in a log, and explains a failed wait: which event came nearest, and why it did not count.

Used for the events that a client receives, the requests that a webhook receiver gets, and the records of the timeline.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from fake_daily_server.handles import matching
from simulator.compared_field import ComparedField
from simulator.differences import because
from simulator.errors import ExpectationFailed

T = TypeVar("T")
Event = Mapping[str, Any]

Explain = Callable[[], Awaitable[str | None]]
"""Returns a reason to add to the error of a failed wait; None if nothing is known."""

SHOWN = 12
"""How many of the latest events an error shows."""


async def no_reason(*_: object) -> None:
    """Know nothing about why events are missing."""


class Waiter(Protocol):
    """Something that a caller can wait on for changes: `simulator.waiting.Changes` or the timeline."""

    def until(self, found: Callable[[], T | None], *, within: float) -> Awaitable[T | None]:
        """Return what `found` returns once it is not None; return None after `within` seconds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The events to wait for: these names in this order, with fields that match `where`, within `within` seconds."""

    names: Sequence[str]
    where: Mapping[str, Any]
    within: float
    kind: str = ""
    """Text before the names in an error, such as "webhook " (with a space)."""

    def is_fit(self, event: Event, name: str) -> bool:
        """Whether `event` counts as the one named `name`."""
        return matching.fits(event, name, self.where)

    def __str__(self) -> str:
        names = ", then ".join(self.names)
        return f"{self.kind}{names}{matching.conditions(self.where)}  within {self.within:g} s"


class EventLog(ABC, Generic[T]):
    """Items that contain events, oldest first. An item is returned by one wait; the caller marks it as handed out."""

    @abstractmethod
    def items(self) -> Sequence[T]:
        """All items with an event, including those that were handed out."""

    @abstractmethod
    def event(self, item: T) -> Event:
        """The event of an item; its name is in `action`."""

    @abstractmethod
    def was_handed_out(self, item: T) -> bool:
        """Whether an earlier wait has returned the item."""

    @abstractmethod
    def describe(self, item: T) -> str:
        """One line about an item, for errors."""

    def rejection(self, item: T) -> str | None:
        """Why an item never counts, such as a wrong signature; None if it counts."""
        return None

    def closed(self) -> str | None:
        """Why no more items will come; None while they may. With a reason, waits fail at once."""
        return None

    def latest(self) -> list[str]:
        """One line about each of the latest items, for errors."""
        return [self.describe(item) for item in self.items()[-SHOWN:]]

    async def wait_for(self, wanted: Wanted, waiter: Waiter, *, explain: Explain = no_reason) -> list[T]:
        """Wait for the wanted events; return their items. Items that came before the call count, too.

        `explain` may return a reason to add to the error. Raises ExpectationFailed.
        """

        def outcome() -> list[T] | str | None:
            found = matching.first_in_order(self._available(), wanted.names, self._fitting(wanted))
            return found if found is not None else self.closed()

        result = await waiter.until(outcome, within=wanted.within)
        if isinstance(result, list):
            return result
        reasons = (self._reason(wanted), await explain())
        raise ExpectationFailed(
            str(wanted),
            nearest=self._nearest(wanted),
            because="; ".join(filter(None, reasons)) or None,
            happened=self.latest(),
            compared=self._compared(wanted),
        )

    def _available(self) -> list[T]:
        return [item for item in self.items() if not self.was_handed_out(item) and self.rejection(item) is None]

    def _fitting(self, wanted: Wanted) -> Callable[[T, str], bool]:
        return lambda item, name: wanted.is_fit(self.event(item), name)

    def _missing(self, wanted: Wanted) -> int:
        return matching.first_missing(self._available(), wanted.names, self._fitting(wanted))

    def _nearest(self, wanted: Wanted) -> str | None:
        nearest = self._nearest_item(wanted)
        return None if nearest is None else self.describe(nearest)

    def _compared(self, wanted: Wanted) -> list[ComparedField]:
        nearest = self._nearest_item(wanted)
        name = wanted.names[self._missing(wanted)]
        return [] if nearest is None else matching.compared(self.event(nearest), name, wanted.where)

    def _nearest_item(self, wanted: Wanted) -> T | None:
        """The item most similar to the first missing event, the latest if several are; None if none is similar."""
        name = wanted.names[self._missing(wanted)]
        rated = [
            (matching.similarity(self.event(item), name, wanted.where), at, item)
            for at, item in enumerate(self.items())
        ]
        similarity, _, nearest = max(rated, key=lambda entry: entry[:2], default=(0.0, 0, None))
        return nearest if similarity >= matching.SIMILAR else None

    def _reason(self, wanted: Wanted) -> str | None:
        """Why the wait failed, as far as the log itself shows."""
        if closed := self.closed():
            return closed
        missing = self._missing(wanted)
        name = wanted.names[missing]
        fitting = [item for item in self.items() if wanted.is_fit(self.event(item), name)]
        for item in fitting:
            if rejection := self.rejection(item):
                return rejection
        if fitting and all(self.was_handed_out(item) for item in fitting):
            return "every event like that was handed out by an earlier wait"
        too_early = f"{name} did not come after {', '.join(wanted.names[:missing])}" if missing else None
        return "; ".join(filter(None, (too_early, self._what_differs(wanted, name)))) or None

    def _what_differs(self, wanted: Wanted, name: str) -> str | None:
        """The fields in which the nearest event of that name is not as wanted."""
        nearest = self._nearest_item(wanted)
        if nearest is None or self.event(nearest).get("action") != name:
            return None
        return because(matching.unequal_fields(self.event(nearest), wanted.where))
