"""The events of rooms over HTTP: listing them, and waiting for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from fake_daily_server.control.routes import WaitBody
from fake_daily_server.handles.event_names import check_events
from fake_daily_server.handles.waits import of_room, read_conditions, wait_for
from fake_daily_server.values.errors import NotFound
from simulator.timeline import Record

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


class EventsBody(WaitBody):
    """Events to wait for: a name, or several in this order, and values of fields. Other events may come between them.

    A name in `where` may be a path (`participant.user_name`). A value `/text/` or `/text/i` is a regular expression;
    any other value must be equal. Only events with a `seq` greater than `after` count.
    """

    events: str | tuple[str, ...] = Field(examples=["dialout-answered", ["dialout-connected", "dialout-answered"]])
    where: dict[str, Any] = Field(default_factory=dict, examples=[{"sessionId": "7d20…"}])
    after: int = Field(default=0, ge=0)


class EventView(BaseModel):
    """An event. `to` is the session id of the client that received it, if it was sent to one client only."""

    seq: int
    at: float
    """Seconds since the server started."""
    event: dict[str, Any]
    to: str | None = None

    @classmethod
    def of(cls, record: Record) -> EventView:
        """Build the event for a timeline record."""
        fields: Mapping[str, Any] = record.fields
        return cls(seq=record.seq, at=round(record.at, 6), event=dict(fields["event"]), to=fields.get("to"))


class EventsView(BaseModel):
    """Events, oldest first. To read the events after them, pass `seq` as `after`."""

    events: list[EventView]
    seq: int


class MissingEventsView(BaseModel):
    """Why events have not come: a phone that rings, a refused request, closed endpoints; null if nothing is known."""

    because: str | None


def add_events(router: APIRouter, daily: FakeDaily) -> None:
    """Add the routes below `/rooms/{room}/events`, and the one for waits that a client has done itself."""

    @router.get("/why-missing", summary="Say why events have not come, as the errors of failed waits do")
    async def why_missing(
        event: Annotated[list[str], Query(description="Names of events")],
        room: Annotated[str | None, Query(description="Only in this room")] = None,
        client: Annotated[str | None, Query(description="Only in the room of the client with this session id")] = None,
    ) -> MissingEventsView:
        wanted = room or next((each.name for each in daily.rooms.rooms.values() if client in each.participants), None)
        return MissingEventsView(because=await daily.why_missing(event, wanted))

    @router.get("/rooms/{room}/events", summary="List the events of a room, oldest first")
    async def events(
        room: str,
        after: Annotated[int, Query(ge=0, description="Only events with a greater `seq`")] = 0,
        action: Annotated[str | None, Query(description="Only events of this name")] = None,
    ) -> EventsView:
        if action is not None:
            check_events((action,))
        _check_room(daily, room)
        records = daily.timeline.records(after=after, kind="event")
        of_this_room = [record for record in records if record.fields["room"] == room]
        wanted = [record for record in of_this_room if action in (None, record.fields["event"]["action"])]
        return EventsView(events=[EventView.of(record) for record in wanted], seq=daily.timeline.last_seq)

    @router.post("/rooms/{room}/events/wait", summary="Wait for events of a room; earlier ones count, too")
    async def wait_for_events(room: str, body: EventsBody) -> EventsView:
        names = (body.events,) if isinstance(body.events, str) else body.events
        check_events(names, body.where)
        _check_room(daily, room)
        records = await wait_for(
            daily.timeline,
            of_room(room),
            names,
            read_conditions(body.where),
            after=body.after,
            within=body.within,
            explain=lambda: daily.why_missing(names, room),
        )
        return EventsView(events=[EventView.of(record) for record in records], seq=records[-1].seq)


def _check_room(daily: FakeDaily, room: str) -> None:
    """Raise NotFound unless the room exists, or has existed and left events on the timeline."""
    if daily.rooms.find(room) is None and not any(
        record.fields["room"] == room for record in daily.timeline.records(kind="event")
    ):
        raise NotFound(f"room {room} not found")
