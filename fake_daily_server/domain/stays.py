"""Participants and the connections that they are reached by; some outlive their connection for a while.

A client that joined as `reconnectable` and whose connection is lost stays in the room for `reconnect_within_s`. What
happens meanwhile is kept for it, and told by the connection that resumes the stay.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Iterator
from typing import Any, Protocol

from fake_daily_server.domain.clock import Alarm, Clock
from fake_daily_server.domain.room import Event, Room
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import Gone, NotFound
from simulator.timeline import Timeline

MOST_KEPT = 1000
"""Events of a stay that can be told again. Who has missed more cannot resume."""

Peer = tuple[str, int]
"""The client's end of a connection: address and port."""


class Line(Protocol):
    """A connection as its stay sees it."""

    peer: Peer | None

    def deliver(self, event: Event, number: int) -> None:
        """Send an event, and set the stay's `sent` when it has gone out."""

    def left(self) -> None:
        """The participant is not in the room any more."""

    def detach(self) -> None:
        """The stay goes on without this connection."""


class Stay:
    """One participant's time in a room, over one connection, or several when it has a `key`."""

    def __init__(
        self, stays: Stays, room: Room, session_id: str, call_client_id: str, line: Line, *, resumable: bool
    ) -> None:
        self.room = room
        self.session_id = session_id
        self.call_client_id = call_client_id
        self.line: Line | None = line
        self.key = secrets.token_urlsafe(16) if resumable else None
        self.sent = 0
        """The number of the latest event that has gone out; they count from 1."""
        self._stays = stays
        self._count = 0
        self._kept: deque[Event] = deque(maxlen=MOST_KEPT)
        self._alarm: Alarm | None = None
        self._reachable = asyncio.Event()
        self._reachable.set()
        self._repair: asyncio.TimerHandle | None = None

    def deliver(self, event: Event) -> None:
        """Something has happened for this participant."""
        self._count += 1
        if self.key is not None:
            self._kept.append(event)
        if self.line is not None:
            self.line.deliver(event, self._count)

    def lost(self) -> None:
        """The connection is gone; wait for another one. Nothing when that is known already."""
        line, self.line = self.line, None
        if line is None:
            return
        line.detach()
        self._alarm = self._stays.give_up_later(self)
        self._stays.tell("lost", self)

    def cut(self, seconds: float) -> None:
        """There is no network to this client for so long."""
        self._reachable.clear()
        if self._repair is not None:
            self._repair.cancel()
        self._repair = asyncio.get_running_loop().call_later(seconds, self._reachable.set)
        self._stays.tell("cut", self, seconds=seconds)
        if self.key is not None:
            self.lost()

    async def reachable(self) -> None:
        """Wait until there is a network again, or the stay is over."""
        await self._reachable.wait()

    def resume(self, line: Line, received: int | None) -> None:
        """Go on over another connection, whether or not the loss of the one before was noticed.

        `received` says how many events have come; None means all that were sent. Raises Gone when the first one
        missed is not kept any more.
        """
        self.sent = self.sent if received is None else min(received, self._count)
        if self._count - self.sent > len(self._kept):
            missed = self._count - self.sent
            raise Gone(f"{missed} events were missed and only the last {len(self._kept)} are kept; join again")
        if self.line is not None:
            self.line.detach()
        self._forget_alarm()
        self.line = line
        self._stays.tell("resumed", self)

    def missed(self) -> Iterator[tuple[int, Event]]:
        """The events after the latest one that was received, with their numbers."""
        first = self._count - len(self._kept) + 1
        for number, event in enumerate(tuple(self._kept), first):
            if number > self.sent:
                yield number, event

    def end(self) -> None:
        """The participant has left the room, whoever decided it."""
        self._forget_alarm()
        if self._repair is not None:
            self._repair.cancel()
        self._reachable.set()
        self._stays.forget(self)
        if self.line is not None:
            self.line.left()

    def _forget_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


class Stays:
    """Everybody who is in a room over a connection, by session id."""

    def __init__(self, settings: Settings, timeline: Timeline, clock: Clock) -> None:
        self.within_s = settings.reconnect_within_s
        self._timeline = timeline
        self._clock = clock
        self._stays: dict[str, Stay] = {}

    def remember(self, stay: Stay) -> None:
        """It has begun."""
        self._stays[stay.session_id] = stay

    def forget(self, stay: Stay) -> None:
        """It is over."""
        self._stays.pop(stay.session_id, None)

    async def find(self, room_name: str, session_id: str, key: str) -> Stay:
        """The stay that may be resumed, as soon as there is a network to its client. Raises Gone."""
        stay = self._stays.get(session_id)
        if stay is not None:
            await stay.reachable()
        if (
            stay is None
            or self._stays.get(session_id) is not stay
            or stay.room.name != room_name
            or stay.key is None
            or not secrets.compare_digest(stay.key.encode(), key.encode())
        ):
            raise Gone(
                f"no stay of {session_id} in room {room_name} can be resumed with this key: it has ended, was waited "
                f"for longer than {self.within_s:g} s, or did not join as reconnectable; join again"
            )
        return stay

    def cut(self, session_id: str, seconds: float) -> Peer | None:
        """No network to this client for so long; returns the far end of the connection to be broken, if there is one.

        Raises NotFound for somebody who is not in a room over a connection.
        """
        stay = self._stays.get(session_id)
        if stay is None:
            known = ", ".join(self._stays) or "none"
            raise NotFound(f"no client {session_id!r} is in a room over a connection; there are: {known}")
        peer = None if stay.line is None else stay.line.peer
        stay.cut(seconds)
        return peer

    def give_up_later(self, stay: Stay) -> Alarm:
        """Take the participant out when nobody has resumed its stay in time."""
        return self._clock.call_at(self._clock() + self.within_s, lambda: self._give_up(stay))

    def tell(self, action: str, stay: Stay, **more: Any) -> None:
        """Put on the timeline what becomes of a connection."""
        self._timeline.append("network", action=action, room=stay.room.name, session_id=stay.session_id, **more)

    def _give_up(self, stay: Stay) -> None:
        self.tell("gave up", stay)
        stay.room.leave_soon(stay.session_id)
