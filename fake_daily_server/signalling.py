"""The WebSocket at a room URL: Daily's client verbs as requests, Daily's events as pushes (docs/signalling.md)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.websockets import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from fake_daily_server.admission import admit
from fake_daily_server.contract import messages as m
from fake_daily_server.errors import BadJson, DailyError, InvalidRequest, JoinRefused, NotFound, ServerFault
from fake_daily_server.ids import RESERVED_ROOM_NAMES, new_call_client_id
from fake_daily_server.media import client_webrtc
from fake_daily_server.media.client_sound import ClientSound
from fake_daily_server.media.client_webrtc import ClientWebRtc
from fake_daily_server.media.room_media import load
from fake_daily_server.participants import Participant
from fake_daily_server.rest.validation import check_json, explain, unknown_name
from fake_daily_server.room import Event, Room
from fake_daily_server.rooms import RoomStore

logger = logging.getLogger("fake_daily_server.signalling")

LONGEST_APP_MESSAGE = 4096
"""Characters of JSON."""

MediaRequest = m.SetMediaRequest | m.AnswerMediaRequest | m.AddMediaCandidateRequest


class Connection:
    """One WebSocket: at most one participant of one room at a time. Requests are carried out in order."""

    def __init__(self, store: RoomStore, room_name: str, socket: WebSocket) -> None:
        self._store = store
        self._room_name = room_name
        self._socket = socket
        self._call_client_id = new_call_client_id()
        self._outgoing: asyncio.Queue[str | None] = asyncio.Queue()
        """Frames of JSON; None says that there is sound to take."""
        self._sound = ClientSound(lambda: self._outgoing.put_nowait(None))
        self._webrtc = ClientWebRtc(lambda news: self._send({"media": news}))
        self._place: tuple[Room, str] | None = None
        """The room joined, and the session id there."""

    async def serve(self) -> None:
        """Answer frames until the socket is gone; then the participant leaves."""
        await self._socket.accept()
        writer = asyncio.create_task(self._write(), name=f"signalling to {self._call_client_id}")
        try:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                if (data := message.get("bytes")) is None:
                    await self._answer(message["text"])
                else:
                    self._say(data)
        finally:
            if self._place is not None:
                room, session_id = self._place
                await room.leave(session_id)
            await self._webrtc.closed()
            writer.cancel()
            await asyncio.wait([writer])

    async def _write(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                frame = await self._outgoing.get()
                if frame is not None:
                    await self._socket.send_text(frame)
                    continue
                while (sound := self._sound.take()) is not None:
                    await self._socket.send_bytes(sound)

    def _send(self, frame: Mapping[str, Any]) -> None:
        self._outgoing.put_nowait(json.dumps(frame, separators=(",", ":")))

    def _deliver(self, event: Event) -> None:
        self._send({"event": {**event, "callClientId": self._call_client_id}})
        self._webrtc.room_changed()

    def _say(self, data: bytes) -> None:
        try:
            self._sound.say(data)
        except DailyError as refused:
            self._refuse(None, refused)

    async def _answer(self, text: str) -> None:
        request_id: int | str | None = None
        try:
            frame = _parsed(text)
            request_id = _readable_id(frame)
            request = _request(frame)
            self._record(request)
            result = await self._carry_out(request)
        except DailyError as refused:
            self._refuse(request_id, refused)
        except Exception as crash:
            logger.exception("signalling of room %s failed", self._room_name)
            self._refuse(request_id, ServerFault(f"the request failed here: {type(crash).__name__}: {crash}"))
        else:
            self._send({"id": request_id, "result": result})

    def _refuse(self, request_id: int | str | None, refusal: DailyError) -> None:
        error = {"status": refusal.status, "error": refusal.error, "info": refusal.info}
        self._send({"id": request_id, "error": error})

    def _record(self, request: m.Request) -> None:
        params = request.params.model_dump(mode="json", by_alias=True, exclude_unset=True)
        if "token" in params:
            params["token"] = "…"  # noqa: S105 - keeps the secret out of the record
        if "sdp" in params:
            params["sdp"] = f"… ({len(params['sdp'])} characters)"
        who = None if self._place is None else self._joined(request.method)[1].user_name
        self._store.timeline.append(
            "client",
            client=who or self._call_client_id,
            room=self._room_name,
            method=request.method,
            params=params,
        )

    async def _carry_out(self, request: m.Request) -> dict[str, Any]:
        if isinstance(request, m.JoinRequest):
            return await self._join(request.params)
        room, me = self._joined(request.method)
        match request:
            case m.LeaveRequest():
                room.tell(me.session_id, {"action": "left-meeting"})
                await room.leave(me.session_id)
            case m.StartDialOutRequest():
                return {"session": {"sessionId": await room.start_dialout(request.params, me)}}
            case m.StopDialOutRequest():
                await room.stop_dialout(request.params.session_id, me)
            case m.SendDtmfRequest():
                await room.send_dtmf(request.params, me)
            case m.SipCallTransferRequest():
                await room.sip_call_transfer(request.params, me)
            case m.SipReferRequest():
                await room.sip_refer(request.params, me)
            case m.SendAppMessageRequest():
                _send_app_message(room, me, request.params)
            case m.UpdateParticipantRequest():
                await room.update_participant(
                    request.params.session_id,
                    me,
                    eject=request.params.eject,
                    permissions=request.params.update_permissions,
                    audio=request.params.set_audio,
                )
            case (
                m.SetUserNameRequest()
                | m.SetAudioRequest()
                | m.SetMediaRequest()
                | m.AnswerMediaRequest()
                | m.AddMediaCandidateRequest()
            ):
                return await self._change_me(room, me, request)
            case m.ParticipantsRequest():
                return {"participants": room.participants_for(me.session_id), "participantCounts": room.counts}
        return {}

    async def _join(self, params: m.Join) -> dict[str, Any]:
        if self._place is not None:
            raise InvalidRequest("join: this connection has joined already; leave first")
        room = await self._settled_room()
        me = admit(
            room,
            self._store.settings,
            now=self._store.now(),
            token=params.token,
            user_name=params.user_name,
            user_id=params.user_id,
            user_data=params.user_data,
        )
        session = await room.join(me, deliver=self._deliver, left=self._left)
        self._place = room, me.session_id
        return {
            "participants": room.participants_for(me.session_id),
            "meetingSession": {"id": session.id},
            "callClientId": self._call_client_id,
        }

    async def _settled_room(self) -> Room:
        """The room, once the telephony has finished with its last session. Raises JoinRefused (no-room)."""
        room = self._store.find(self._room_name)
        if room is not None:
            await room.settled()
        if room is None or self._store.find(self._room_name) is not room:
            raise JoinRefused("no-room", f"room {self._room_name} not found")
        return room

    async def _change_me(
        self, room: Room, me: Participant, request: m.SetUserNameRequest | m.SetAudioRequest | MediaRequest
    ) -> dict[str, Any]:
        if isinstance(request, MediaRequest):
            await self._negotiate_media(room, me, request)
            return {}
        if isinstance(request, m.SetAudioRequest):
            await self._set_audio(room, me.session_id, request.params)
            return {}
        room.change_participant(me.renamed(request.params.user_name))
        return {"userName": request.params.user_name}

    async def _set_audio(self, room: Room, session_id: str, wish: m.SetAudio) -> None:
        await load()
        if (me := room.participants.get(session_id)) is None:
            return
        if self._webrtc.open:
            raise InvalidRequest("setAudio: this client's sound goes over WebRTC; turn that off first with setMedia")
        self._sound.set(room.media, session_id, receive=wish.receive, participants=wish.participants, send=wish.send)
        if me.audio != wish.send:
            room.change_participant(replace(me, audio=wish.send))

    async def _negotiate_media(self, room: Room, me: Participant, request: MediaRequest) -> None:
        match request:
            case m.SetMediaRequest():
                await self._set_media(room, me.session_id, request.params)
            case m.AnswerMediaRequest(params=given):
                await self._webrtc.answer(given.number, given.sdp)
            case m.AddMediaCandidateRequest(params=found):
                await self._webrtc.add_candidate(found.candidate, found.sdp_mid, found.sdp_m_line_index)

    async def _set_media(self, room: Room, session_id: str, wish: m.SetMedia) -> None:
        await client_webrtc.load()
        if (me := room.participants.get(session_id)) is None:
            return
        self._sound.stop()
        self._webrtc.set(
            room,
            session_id,
            receive=wish.receive,
            receive_video=wish.receive_video,
            audio=wish.audio,
            video=wish.video,
        )
        if (me.audio, me.video) != (wish.audio, wish.video):
            room.change_participant(replace(me, audio=wish.audio, video=wish.video))

    def _left(self) -> None:
        self._place = None
        self._sound.stop()
        self._webrtc.stop()

    def _joined(self, method: str) -> tuple[Room, Participant]:
        if self._place is None:
            raise InvalidRequest(f"{method}: not in a call; join first")
        room, session_id = self._place
        return room, room.participants[session_id]


def _parsed(text: str) -> dict[str, Any]:
    try:
        frame = json.loads(text)
        check_json(frame)
    except ValueError as wrong:
        raise BadJson(f"the frame is not JSON: {wrong}") from None
    except RecursionError:
        raise BadJson("the frame is not JSON that can be read: too deeply nested") from None
    if not isinstance(frame, dict):
        raise InvalidRequest(f"the frame is {text[:80]} but should be a JSON object with id, method and params")
    return frame


def _readable_id(frame: Mapping[str, Any]) -> int | str | None:
    given = frame.get("id")
    return given if isinstance(given, int | str) and not isinstance(given, bool) else None


def _request(frame: Mapping[str, Any]) -> m.Request:
    method = frame.get("method")
    if method not in m.METHODS:
        raise InvalidRequest(unknown_name("method", str(method), m.METHODS))
    try:
        return m.REQUESTS.validate_python(frame)
    except ValidationError as wrong:
        errors = [{**error, "loc": error["loc"][1:]} for error in wrong.errors()]
        raise InvalidRequest(f"{method}: {explain(errors)}") from None


def _send_app_message(room: Room, me: Participant, message: m.SendAppMessage) -> None:
    size = len(json.dumps(message.data, separators=(",", ":")))
    if size > LONGEST_APP_MESSAGE:
        raise InvalidRequest(f"data has {size} characters of JSON but may have at most {LONGEST_APP_MESSAGE}")
    event = {"action": "app-message", "data": message.data, "fromId": me.session_id}
    if message.to == "*":
        room.publish(event, but=me.session_id)
        return
    recipients = (message.to,) if isinstance(message.to, str) else message.to
    for recipient in recipients:
        if recipient not in room.participants:
            raise NotFound(f"to: no participant {recipient} in room {room.name}")
    for recipient in recipients:
        room.tell(recipient, event)


def signalling_router(store: RoomStore) -> APIRouter:
    """The room URL: a WebSocket for clients, and for a browser or curl a word on what this is."""
    router = APIRouter()

    @router.websocket("/{room_name}")
    @router.websocket("/{room_name}/")
    async def room_socket(socket: WebSocket, room_name: str) -> None:
        await Connection(store, room_name, socket).serve()

    @router.get("/{room_name}", summary="What a room URL is", include_in_schema=False)
    @router.get("/{room_name}/", include_in_schema=False)
    async def room_page(request: Request, room_name: str) -> Response:
        if room_name in RESERVED_ROOM_NAMES:
            raise InvalidRequest(f"/{room_name} cannot be a room: this server needs the path for itself")
        room = store.find(room_name)
        if room is None:
            raise NotFound(f"room {room_name} not found")
        said = (
            f"This is room {room.name} of a fake Daily. Clients join over a WebSocket at this URL; "
            "the protocol is in docs/signalling.md, the REST API at /v1."
        )
        if "text/html" in request.headers.get("accept", ""):
            page = f"<!doctype html><title>{room.name}</title><h1>{room.name}</h1><p>{said}</p>"
            return HTMLResponse(page)
        facts = {"live": room.session is not None, "participants": len(room.participants)}
        return JSONResponse({"room": room.name, "url": room.url, "info": said, **facts})

    return router
