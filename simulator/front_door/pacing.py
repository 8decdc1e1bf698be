"""Which worker takes a call: least loaded, never more than its slots, never faster than PJSIP can bear.

PJSIP's I/O table has 64 places; a call takes two, each free again only 500 ms after it was closed, and a full
table aborts the process. So a worker gets at most 25 set-ups in any 500 ms, calls that it dials itself included.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from simulator.front_door.wire import parse_address

SETUPS_PER_PERIOD = 25
PERIOD = 0.5
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A final response instead of a call: status, reason phrase, more header fields."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()


OVERLOADED = Refusal(503, "Service Unavailable", (("Retry-After", "1"),))


@dataclass(eq=False, slots=True)
class Destination:
    """A worker: where it listens and how many calls it can have. Compared by identity.

    `alive` is the owner's word (`FrontDoor.lost` and `Group.lost` set it); a dead worker gets nothing any more.
    """

    address: str
    """`host:port`, UDP."""
    slots: int = 4
    alive: bool = True
    host: str = field(init=False)
    port: int = field(init=False)
    _calls: set[object] = field(init=False, default_factory=set, repr=False)
    _setups: deque[float] = field(init=False, default_factory=deque, repr=False)

    def __post_init__(self) -> None:
        self.host, self.port = parse_address(self.address, "address")

    @property
    def busy(self) -> int:
        """Slots in use."""
        return len(self._calls)

    @property
    def has_slot(self) -> bool:
        """Whether one more call has a place."""
        return self.alive and len(self._calls) < self.slots

    def next_token(self, now: float) -> float:
        """When the next set-up may begin; `now` or earlier means at once."""
        while self._setups and self._setups[0] <= now - PERIOD:
            self._setups.popleft()
        surplus = len(self._setups) - SETUPS_PER_PERIOD
        return now if surplus < 0 else self._setups[surplus] + PERIOD

    def take(self, call: object, now: float) -> None:
        """Use a slot and a token for `call`; a second time for the same call does nothing."""
        if call not in self._calls:
            self._calls.add(call)
            self._setups.append(now)

    def give_back(self, call: object) -> bool:
        """Free the slot of `call`; False when it had none."""
        if call not in self._calls:
            return False
        self._calls.remove(call)
        return True

    def load(self, now: float) -> tuple[int, int]:
        """For comparing: slots in use, then set-ups of the last period."""
        self.next_token(now)
        return len(self._calls), len(self._setups)


class Group:
    """Workers that can stand in for each other: the gateway's lines, or the one worker of a phone.

    A call for which no worker has a slot and a token waits a little (`FrontDoor` says how long). With `when_full`
    a call that finds every slot taken gets that answer at once instead, as a telephone line is busy. `grow` is
    asked for one more worker when no slot is free; it should `add` it.
    """

    def __init__(
        self,
        *destinations: Destination,
        name: str = "",
        when_full: Refusal | None = None,
        grow: Callable[[], Awaitable[object]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.when_full = when_full
        self.grow = grow
        self._clock = clock
        self._members: list[Destination] = list(destinations)
        self._listeners: set[Callable[[Group], None]] = set()

    def __iter__(self) -> Iterator[Destination]:
        return iter(tuple(self._members))

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, destination: object) -> bool:
        return destination in self._members

    @property
    def has_slot(self) -> bool:
        """Whether any worker has a free slot, be it paced or not."""
        return any(member.has_slot for member in self._members)

    def add(self, destination: Destination) -> None:
        """Let a worker take calls from now on."""
        if destination not in self._members:
            self._members.append(destination)
            self._changed()

    def remove(self, destination: Destination) -> None:
        """Give a worker no new calls; the ones that it has go on."""
        if destination in self._members:
            self._members.remove(destination)

    def lost(self, destination: Destination) -> None:
        """A worker died. Tell `FrontDoor.lost` too: it ends the calls at the peers."""
        destination.alive = False
        self.remove(destination)

    def choose(self, now: float | None = None, *, prefer: Destination | None = None) -> Destination | None:
        """The least loaded worker that has a slot and a token now; `prefer` wins when it has both."""
        moment = self._clock() if now is None else now
        able = [one for one in self._members if one.has_slot and one.next_token(moment) <= moment]
        if not able:
            return None
        return prefer if prefer in able else min(able, key=lambda one: one.load(moment))

    def next_token(self, now: float) -> float | None:
        """When a worker with a free slot may take its next call; None when no slot is free."""
        return min((one.next_token(now) for one in self._members if one.has_slot), default=None)

    def opened(self, destination: Destination, call_id: str) -> None:
        """A worker dials out: that takes a slot and a token of it."""
        destination.take(("out", call_id), self._clock())

    def closed(self, destination: Destination, call_id: str) -> None:
        """A dialled call of a worker is over."""
        if destination.give_back(("out", call_id)):
            self._changed()

    def listen(self, listener: Callable[[Group], None]) -> None:
        """Have `listener` called whenever a slot has come free."""
        self._listeners.add(listener)

    def forget(self, listener: Callable[[Group], None]) -> None:
        """Undo `listen`."""
        self._listeners.discard(listener)

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener(self)
