"""`/presence` and `/rooms/:name/presence`: who is where now (https://docs.daily.co/reference/rest-api/presence).

The real service may lag by 15 s; here the answer is of this moment. Hidden participants are not shown.
"""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.rest.answers import Present, RoomPresence, says
from fake_daily_server.values.paging import MAX_PAGE, Limit
from fake_daily_server.values.participants import Participant, timestamp
from fake_daily_server.values.validation import RequestModel


class WhoIsWanted(RequestModel):
    """Everybody, or those with a user id or a name."""

    limit: Limit = MAX_PAGE
    user_id: str | None = None
    user_name: str | None = None


def presence_router(store: RoomStore) -> APIRouter:
    """Of one room, and of all."""
    router = APIRouter(tags=["presence"])

    @router.get(
        "/rooms/{room}/presence",
        summary="Who is in a room",
        tags=["rooms"],
        responses=says(RoomPresence, "The participants, in order of joining"),
        response_model=None,
    )
    async def of_room(room: str, query: Annotated[WhoIsWanted, Query()]) -> JSONResponse:
        found = [
            _shown(store, there, who)
            for there, who in _present(store.get_for_session(room))
            if query.user_id in (None, _own_id(who)) and query.user_name in (None, who.user_name)
        ]
        return JSONResponse({"total_count": len(found), "data": found[: query.limit]})

    @router.get(
        "/presence",
        summary="Who is in which room",
        responses=says(dict[str, list[Present]], "The participants by room name; empty rooms are left out"),
        response_model=None,
    )
    async def everywhere() -> JSONResponse:
        shown: dict[str, list[dict[str, Any]]] = {}
        for room in store.live_rooms():
            if people := [_shown(store, room, who) for _, who in _present(room)]:
                shown[room.name] = people
        return JSONResponse(shown)

    return router


def _present(room: Room) -> list[tuple[Room, Participant]]:
    return [(room, who) for who in room.participants.values() if who.present and room.session is not None]


def _own_id(who: Participant) -> str | None:
    return who.user_id if who.user_id != who.session_id else None


def _shown(store: RoomStore, room: Room, who: Participant) -> dict[str, Any]:
    joined = who.joined_at
    return {
        "room": room.name,
        "id": who.session_id,
        "userId": _own_id(who),
        "userName": who.user_name or None,
        "mtgSessionId": room.session.id if room.session else "",
        "joinTime": timestamp(joined),
        "duration": max(0, int(store.clock() - joined.astimezone(UTC).timestamp())),
    }
