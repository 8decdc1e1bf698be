"""The table of present calls: which worker has which Call-ID, and the state of each INVITE.

A stateless proxy needs no table. This one keeps each call at the worker that got its INVITE, counts the workers' call
slots, and lets the front door end calls in the place of a worker that died.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from simulator.front_door.load_balancing import Destination
from simulator.sip_requests.hop import Hop, Outgoing
from simulator.sip_requests.request import Request

RETENTION = 32.0
"""Seconds that an ended call stays in the table, for late requests and retransmissions: 64*T1 (RFC 6026 §7.1)."""


class AttemptState(Enum):
    """The state of an INVITE without To tag."""

    QUEUED = auto()
    """It waits for a worker that can take it."""
    PENDING = auto()
    """A worker has it and has not sent a final response."""
    ESTABLISHED = auto()
    """A 2xx response was forwarded."""
    ENDED = auto()
    """It was refused or cancelled, or the call is over."""


@dataclass(eq=False, slots=True)
class CallAttempt:
    """One INVITE without To tag and its progress until the end of its call."""

    branch: bytes
    """Of the front door's Via on the forwarded INVITE."""
    request: Request
    state: AttemptState = AttemptState.QUEUED
    destination: Destination | None = None
    """The worker that got it."""
    deadline: float = 0.0
    """While QUEUED: when the peer is refused. While PENDING: when a worker that has not responded is given up."""
    settled: bool = False
    """While QUEUED: whether its group was asked (`DestinationGroup.settle`) and has told all ends of calls."""
    answered: bool = False
    """Whether a 2xx response was forwarded, at any time."""
    acknowledged: bool = False
    """Whether the ACK of its other final response was forwarded."""
    responded: bool = False
    """Whether the worker has sent any response."""
    final_response: Outgoing | None = None
    """The front door's own final response, sent again for each retransmission of the INVITE."""
    abandoned: bool = False
    """Whether no caller waits for the worker's response any more; it is then cancelled or ended at the worker."""
    cancel_sent: bool = False
    ended_early: tuple[AttemptState, float] | None = None
    """Set when the worker's owner reported the end before SIP messages showed it: the state until then, and when."""
    callee: bytes = b""
    """To value of the 2xx response, with the tag of the dialog."""
    remote_target: bytes = b""
    """Contact URI of the 2xx response (RFC 3261 §12.1.2)."""

    @property
    def slot_key(self) -> tuple[str, bytes]:
        """Identifies the slot that it occupies at its worker."""
        return self.request.call_id, self.branch

    @property
    def active(self) -> bool:
        """Whether its call exists or may still be established."""
        return self.state is not AttemptState.ENDED


@dataclass(eq=False, slots=True)
class CallEntry:
    """The INVITEs with one Call-ID, their caller, and the worker that has the call."""

    call_id: str
    caller: Hop
    caller_tag: bytes | None
    """From tag of the first INVITE."""
    destination: Destination | None = None
    """The worker that takes all requests with this Call-ID."""
    attempts: dict[bytes, CallAttempt] = field(default_factory=dict)
    """By branch."""
    by_source: bool = False
    """Whether the caller is a SIP client, to which requests are sent where its INVITE came from."""
    expires_at: float | None = None
    """When the entry is removed; None while an attempt is active."""

    @property
    def active(self) -> bool:
        """Whether any of its attempts is active."""
        return any(attempt.active for attempt in self.attempts.values())


class CallTable:
    """Calls by Call-ID. Each is removed `RETENTION` seconds after its end."""

    def __init__(self) -> None:
        self._calls: dict[str, CallEntry] = {}
        self._expiring: deque[tuple[float, CallEntry]] = deque()

    def __iter__(self) -> Iterator[CallEntry]:
        return iter(tuple(self._calls.values()))

    def get(self, call_id: str) -> CallEntry | None:
        """The call with this Call-ID, also for `RETENTION` seconds after its end."""
        return self._calls.get(call_id)

    def add(self, attempt: CallAttempt) -> None:
        """Add an attempt to the call with its Call-ID, which is created if it is new."""
        request = attempt.request
        call = self._calls.get(request.call_id)
        if call is None:
            call = CallEntry(request.call_id, request.source, request.from_tag, by_source=request.from_client)
            self._calls[request.call_id] = call
        elif not call.active:
            call.caller, call.caller_tag = request.source, request.from_tag
        call.attempts[attempt.branch] = attempt
        call.expires_at = None

    def end(self, attempt: CallAttempt, now: float) -> bool:
        """Mark an attempt as ended and free its slot. Returns False when it had ended before."""
        attempt.ended_early = None
        if not attempt.active:
            return False
        attempt.state = AttemptState.ENDED
        if attempt.destination is not None:
            attempt.destination.release(attempt.slot_key)
        call = self._calls.get(attempt.request.call_id)
        if call is not None and not call.active:
            call.expires_at = now + RETENTION
            self._expiring.append((call.expires_at, call))
        return True

    def end_reported(self, attempt: CallAttempt, now: float) -> None:
        """Mark an attempt as ended because the worker's owner reported it."""
        state = attempt.state
        if self.end(attempt, now):
            attempt.ended_early = state, now

    def remove_expired(self, now: float) -> None:
        """Remove the calls that ended `RETENTION` seconds ago or earlier."""
        while self._expiring and self._expiring[0][0] <= now:
            expires_at, call = self._expiring.popleft()
            if call.expires_at == expires_at and self._calls.get(call.call_id) is call:
                del self._calls[call.call_id]

    @property
    def next_expiry(self) -> float | None:
        """When `remove_expired` is due; None while no call has ended."""
        return self._expiring[0][0] if self._expiring else None
