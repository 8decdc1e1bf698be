"""The soft table: which call is at which worker. All of it can be lost but the calls would have to be set up again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from simulator.front_door.guard import Request
from simulator.front_door.pacing import Destination
from simulator.front_door.wire import Hop, Out

LINGER = 5.0
"""Seconds that a call is remembered after its end, for late requests and retransmissions."""


class Stage(Enum):
    """How far an INVITE is."""

    WAITING = auto()
    """For a worker with a slot and a token."""
    PENDING = auto()
    """At a worker, without a final response."""
    ESTABLISHED = auto()
    """A 2xx has passed."""
    OVER = auto()


@dataclass(eq=False, slots=True)
class SetUp:
    """One INVITE without To tag, from its arrival to the end of its call."""

    branch: bytes
    request: Request
    stage: Stage = Stage.WAITING
    destination: Destination | None = None
    deadline: float = 0.0
    """While WAITING: when the peer gets 503. While PENDING: when a silent worker counts as gone."""
    responded: bool = False
    """Any response of the worker has passed."""
    final: Out | None = None
    """The front door's own final response, repeated to retransmissions."""
    orphaned: bool = False
    """Nobody waits for the worker's answer any more: it is ended at the worker as soon as it comes."""
    cancelled: bool = False
    told: tuple[Stage, float] | None = None
    """Its stage when the owner said that it is over, and when, while the wire has not said so."""
    to: bytes = b""
    """The To value of the 2xx, and below its Contact URI: what a BYE needs."""
    contact: bytes = b""

    @property
    def key(self) -> tuple[str, bytes]:
        """For the worker's slot."""
        return self.request.call_id, self.branch

    @property
    def live(self) -> bool:
        """Whether the call goes on or may still begin."""
        return self.stage is not Stage.OVER


@dataclass(eq=False, slots=True)
class Call:
    """Everything with one Call-ID."""

    call_id: str
    caller: Hop
    caller_tag: bytes | None
    destination: Destination | None = None
    setups: dict[bytes, SetUp] = field(default_factory=dict)
    forget_at: float | None = None

    @property
    def live(self) -> bool:
        """Whether any INVITE of it is not over."""
        return any(setup.live for setup in self.setups.values())


class Calls:
    """Calls by Call-ID; each stays until `LINGER` seconds after its end."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._ending: deque[tuple[float, Call]] = deque()

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(tuple(self._calls.values()))

    def get(self, call_id: str) -> Call | None:
        """The call with that Call-ID, also when it ended a moment ago."""
        return self._calls.get(call_id)

    def add(self, setup: SetUp) -> Call:
        """Keep a new INVITE, under its call."""
        request = setup.request
        call = self._calls.get(request.call_id)
        if call is None:
            call = Call(request.call_id, request.source, request.from_tag)
            self._calls[request.call_id] = call
        elif not call.live:
            call.caller, call.caller_tag = request.source, request.from_tag
        call.setups[setup.branch] = setup
        call.forget_at = None
        return call

    def told_over(self, setup: SetUp, now: float) -> None:
        """The owner says that the call of an INVITE has ended."""
        stage = setup.stage
        if self.over(setup, now):
            setup.told = stage, now

    def over(self, setup: SetUp, now: float) -> bool:
        """An INVITE's call has ended: its slot is free. False when that was known."""
        if not setup.live:
            return False
        setup.stage = Stage.OVER
        if setup.destination is not None:
            setup.destination.give_back(setup.key)
        call = self._calls.get(setup.request.call_id)
        if call is not None and not call.live:
            call.forget_at = now + LINGER
            self._ending.append((call.forget_at, call))
        return True

    def forget_old(self, now: float) -> None:
        """Drop what ended long enough ago."""
        while self._ending and self._ending[0][0] <= now:
            when, call = self._ending.popleft()
            if call.forget_at == when and self._calls.get(call.call_id) is call:
                del self._calls[call.call_id]

    @property
    def next_forgetting(self) -> float | None:
        """When `forget_old` has something to do."""
        return self._ending[0][0] if self._ending else None
