"""Waits for the events that rooms have published and webhooks have received: what every handle of a server has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, overload

from fake_daily_server.handles.event_names import check_events, webhook_events
from fake_daily_server.handles.events import Events, published_events
from fake_daily_server.handles.waits import delivered, of_room, wait_for
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.timeline import Timeline


class AnyRoomHandle(Protocol):
    """A handle of a room: `RoomHandle`, or that of a server that runs elsewhere."""

    @property
    def name(self) -> str:
        """The name of the room."""


class EventWaits(ABC):
    """The events on a server's timeline. Base of `FakeDaily`, and of the handle of a server that runs elsewhere."""

    owner_loop: OwnerLoop
    timeline: Timeline

    def __init__(self) -> None:
        self._handed_out: set[int] = set()
        """`seq` of the timeline records whose event or delivery a wait has already returned."""

    @abstractmethod
    async def why_missing(self, names: Sequence[str], room: str | None = None) -> str | None:
        """Why events of these names have not come in a room (None: in any), as far as the server knows."""

    @overload
    async def wait_for(
        self,
        wanted: str,
        *,
        room: AnyRoomHandle | str | None = None,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> dict[str, Any]: ...

    @overload
    async def wait_for(
        self,
        wanted: list[str] | tuple[str, ...],
        *,
        room: AnyRoomHandle | str | None = None,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> list[dict[str, Any]]: ...

    async def wait_for(
        self,
        wanted: str | list[str] | tuple[str, ...],
        *,
        room: AnyRoomHandle | str | None = None,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """Wait for events published in `room`, or in any room, like `Client.wait_for`; no client has to join.

        Each event is returned once by these waits and, independently, once by each receiving client's waits.
        """
        names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        check_events(names, where or ())
        events = await self.owner_loop.run(self._wait_for(names, _name(room), where or {}, within))
        return events[0] if isinstance(wanted, str) else events

    async def _wait_for(
        self, names: tuple[str, ...], room: str | None, where: Mapping[str, Any], within: float
    ) -> list[dict[str, Any]]:
        found = await wait_for(
            self.timeline,
            of_room(room),
            names,
            where,
            handed_out=self._handed_out,
            within=within,
            explain=lambda: self.why_missing(names, room),
        )
        self._handed_out.update(record.seq for record in found)
        return [dict(record.fields["event"]) for record in found]

    @on_owner_loop
    async def wait_for_delivery(
        self, event_type: str, *, where: Mapping[str, Any] | None = None, within: float = 5
    ) -> dict[str, Any]:
        """Wait for the next request that delivers an event of this type to a webhook and is answered, with any status.

        Returns `type`, `url`, `status`, `payload` and more. Each request is returned once. `where` compares fields of
        the payload, as in `wait_for`. Raises ExpectationFailed, and ConfigurationError for an unknown type.
        """
        check_events((event_type,), where or (), webhook_events())
        (found,) = await wait_for(
            self.timeline,
            delivered,
            (event_type,),
            where or {},
            handed_out=self._handed_out,
            within=within,
            what="delivery of ",
        )
        self._handed_out.add(found.seq)
        return dict(found.fields)

    def events(self, room: AnyRoomHandle | str | None = None, *, after: int = 0) -> Events:
        """The events published so far in one room or in all rooms; with `after`, only those with a greater `seq`."""
        return published_events(self.timeline, _name(room), after=after)

    def _forget_events(self) -> None:
        """Remove all records, and what waits have returned."""
        self.timeline.clear()
        self._handed_out.clear()


def _name(room: AnyRoomHandle | str | None) -> str | None:
    return room if room is None or isinstance(room, str) else room.name
