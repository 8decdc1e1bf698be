"""`/rooms` (https://docs.daily.co/reference/rest-api/rooms)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict

from fake_daily_server.domain.room import Privacy
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import DeletedRoom, RoomListBody, RoomObject, responds_with
from fake_daily_server.values.paging import Paging
from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.validation import RequestModel


class CreateRoom(RequestModel):
    """The request to create a room; all fields are optional."""

    model_config = ConfigDict(
        alias_generator=None,
        json_schema_extra={
            "examples": [
                {
                    "name": "hello",
                    "properties": {
                        "exp": 4102444800,
                        "enable_dialout": True,
                        "sip": {"sip_mode": "dial-in", "display_name": "Caller", "num_endpoints": 1},
                    },
                }
            ]
        },
    )

    name: str | None = None
    privacy: Privacy | None = None
    properties: RoomProperties | None = None


class UpdateRoom(RequestModel):
    """The request to change a room; null resets a property to its default."""

    model_config = ConfigDict(
        alias_generator=None,
        json_schema_extra={"examples": [{"properties": {"sip": {"sip_mode": "dial-in"}, "enable_chat": None}}]},
    )

    privacy: Privacy | None = None
    properties: dict[str, Any] | None = None


def rooms_router(store: RoomStore) -> APIRouter:
    """Routes to create, list, get, change and delete rooms."""
    router = api_router("rooms", prefix="/rooms")

    @router.post("", summary="Create a room", responses=responds_with(RoomObject, "The room"))
    async def create(body: Annotated[CreateRoom | None, Body()] = None) -> JSONResponse:
        wanted = body or CreateRoom()
        return JSONResponse(store.create(wanted.name, wanted.privacy or "public", wanted.properties).as_dict())

    @router.get("", summary="List rooms, newest first", responses=responds_with(RoomListBody, "A page of rooms"))
    async def list_rooms(query: Annotated[Paging, Query()]) -> JSONResponse:
        total, page = store.page(query.limit, starting_after=query.starting_after, ending_before=query.ending_before)
        return JSONResponse({"total_count": total, "data": [room.as_dict() for room in page]})

    @router.get("/{room}", summary="Get a room", responses=responds_with(RoomObject, "The room"))
    async def get(room: str) -> JSONResponse:
        return JSONResponse(store.get(room).as_dict())

    @router.post("/{room}", summary="Change a room", responses=responds_with(RoomObject, "The room"))
    async def update(room: str, body: Annotated[UpdateRoom | None, Body()] = None) -> JSONResponse:
        wanted = body or UpdateRoom()
        return JSONResponse(store.update(store.get(room), wanted.privacy, wanted.properties).as_dict())

    @router.delete(
        "/{room}",
        summary="Delete a room and eject all participants",
        responses=responds_with(DeletedRoom, "The room was deleted"),
    )
    async def delete(room: str) -> JSONResponse:
        await store.delete(room)
        return JSONResponse({"deleted": True, "name": room})

    return router
