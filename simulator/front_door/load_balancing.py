"""Choice of the worker for a call: the least loaded one, within its call slots and its call set-up rate.

PJSIP's I/O table has 64 entries. A call takes two of them, each is free again only 500 ms after it was closed, and a
full table aborts the process. So a worker gets at most 25 call set-ups in any 500 ms, those of outgoing calls included.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from simulator.front_door.final_responses import FinalResponse
from simulator.sip_requests.hop import Hop, parse_address

SETUPS_PER_PERIOD = 25
PERIOD = 0.5
"""Length of the period in seconds."""


@dataclass(eq=False, slots=True)
class Destination:
    """One worker, or one SIP client, as the front door sees it: its address, its call slots, its recent call set-ups.

    Compared by identity. A destination whose worker has died (`alive` is False) gets no more messages.
    """

    address: str
    """`host:port`. Raises ConfigurationError for anything else."""
    slots: int = 4
    """Calls that the worker can carry at a time."""
    alive: bool = True
    """Cleared by `FrontDoor.worker_died` and `DestinationGroup.worker_died`."""
    runs: Callable[[], bool] = lambda: True
    """Returns whether the worker's process runs; called before each call, since its death may not be reported yet."""
    connection: int | None = None
    """The number of the TCP or TLS connection to it; None for UDP."""
    tls: bool = False
    """Whether that connection is one of TLS."""
    contact: bytes = b""
    """Of a SIP client: the URI that it is called by. Workers are called by the URI that was dialled."""
    held_slots: int = 0
    """Slots that are occupied by calls which have ended; see `DestinationGroup.slots_held`."""
    host: str = field(init=False)
    port: int = field(init=False)
    _calls: set[object] = field(init=False, default_factory=set, repr=False)
    _setup_times: deque[float] = field(init=False, default_factory=deque, repr=False)

    def __post_init__(self) -> None:
        self.host, self.port = parse_address(self.address, "address")

    @property
    def hop(self) -> Hop:
        """Where messages to it are sent."""
        return Hop(self.host, self.port, self.connection, self.tls)

    @property
    def slots_in_use(self) -> int:
        """Number of the worker's slots that calls occupy, including calls that have ended (`held_slots`)."""
        return len(self._calls) + self.held_slots

    @property
    def has_free_slot(self) -> bool:
        """Whether the worker is alive and can carry one more call."""
        return self.alive and self.slots_in_use < self.slots and self.runs()

    def next_setup_at(self, now: float) -> float:
        """The earliest time, on the clock of `now`, at which the set-up rate allows a call; `now` if already."""
        while self._setup_times and self._setup_times[0] <= now - PERIOD:
            self._setup_times.popleft()
        surplus = len(self._setup_times) - SETUPS_PER_PERIOD
        return now if surplus < 0 else self._setup_times[surplus] + PERIOD

    def reserve(self, call: object, now: float) -> None:
        """Occupy a slot and count a set-up for `call`, unless it has a slot already."""
        if call not in self._calls:
            self._calls.add(call)
            self._setup_times.append(now)

    def release(self, call: object) -> bool:
        """Free the slot of `call`. Returns False when it had none."""
        if call not in self._calls:
            return False
        self._calls.remove(call)
        return True

    def load(self, now: float) -> tuple[int, int]:
        """A sort key: slots in use, then call set-ups during the last 500 ms."""
        self.next_setup_at(now)
        return self.slots_in_use, len(self._setup_times)


class DestinationGroup:
    """Workers that can replace each other: all of the gateway's, or the single one of a phone.

    An INVITE that no worker can take at once is queued for a short time (see `CallAdmission`). If `when_full` is set,
    an INVITE that finds all slots occupied gets that response at once, as a telephone in use is busy. `grow` is called
    when an INVITE is queued because no slot is free; it should start another worker and `add` it.

    If `settle` is set, it is called before an INVITE gets `when_full`: a worker may have ended a call, and its owner
    may not know that yet. It should ask the worker, and call the function that it is given when the answer has come.
    """

    def __init__(
        self,
        *destinations: Destination,
        name: str = "",
        when_full: FinalResponse | None = None,
        grow: Callable[[], Awaitable[object]] | None = None,
        settle: Callable[[Callable[[], None]], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.when_full = when_full
        self.grow = grow
        self.settle = settle
        self.closed: FinalResponse | None = None
        """While set, every INVITE gets this response, also those that are queued."""
        self._clock = clock
        self._members: list[Destination] = list(destinations)
        self._listeners: set[Callable[[DestinationGroup], None]] = set()

    def __iter__(self) -> Iterator[Destination]:
        return iter(tuple(self._members))

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, destination: object) -> bool:
        return destination in self._members

    @property
    def has_free_slot(self) -> bool:
        """Whether any worker has a free slot, even if its set-up rate does not allow a call now."""
        return any(member.has_free_slot for member in self._members)

    @property
    def full(self) -> bool:
        """Whether a worker of the group runs, and all slots of the running workers are occupied."""
        return not self.has_free_slot and self.has_running_member

    @property
    def has_running_member(self) -> bool:
        """Whether a worker of the group runs, whether or not it can take a call."""
        return any(member.alive and member.runs() for member in self._members)

    def add(self, destination: Destination) -> None:
        """Let a worker take calls of this group."""
        if destination not in self._members:
            self._members.append(destination)
            self._notify_listeners()

    def remove(self, destination: Destination) -> None:
        """Send no new calls to a worker; its present calls continue."""
        if destination in self._members:
            self._members.remove(destination)

    def worker_died(self, destination: Destination) -> None:
        """Remove a worker that died. Call `FrontDoor.worker_died` too: it ends the worker's calls at their peers."""
        destination.alive = False
        self.remove(destination)

    def choose(self, now: float | None = None, *, prefer: Destination | None = None) -> Destination | None:
        """The least loaded worker that can take a call now, or `prefer` if it can; None when none can."""
        moment = self._clock() if now is None else now
        able = [one for one in self._members if one.has_free_slot and one.next_setup_at(moment) <= moment]
        if not able:
            return None
        return prefer if prefer in able else min(able, key=lambda one: one.load(moment))

    def next_setup_at(self, now: float) -> float | None:
        """The earliest time, on the clock of `now`, at which a worker with a free slot may take a call.

        None if no slot is free.
        """
        return min((one.next_setup_at(now) for one in self._members if one.has_free_slot), default=None)

    def call_started(self, destination: Destination, call: object) -> None:
        """Occupy a slot and count a set-up for a call that does not come through the front door: dialled, or direct."""
        destination.reserve(("own", call), self._clock())

    def call_ended(self, destination: Destination, call: object) -> None:
        """Free the slot that `call_started` has occupied."""
        if destination.release(("own", call)):
            self._notify_listeners()

    def slots_held(self, destination: Destination, count: int) -> None:
        """Set how many slots of a worker are occupied by calls that have ended, whose BYEs were not answered yet."""
        freed = count < destination.held_slots
        destination.held_slots = count
        if freed:
            self._notify_listeners()

    def add_listener(self, listener: Callable[[DestinationGroup], None]) -> None:
        """Call `listener` whenever a worker is added or a slot is freed that the front door does not know of."""
        self._listeners.add(listener)

    def remove_listener(self, listener: Callable[[DestinationGroup], None]) -> None:
        """Stop calling `listener`."""
        self._listeners.discard(listener)

    def _notify_listeners(self) -> None:
        for listener in tuple(self._listeners):
            listener(self)
