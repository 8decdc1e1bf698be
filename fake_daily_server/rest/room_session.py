"""Routes that act on the session in progress in a room: eject, session data, app messages, permissions.

https://docs.daily.co/reference/rest-api/rooms. All answer 404 if no session is in progress.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse
from pydantic import Field, StrictBool

from fake_daily_server.domain.administration import ALL_PARTICIPANTS, change_permissions, eject_participants
from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import Ejected, Sent, SessionData, StatusSent, responds_with
from fake_daily_server.values.app_message_limit import check_app_message
from fake_daily_server.values.errors import NotFound
from fake_daily_server.values.participants import Permissions
from fake_daily_server.values.session_data import Json, SetSessionData
from fake_daily_server.values.validation import RequestModel

FROM_REST = "*"
"""`fromId` of app messages that are sent over REST; Daily documents no value."""


Ids = Annotated[tuple[str, ...], Field(max_length=100)]


class Eject(RequestModel):
    """The participants to eject, by session ids and by user ids. `ban` also keeps these user ids from joining again."""

    ids: Ids = ()
    user_ids: Annotated[Ids, Field(alias="user_ids")] = ()
    ban: StrictBool = False


class SendAppMessage(RequestModel):
    """An app message: at most 4 KB of JSON, to all participants (`*`) or to one session id."""

    data: Json = Field(examples=[{"hello": "world"}])
    recipient: str = ALL_PARTICIPANTS


class UpdatePermissions(RequestModel):
    """Permissions by session id; those under `*` apply to every participant, before those of its session id.

    `hasPresence`, `canSend` and `canAdmin` replace the current ones; of `canReceive`, only the given keys do.
    """

    data: dict[str, Permissions] = Field(examples=[{"*": {"canSend": ["audio"]}}])


def room_session_router(store: RoomStore) -> APIRouter:
    """Routes to eject, get-session-data, set-session-data, send-app-message and update-permissions."""
    router = api_router("rooms", prefix="/rooms/{room}")

    @router.post(
        "/eject",
        summary="Eject participants from a room",
        responses=responds_with(Ejected, "The participants that were ejected"),
    )
    async def eject(room: str, body: Annotated[Eject | None, Body()] = None) -> JSONResponse:
        wanted = body or Eject()
        ejected = await eject_participants(_live_room(store, room), wanted.ids, wanted.user_ids, ban=wanted.ban)
        return JSONResponse({"ejectedIds": ejected})

    @router.get(
        "/get-session-data",
        summary="Get the meeting session data",
        responses=responds_with(SessionData, "The data that was set last in this session"),
    )
    async def get_session_data(room: str) -> JSONResponse:
        return JSONResponse({"data": _live_room(store, room).session_data or {}})

    @router.post(
        "/set-session-data",
        summary="Set the meeting session data",
        responses=responds_with(Sent, "The data was sent to all clients"),
    )
    async def set_session_data(room: str, body: Annotated[SetSessionData | None, Body()] = None) -> JSONResponse:
        _live_room(store, room).set_session_data(body or SetSessionData())
        return JSONResponse({"sent": store.settings.sent})

    @router.post(
        "/send-app-message",
        summary="Send a message to participants",
        responses=responds_with(Sent, "The message was sent to the recipients"),
    )
    async def send_app_message(room: str, body: SendAppMessage) -> JSONResponse:
        _send_app_message(_live_room(store, room), body)
        return JSONResponse({"sent": store.settings.sent})

    @router.post(
        "/update-permissions",
        summary="Change the permissions of participants",
        responses=responds_with(StatusSent, "The changes were sent to all clients"),
    )
    async def update_permissions(room: str, body: UpdatePermissions) -> JSONResponse:
        change_permissions(_live_room(store, room), body.data)
        return JSONResponse({"status": "sent"})

    return router


def _live_room(store: RoomStore, name: str) -> Room:
    room = store.get_for_session(name)
    room.check_live()
    return room


def _send_app_message(room: Room, message: SendAppMessage) -> None:
    check_app_message(message.data)
    event = {"action": "app-message", "data": message.data, "fromId": FROM_REST}
    if message.recipient == ALL_PARTICIPANTS:
        room.publish(event)
    elif message.recipient in room.participants:
        room.send(message.recipient, event)
    else:
        known = list(room.participants)
        raise NotFound(f"recipient: no participant {message.recipient} in room {room.name}; in the room: {known}")
