"""`/rooms` (https://docs.daily.co/reference/rest-api/rooms)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import ConfigDict, Field

from fake_daily_server.rest.properties import RoomProperties
from fake_daily_server.rest.validation import RequestModel
from fake_daily_server.room import Privacy
from fake_daily_server.rooms import PAGE, RoomStore


class CreateRoom(RequestModel):
    """All of it is optional."""

    model_config = ConfigDict(alias_generator=None)

    name: str | None = None
    privacy: Privacy | None = None
    properties: RoomProperties | None = None


class UpdateRoom(RequestModel):
    """A property that is null goes back to its default."""

    model_config = ConfigDict(alias_generator=None)

    privacy: Privacy | None = None
    properties: dict[str, Any] | None = None


class RoomList(RequestModel):
    """Paging of lists; the cursors are room ids, and `ending_before` may be OLDEST."""

    model_config = ConfigDict(alias_generator=None)

    limit: Annotated[int, Field(ge=1, le=PAGE)] = PAGE
    starting_after: str | None = None
    ending_before: str | None = None


def rooms_router(store: RoomStore) -> APIRouter:
    """Create, list, get, update, delete."""
    router = APIRouter(prefix="/rooms", tags=["rooms"])

    @router.post("", summary="Create a room")
    async def create(body: Annotated[CreateRoom | None, Body()] = None) -> dict[str, Any]:
        wanted = body or CreateRoom()
        return store.create(wanted.name, wanted.privacy or "public", wanted.properties).as_dict()

    @router.get("", summary="List rooms, newest first")
    async def list_rooms(query: Annotated[RoomList, Query()]) -> dict[str, Any]:
        total, page = store.page(query.limit, starting_after=query.starting_after, ending_before=query.ending_before)
        return {"total_count": total, "data": [room.as_dict() for room in page]}

    @router.get("/{room}", summary="Get a room")
    async def get(room: str) -> dict[str, Any]:
        return store.get(room).as_dict()

    @router.post("/{room}", summary="Change a room")
    async def update(room: str, body: Annotated[UpdateRoom | None, Body()] = None) -> dict[str, Any]:
        wanted = body or UpdateRoom()
        return store.update(store.get(room), wanted.privacy, wanted.properties).as_dict()

    @router.delete("/{room}", summary="Delete a room and eject everybody")
    async def delete(room: str) -> dict[str, Any]:
        await store.delete(room)
        return {"deleted": True, "name": room}

    return router
