"""Rooms over HTTP: their participants and events, scripted participants, and lost connections of clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from fake_daily_server.control.audio import AUDIO_VERBS
from fake_daily_server.control.routes import LONGEST_WAIT_MS, Body, WaitBody, accept
from fake_daily_server.handles.event_names import check_names
from fake_daily_server.handles.waits import of_room, read_conditions, wait_for
from fake_daily_server.values.errors import NotFound
from simulator.timeline import Record

if TYPE_CHECKING:
    from fake_daily_server.handles.client import Client
    from fake_daily_server.server import FakeDaily


class ParticipantBody(Body):
    """A scripted participant, whose presence makes a room live."""

    user_name: str = "participant"
    owner: bool = False


class NetworkBody(Body):
    """How long the network of a client is down."""

    down_ms: int = Field(default=1000, ge=0, le=LONGEST_WAIT_MS)


class EventsBody(WaitBody):
    """The name of an event, or of several in this order, between which others may come; and values of their fields.

    A name in `where` may be a path (`participant.user_name`). A value `/text/` or `/text/i` is a regular expression;
    every other value must be equal. Only events with a `seq` greater than `after` count.
    """

    events: str | tuple[str, ...] = Field(examples=["dialout-answered", ["dialout-connected", "dialout-answered"]])
    where: dict[str, Any] = Field(default_factory=dict, examples=[{"sessionId": "7d20…"}])
    after: int = Field(default=0, ge=0)


class EventView(BaseModel):
    """An event. `to` is the session id of the client, if only one received it."""

    seq: int
    at: float
    """Seconds since the server started."""
    event: dict[str, Any]
    to: str | None = None

    @classmethod
    def of(cls, record: Record) -> EventView:
        """The event of a timeline record."""
        fields: Mapping[str, Any] = record.fields
        return cls(seq=record.seq, at=round(record.at, 6), event=dict(fields["event"]), to=fields.get("to"))


class EventsView(BaseModel):
    """Events, oldest first. Pass `seq` as `after` to continue after them."""

    events: list[EventView]
    seq: int


class RoomView(BaseModel):
    """A room. `participants` have the form of daily-js, and include calls and hidden participants."""

    name: str
    url: str
    live: bool
    meeting_session_id: str | None
    sip_uris: list[str]
    participants: list[dict[str, Any]]
    counts: dict[str, int]


def add_rooms(router: APIRouter, daily: FakeDaily) -> None:
    """Add the routes below `/rooms/{room}` and `/clients/{session_id}`."""

    @router.get("/rooms/{room}", summary="Show a room, its participants, and its dial-in addresses")
    async def show(room: str) -> RoomView:
        found = daily.rooms.get_hosting(room)
        return RoomView(
            name=found.name,
            url=found.url,
            live=found.session is not None,
            meeting_session_id=found.session.id if found.session else None,
            sip_uris=list(found.sip_uris),
            participants=[who.as_seen_by(None) for who in found.participants.values()],
            counts=found.counts,
        )

    @router.post("/rooms/{room}/wait-until-empty", summary="Wait until a room has no participants other than calls")
    async def wait_until_empty(room: str, body: WaitBody | None = None) -> dict[str, Any]:
        await daily.wait_until_empty(room, within=(body or WaitBody()).within)
        return {"room": room}

    @router.get("/rooms/{room}/events", summary="List the events of a room, oldest first")
    async def events(
        room: str,
        after: Annotated[int, Query(ge=0, description="Only events with a greater `seq`")] = 0,
        action: Annotated[str | None, Query(description="Only events of this name")] = None,
    ) -> EventsView:
        if action is not None:
            check_names((action,))
        _check_room(daily, room)
        records = daily.timeline.records(after=after, kind="event")
        of_this_room = [record for record in records if record.fields["room"] == room]
        wanted = [record for record in of_this_room if action in (None, record.fields["event"]["action"])]
        return EventsView(events=[EventView.of(record) for record in wanted], seq=daily.timeline.last_seq)

    @router.post("/rooms/{room}/events/wait", summary="Wait for events of a room; earlier ones count, too")
    async def wait_for_events(room: str, body: EventsBody) -> EventsView:
        names = (body.events,) if isinstance(body.events, str) else body.events
        check_names(names)
        _check_room(daily, room)
        records = await wait_for(
            daily.timeline,
            of_room(room),
            names,
            read_conditions(body.where),
            after=body.after,
            within=body.within,
            explain=daily.network.explanation,
        )
        return EventsView(events=[EventView.of(record) for record in records], seq=records[-1].seq)

    @router.post("/rooms/{room}/participants", summary="Join a scripted participant to a room")
    async def join(room: str, body: ParticipantBody | None = None) -> dict[str, Any]:
        wanted = body or ParticipantBody()
        client = await daily.join(room, user_name=wanted.user_name, owner=wanted.owner)
        return {"session_id": client.session_id}

    @router.delete("/rooms/{room}/participants/{session_id}", summary="Remove a scripted participant from a room")
    async def leave(room: str, session_id: str) -> dict[str, Any]:
        await _find_client(daily, room, session_id).leave()
        return {"deleted": True, "session_id": session_id}

    @router.post("/clients/{session_id}/network", summary="Break the connection of a client, like a lost network")
    async def cut(session_id: str, body: NetworkBody | None = None) -> dict[str, Any]:
        wanted = body or NetworkBody()
        await daily.cut_network(session_id, seconds=wanted.down_ms / 1000)
        return {"session_id": session_id, "down_ms": wanted.down_ms}

    for name, summary, model, act in AUDIO_VERBS:
        _add_audio_verb(router, daily, name, summary, model, act)


def _add_audio_verb(router: APIRouter, daily: FakeDaily, name: str, summary: str, model: type[Body], act: Any) -> None:
    async def do(room: str, session_id: str, body: Any = None) -> dict[str, Any]:
        await act(_find_client(daily, room, session_id), model() if body is None else body)
        return {"session_id": session_id}

    accept(do, model)
    path = f"/rooms/{{room}}/participants/{{session_id}}/{name}"
    router.post(path, summary=f"{summary} (a scripted participant)", operation_id=f"participant-{name}")(do)


def _find_client(daily: FakeDaily, room: str, session_id: str) -> Client:
    for client in daily.clients:
        if client.session_id == session_id and client.room_url.endswith(f"/{room}"):
            return client
    raise NotFound(
        f"no scripted participant {session_id!r} in room {room!r}; add one with POST /_sim/rooms/{room}/participants"
    )


def _check_room(daily: FakeDaily, room: str) -> None:
    """Raise NotFound unless the room exists, or has events from before it was deleted."""
    if daily.rooms.find(room) is None and not any(
        record.fields["room"] == room for record in daily.timeline.records(kind="event")
    ):
        raise NotFound(f"room {room} not found")
