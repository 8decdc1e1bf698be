"""Rooms over HTTP: creating them, their participants, scripted participants, and lost connections of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from fake_daily_server.control.audio import AUDIO_VERBS
from fake_daily_server.control.routes import LONGEST_WAIT_MS, Body, WaitBody, accept
from fake_daily_server.domain.room import Privacy
from fake_daily_server.values.errors import NotFound
from fake_daily_server.values.room_properties import check_property_names

if TYPE_CHECKING:
    from fake_daily_server.handles.client import Client
    from fake_daily_server.server import FakeDaily


class NewRoomBody(Body):
    """A room to create, as `POST /v1/rooms` has it, but a property that Daily does not document is always refused."""

    name: str | None = None
    privacy: Privacy = "public"
    properties: dict[str, Any] = Field(default_factory=dict, examples=[{"enable_dialout": True}])


class ParticipantBody(Body):
    """A scripted participant to add to a room. The first participant starts the session."""

    user_name: str = "participant"
    owner: bool = False


class NetworkBody(Body):
    """How long to keep the network of a client down."""

    down_ms: int = Field(default=1000, ge=0, le=LONGEST_WAIT_MS)


class RoomView(BaseModel):
    """A room. `participants` are participant objects of daily-js, calls and hidden participants included."""

    name: str
    url: str
    live: bool
    meeting_session_id: str | None
    sip_uris: list[str]
    participants: list[dict[str, Any]]
    counts: dict[str, int]


def add_rooms(router: APIRouter, daily: FakeDaily) -> None:
    """Add the routes `/rooms`, and those below `/rooms/{room}` and `/clients/{session_id}`."""

    @router.post("/rooms", summary="Create a room, and refuse misspelt properties; the answer is Daily's room object")
    async def create(body: NewRoomBody | None = None) -> dict[str, Any]:
        wanted = body or NewRoomBody()
        check_property_names(wanted.properties)
        return daily.rooms.create(wanted.name, wanted.privacy, wanted.properties).as_dict()

    @router.get("/rooms/{room}", summary="Show a room, its participants, and its dial-in addresses")
    async def show(room: str) -> RoomView:
        found = daily.rooms.get_for_session(room)
        return RoomView(
            name=found.name,
            url=found.url,
            live=found.session is not None,
            meeting_session_id=found.session.id if found.session else None,
            sip_uris=list(found.dialin.sip_uris),
            participants=[who.as_seen_by(None) for who in found.participants.values()],
            counts=found.counts,
        )

    @router.post("/rooms/{room}/wait-until-empty", summary="Wait until a room has no participants other than calls")
    async def wait_until_empty(room: str, body: WaitBody | None = None) -> dict[str, Any]:
        await daily.wait_until_empty(room, within=(body or WaitBody()).within)
        return {"room": room}

    _add_clients(router, daily)
    for name, summary, model, act in AUDIO_VERBS:
        _add_audio_verb(router, daily, name, summary, model, act)


def _add_clients(router: APIRouter, daily: FakeDaily) -> None:
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


def _add_audio_verb(router: APIRouter, daily: FakeDaily, name: str, summary: str, model: type[Body], act: Any) -> None:
    async def do(room: str, session_id: str, body: Any = None) -> dict[str, Any]:
        result = await act(_find_client(daily, room, session_id), model() if body is None else body)
        return {"session_id": session_id, **(result or {})}

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
