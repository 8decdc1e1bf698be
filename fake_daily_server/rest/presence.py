"""`/presence` and `/rooms/:name/presence` (https://docs.daily.co/reference/rest-api/presence).

The responses of the real service may be up to 15 s old; here they are current. Hidden participants are not listed.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import Present, RoomPresence, responds_with
from fake_daily_server.values.paging import MAX_PAGE, Limit
from fake_daily_server.values.participants import Participant, timestamp
from fake_daily_server.values.validation import RequestModel


class PresenceQuery(RequestModel):
    """The filters of the list of a room's participants."""

    limit: Limit = MAX_PAGE
    user_id: str | None = None
    user_name: str | None = None


def presence_router(store: RoomStore) -> APIRouter:
    """Routes to list the participants of one room, and those of all rooms."""
    router = api_router("presence")

    def entry(room: Room, who: Participant) -> dict[str, Any]:
        return {
            "room": room.name,
            "id": who.session_id,
            "userId": _own_id(who),
            "userName": who.user_name or None,
            "mtgSessionId": room.session.id if room.session else "",
            "joinTime": timestamp(who.joined_at),
            "duration": max(0, int(store.clock() - who.joined_at.timestamp())),
        }

    @router.get(
        "/rooms/{room}/presence",
        summary="List the participants of a room",
        tags=["rooms"],
        responses=responds_with(RoomPresence, "The participants, in order of joining"),
    )
    async def of_room(room: str, query: Annotated[PresenceQuery, Query()]) -> JSONResponse:
        live = store.get_for_session(room)
        found = [
            entry(live, who)
            for who in _present(live)
            if query.user_id in (None, _own_id(who)) and query.user_name in (None, who.user_name)
        ]
        return JSONResponse({"total_count": len(found), "data": found[: query.limit]})

    @router.get(
        "/presence",
        summary="List the participants of all rooms",
        responses=responds_with(dict[str, list[Present]], "The participants by room name; empty rooms are left out"),
    )
    async def everywhere() -> JSONResponse:
        shown: dict[str, list[dict[str, Any]]] = {}
        for room in store.live_rooms():
            if present := [entry(room, who) for who in _present(room)]:
                shown[room.name] = present
        return JSONResponse(shown)

    return router


def _present(room: Room) -> list[Participant]:
    return [who for who in room.participants.values() if who.present and room.session is not None]


def _own_id(who: Participant) -> str | None:
    return who.user_id if who.user_id != who.session_id else None
