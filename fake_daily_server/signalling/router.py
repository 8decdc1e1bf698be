"""The room URL: a WebSocket for clients, a way to leave for pages that are closed, and a description of the room."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.websockets import WebSocket
from pydantic import ValidationError

from fake_daily_server.domain.client_sessions import ClientSessions
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.signalling.connection import Connection
from fake_daily_server.signalling.event_faults import EventFaults
from fake_daily_server.signalling.messages import SessionKey
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.ids import RESERVED_ROOM_NAMES


def signalling_router(rooms: RoomStore, client_sessions: ClientSessions, faults: EventFaults) -> APIRouter:
    """Return the routes of the room URL: the signalling WebSocket, `leave`, and a description as HTML or JSON."""
    router = APIRouter(include_in_schema=False)

    @router.websocket("/{room_name}")
    @router.websocket("/{room_name}/")
    async def room_socket(socket: WebSocket, room_name: str) -> None:
        await Connection(rooms, client_sessions, faults, room_name, socket).serve()

    @router.post("/{room_name}/leave")
    async def leave(request: Request, room_name: str) -> Response:
        try:
            given = SessionKey.model_validate_json(await request.body())
        except ValidationError as error:
            raise InvalidRequest('leave: send {"sessionId": …, "key": …} as received with the join') from error
        session = await client_sessions.find_resumable(room_name, given.session_id, given.key)
        await session.room.leave(session.session_id)
        return Response(status_code=204)

    @router.get("/{room_name}", summary="What a room URL is")
    @router.get("/{room_name}/")
    async def room_page(request: Request, room_name: str) -> Response:
        if room_name in RESERVED_ROOM_NAMES:
            raise InvalidRequest(f"/{room_name} cannot be a room: the server uses this path itself; use another name")
        room = rooms.find(room_name)
        if room is None:
            raise NotFound(f"room {room_name} not found")
        description = (
            f"This is room {room.name} of a fake Daily. Clients join over a WebSocket at this URL; "
            "the protocol is in docs/signalling.md, the REST API at /v1."
        )
        if "text/html" in request.headers.get("accept", ""):
            page = f"<!doctype html><title>{room.name}</title><h1>{room.name}</h1><p>{description}</p>"
            return HTMLResponse(page)
        facts = {"live": room.session is not None, "participants": len(room.participants)}
        return JSONResponse({"room": room.name, "url": room.url, "info": description, **facts})

    return router
