"""One WebSocket of a client: its requests in order, and what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi.websockets import WebSocket, WebSocketDisconnect

from fake_daily_server.domain.admission import admit
from fake_daily_server.domain.client_sessions import ClientSession, ClientSessions
from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.domain.roster import Event
from fake_daily_server.media.picture_wire import is_picture
from fake_daily_server.media.room_media import load
from fake_daily_server.signalling import client_pictures, client_webrtc
from fake_daily_server.signalling import messages as m
from fake_daily_server.signalling.client_pictures import ClientPictures
from fake_daily_server.signalling.client_sound import ClientSound
from fake_daily_server.signalling.client_webrtc import ClientWebRtc
from fake_daily_server.signalling.frames import parsed, readable_id, request_in
from fake_daily_server.signalling.verbs import TelephonyRequest, ask_meeting, ask_telephony, everybody
from fake_daily_server.values.errors import DailyError, InvalidRequest, JoinRefused, ServerFault
from fake_daily_server.values.ids import new_call_client_id, new_uuid
from fake_daily_server.values.participants import Participant

logger = logging.getLogger("fake_daily_server.signalling")

LEAVING = (1000, 1001)
"""Codes of a close frame that say that the client is done: a normal closure, or a page that is left."""

MediaRequest = m.SetMediaRequest | m.AnswerMediaRequest | m.AddMediaCandidateRequest


class Connection:
    """One WebSocket: at most one participant of one room at a time. Requests are carried out in order."""

    def __init__(self, rooms: RoomStore, client_sessions: ClientSessions, room_name: str, socket: WebSocket) -> None:
        self._rooms = rooms
        self._client_sessions = client_sessions
        self._room_name = room_name
        self._socket = socket
        self.peer = None if socket.client is None else (socket.client.host, socket.client.port)
        self._call_client_id = new_call_client_id()
        self._outgoing: asyncio.Queue[tuple[str, int] | None] = asyncio.Queue()
        """Frames of JSON, with the number of the event or 0; None says that there are sound or pictures to take."""
        self._sound = ClientSound(lambda: self._outgoing.put_nowait(None))
        self._pictures = ClientPictures(lambda: self._outgoing.put_nowait(None))
        self._webrtc = ClientWebRtc(lambda news: self._send({"media": news}))
        self._client_session: ClientSession | None = None
        """In the room joined."""

    async def serve(self) -> None:
        """Answer frames until the socket is gone; then the participant leaves, unless its session can be resumed."""
        await self._socket.accept()
        writer = asyncio.create_task(self._write(), name=f"signalling to {self._call_client_id}")
        code = 0
        try:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    code = message["code"]
                    break
                if (data := message.get("bytes")) is None:
                    await self._answer(message["text"])
                else:
                    self._say(data)
        finally:
            if (client_session := self._client_session) is not None:
                if client_session.key is None or code in LEAVING:
                    await client_session.room.leave(client_session.session_id)
                else:
                    client_session.connection_lost()
            await self._webrtc.closed()
            writer.cancel()
            await asyncio.wait([writer])

    async def _write(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                if (frame := await self._outgoing.get()) is not None:
                    text, number = frame
                    await self._socket.send_text(text)
                    if number and self._client_session is not None:
                        self._client_session.sent = number
                    continue
                while (data := self._sound.take() or self._pictures.take()) is not None:
                    await self._socket.send_bytes(data)

    def _send(self, frame: Mapping[str, Any], number: int = 0) -> None:
        self._outgoing.put_nowait((json.dumps(frame, separators=(",", ":")), number))

    # --- for the client session ---

    def deliver(self, event: Event, number: int) -> None:
        """Something has happened in the room."""
        self._send({"event": {**event, "callClientId": self._call_client_id}}, number)
        self._webrtc.room_changed()
        self._pictures.arrange()

    def participant_left(self) -> None:
        """The participant is not in the room any more; the client may join again."""
        self._client_session = None
        self._sound.stop()
        self._pictures.stop()
        self._webrtc.stop()

    def detach(self) -> None:
        """The client session goes on without this connection, and without its sound and pictures."""
        if self._client_session is not None:
            self._sound.leave(self._client_session.room.media, self._client_session.session_id)
        self.participant_left()

    # --- requests ---

    def _say(self, data: bytes) -> None:
        try:
            (self._pictures.show if is_picture(data) else self._sound.say)(data)
        except DailyError as refused:
            self._refuse(None, refused)

    async def _answer(self, text: str) -> None:
        request_id: int | str | None = None
        try:
            frame = parsed(text)
            request_id = readable_id(frame)
            request = request_in(frame)
            self._record(request)
            result = await self._carry_out(request)
        except DailyError as refused:
            self._refuse(request_id, refused)
        except Exception as crash:
            logger.exception("signalling of room %s failed", self._room_name)
            self._refuse(request_id, ServerFault(f"the request failed here: {type(crash).__name__}: {crash}"))
        else:
            self._send({"id": request_id, "result": result})
            if isinstance(request, m.ResumeRequest) and self._client_session is not None:
                for number, event in self._client_session.missed_events():
                    self.deliver(event, number)

    def _refuse(self, request_id: int | str | None, refusal: DailyError) -> None:
        error = {"status": refusal.status, "error": refusal.error, "info": refusal.info}
        self._send({"id": request_id, "error": error})

    def _record(self, request: m.Request) -> None:
        params = request.params.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for secret in {"token", "key"} & params.keys():
            params[secret] = "…"
        if "sdp" in params:
            params["sdp"] = f"… ({len(params['sdp'])} characters)"
        who = None if self._client_session is None else self._joined(request.method)[1].user_name
        self._rooms.timeline.append(
            "client",
            client=who or self._call_client_id,
            room=self._room_name,
            method=request.method,
            params=params,
        )

    async def _carry_out(self, request: m.Request) -> dict[str, Any]:
        if isinstance(request, m.JoinRequest):
            return await self._join(request.params)
        if isinstance(request, m.ResumeRequest):
            return await self._resume(request.params)
        room, me = self._joined(request.method)
        match request:
            case m.LeaveRequest():
                room.send(me.session_id, {"action": "left-meeting"})
                await room.leave(me.session_id)
            case m.SetAudioRequest():
                return await self._set_audio(room, me.session_id, request.params)
            case m.SetVideoRequest():
                await self._set_video(room, me.session_id, request.params)
            case m.SetMediaRequest() | m.AnswerMediaRequest() | m.AddMediaCandidateRequest():
                await self._negotiate_media(room, me, request)
            case _ if isinstance(request, TelephonyRequest):
                return await ask_telephony(room, me, request)
            case _:
                return await ask_meeting(room, me, request)
        return {}

    async def _join(self, params: m.Join) -> dict[str, Any]:
        if self._client_session is not None:
            raise InvalidRequest("join: this connection has joined already; leave first")
        room = await self._settled_room()
        me = admit(
            room,
            self._rooms.settings,
            now=self._rooms.clock(),
            token=params.token,
            user_name=params.user_name,
            user_id=params.user_id,
            user_data=params.user_data,
        )
        client_session = ClientSession(
            self._client_sessions, room, me.session_id, self._call_client_id, self, resumable=params.reconnectable
        )
        session = await room.join(me, deliver=client_session.deliver, on_left=client_session.end)
        self._client_sessions.add(client_session)
        self._client_session = client_session
        result: dict[str, Any] = {
            "participants": room.participants_seen_by(me.session_id),
            "meetingSession": {"id": session.id},
            "callClientId": self._call_client_id,
        }
        if client_session.key is not None:
            result["reconnect"] = {
                "key": client_session.key,
                "withinMs": round(self._client_sessions.resumable_for_s * 1000),
            }
        return result

    async def _resume(self, wanted: m.Resume) -> dict[str, Any]:
        if self._client_session is not None:
            raise InvalidRequest("resume: this connection has joined; a new connection resumes a lost session")
        client_session = await self._client_sessions.find_resumable(self._room_name, wanted.session_id, wanted.key)
        client_session.resume(self, wanted.received)
        self._client_session = client_session
        self._call_client_id = client_session.call_client_id
        return everybody(client_session.room, client_session.session_id)

    async def _settled_room(self) -> Room:
        """The room, once the telephony has finished with its last session. Raises JoinRefused (no-room)."""
        room = self._rooms.find(self._room_name)
        if room is not None:
            await room.hooks_finished()
        if room is None or self._rooms.find(self._room_name) is not room:
            raise JoinRefused("no-room", f"room {self._room_name} not found")
        return room

    async def _set_audio(self, room: Room, session_id: str, wish: m.SetAudio) -> dict[str, Any]:
        await load()
        if self._client_session is None:
            return {}
        me = room.participants[session_id]
        if self._webrtc.open:
            raise InvalidRequest("setAudio: this client's sound goes over WebRTC; turn that off first with setMedia")
        tracks = {name: me.custom_audio.get(name) or new_uuid() for name in wish.tracks}
        self._sound.set(
            room.media,
            session_id,
            receive=wish.receive,
            participants=wish.participants,
            send=wish.send,
            tracks=tracks,
        )
        self._show(room, replace(me.with_own_tracks(audio=wish.send, video=me.video), custom_audio=tracks))
        return {"tracks": tracks} if tracks else {}

    async def _set_video(self, room: Room, session_id: str, wish: m.SetVideo) -> None:
        await client_pictures.load()
        if self._client_session is None:
            return
        me = room.participants[session_id]
        if self._webrtc.open:
            raise InvalidRequest("setVideo: this client's video goes over WebRTC; turn that off first with setMedia")
        self._pictures.set(room, session_id, receive=wish.receive, participants=wish.participants, send=wish.send)
        self._show(room, me.with_own_tracks(audio=me.audio, video=wish.send))

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
        if self._client_session is None:
            return
        me = room.participants[session_id]
        self._sound.leave(room.media, session_id)
        self._pictures.stop()
        tracks = {name: me.custom_audio.get(name) or new_uuid() for name in wish.tracks}
        self._webrtc.set(
            room,
            session_id,
            receive=wish.receive,
            receive_video=wish.receive_video,
            audio=wish.audio,
            video=wish.video,
            screen_video=wish.screen_video,
            tracks=tracks,
        )
        me = me.with_own_tracks(audio=wish.audio, video=wish.video)
        self._show(room, replace(me, custom_audio=tracks, screen=wish.screen_video))

    def _show(self, room: Room, me: Participant) -> None:
        if me != room.participants[me.session_id]:
            room.replace_participant(me)

    def _joined(self, method: str) -> tuple[Room, Participant]:
        if self._client_session is None:
            raise InvalidRequest(f"{method}: not in a call; join first")
        return self._client_session.room, self._client_session.room.participants[self._client_session.session_id]
