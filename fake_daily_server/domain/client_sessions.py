"""Client sessions: a client that has lost its connection can resume its session over another one.

A client session lasts from the client's join to its leave. If a client that joined as `reconnectable` loses its
connection, its participant stays in the room for `reconnect_within_s` (a setting). Events of that time are kept, and
sent over the connection that resumes the session.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Iterator
from typing import Any, Protocol

from fake_daily_server.domain.clock import Clock, ScheduledCall
from fake_daily_server.domain.room import Room
from fake_daily_server.domain.roster import Event
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import Gone, NotFound
from simulator.timeline import Timeline

MAX_KEPT_EVENTS = 1000
"""How many of the latest events a session keeps. A client that has missed more cannot resume its session."""

Peer = tuple[str, int]
"""Address and port of the client's side of a connection."""


class ClientConnection(Protocol):
    """What a client session needs of the connection to its client."""

    peer: Peer | None

    def deliver(self, event: Event, number: int) -> None:
        """Send an event; once it is written to the socket, set `sent` of the client session to `number`."""

    def participant_left(self) -> None:
        """Forget the client session, because its participant has left the room. The connection stays open."""

    def detach(self) -> None:
        """Forget the client session, which continues without this connection."""


class ClientSession:
    """One client's session in a room. With a `key` it can use several connections, one after another."""

    def __init__(
        self,
        sessions: ClientSessions,
        room: Room,
        session_id: str,
        call_client_id: str,
        connection: ClientConnection,
        *,
        resumable: bool,
    ) -> None:
        self.room = room
        self.session_id = session_id
        self.call_client_id = call_client_id
        self.connection: ClientConnection | None = connection
        """None while the connection is lost."""
        self.key = secrets.token_urlsafe(16) if resumable else None
        """The secret with which the client resumes the session; None if the session cannot be resumed."""
        self.sent = 0
        """The number of the latest event that was sent. Events are numbered from 1."""
        self._sessions = sessions
        self._event_count = 0
        self._kept: deque[Event] = deque(maxlen=MAX_KEPT_EVENTS)
        self._removal: ScheduledCall | None = None
        self._reachable = asyncio.Event()
        self._reachable.set()
        self._end_of_cut: asyncio.TimerHandle | None = None

    def deliver(self, event: Event) -> None:
        """Number an event, keep it if the session is resumable, and send it if there is a connection."""
        self._event_count += 1
        if self.key is not None:
            self._kept.append(event)
        if self.connection is not None:
            self.connection.deliver(event, self._event_count)

    def connection_lost(self) -> None:
        """Detach the connection, and schedule the participant's removal. Does nothing if there is no connection."""
        connection, self.connection = self.connection, None
        if connection is None:
            return
        connection.detach()
        self._removal = self._sessions.schedule_removal(self)
        self._sessions.record("lost", self)

    def cut_network(self, seconds: float) -> None:
        """Simulate that the client has no network for `seconds`."""
        self._reachable.clear()
        if self._end_of_cut is not None:
            self._end_of_cut.cancel()
        self._end_of_cut = asyncio.get_running_loop().call_later(seconds, self._reachable.set)
        self._sessions.record("cut", self, seconds=seconds)
        if self.key is not None:
            self.connection_lost()

    async def wait_reachable(self) -> None:
        """Wait until the client has a network again (see `cut_network`), or the session has ended."""
        await self._reachable.wait()

    def resume(self, connection: ClientConnection, received: int | None) -> None:
        """Continue the session over `connection`, even if the loss of the previous one has not been noticed.

        `received` is the number of events that the client has received; None means all that were sent. Raises Gone if
        an event that the client missed is no longer kept.
        """
        self.sent = self.sent if received is None else min(received, self._event_count)
        missed = self._event_count - self.sent
        if missed > len(self._kept):
            raise Gone(f"{missed} events were missed and only the last {len(self._kept)} are kept; join again")
        if self.connection is not None:
            self.connection.detach()
        self._cancel_removal()
        self.connection = connection
        self._sessions.record("resumed", self)

    def missed_events(self) -> Iterator[tuple[int, Event]]:
        """Yield the events that the client has not received yet, each with its number."""
        first = self._event_count - len(self._kept) + 1
        for number, event in enumerate(tuple(self._kept), first):
            if number > self.sent:
                yield number, event

    def end(self) -> None:
        """End the session because its participant has left the room, for whichever reason."""
        self._cancel_removal()
        if self._end_of_cut is not None:
            self._end_of_cut.cancel()
        self._reachable.set()
        self._sessions.discard(self)
        if self.connection is not None:
            self.connection.participant_left()

    def _cancel_removal(self) -> None:
        if self._removal is not None:
            self._removal.cancel()
            self._removal = None


class ClientSessions:
    """The sessions of all clients that are in a room, by session id; used on one loop."""

    def __init__(self, settings: Settings, timeline: Timeline, clock: Clock) -> None:
        self.resumable_for_s = settings.reconnect_within_s
        self._timeline = timeline
        self._clock = clock
        self._sessions: dict[str, ClientSession] = {}

    @property
    def all(self) -> tuple[ClientSession, ...]:
        """The sessions of all clients that are in a room."""
        return tuple(self._sessions.values())

    def add(self, session: ClientSession) -> None:
        """Register a session that has begun."""
        self._sessions[session.session_id] = session

    def discard(self, session: ClientSession) -> None:
        """Remove a session that has ended."""
        self._sessions.pop(session.session_id, None)

    async def find_resumable(self, room_name: str, session_id: str, key: str) -> ClientSession:
        """Return the session that `key` resumes, once its client has a network. Raises Gone if there is none."""
        session = self._sessions.get(session_id)
        if session is not None:
            await session.wait_reachable()
        if (
            session is None
            or self._sessions.get(session_id) is not session
            or session.room.name != room_name
            or session.key is None
            or not secrets.compare_digest(session.key.encode(), key.encode())
        ):
            raise Gone(
                f"no session {session_id} in room {room_name} can be resumed with this key: it has ended, its "
                f"connection was lost for longer than {self.resumable_for_s:g} s, or it did not join as reconnectable; "
                "join again"
            )
        return session

    def cut_network(self, session_id: str, seconds: float) -> Peer | None:
        """Simulate that a client has no network for `seconds`.

        Returns the client's side of the connection, which the caller has to break; None if there is no connection.
        Raises NotFound if no client in a room has this session id.
        """
        session = self._sessions.get(session_id)
        if session is None:
            known = ", ".join(self._sessions) or "none"
            raise NotFound(f"no client in a room has the session id {session_id!r}; known: {known}")
        peer = None if session.connection is None else session.connection.peer
        session.cut_network(seconds)
        return peer

    def schedule_removal(self, session: ClientSession) -> ScheduledCall:
        """Schedule the participant's removal from its room. The caller cancels it if the session is resumed."""
        return self._clock.call_at(self._clock() + self.resumable_for_s, lambda: self._give_up(session))

    def record(self, action: str, session: ClientSession, **more: Any) -> None:
        """Record on the timeline what happens to a client's connection."""
        self._timeline.append("network", action=action, room=session.room.name, session_id=session.session_id, **more)

    def _give_up(self, session: ClientSession) -> None:
        self.record("gave up", session)
        session.room.leave_in_background(session.session_id)
