"""One WebSocket of a client: carries out the client's requests in order, and sends the events of the client's room."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi.websockets import WebSocket, WebSocketDisconnect

from fake_daily_server.domain.client_sessions import ClientSession, ClientSessions
from fake_daily_server.domain.join_admission import admit
from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.domain.roster import Event
from fake_daily_server.signalling import messages as m
from fake_daily_server.signalling.client_media import ClientMedia, MediaRequest
from fake_daily_server.signalling.event_faults import EventFaults
from fake_daily_server.signalling.faulty_delivery import FaultyDelivery
from fake_daily_server.signalling.outgoing_frames import MOST_UNSENT, Frame, OutgoingFrames
from fake_daily_server.signalling.request_parsing import parse_frame, parse_request, request_id_in
from fake_daily_server.signalling.room_requests import (
    TelephonyRequest,
    answer_meeting_request,
    answer_telephony_request,
    participants_result,
)
from fake_daily_server.values.errors import DailyError, InvalidRequest, JoinRefused, ServerFault
from fake_daily_server.values.ids import new_call_client_id
from fake_daily_server.values.participants import Participant

logger = logging.getLogger("fake_daily_server.signalling")

LEAVE_CODES = (1000, 1001)
"""Close codes (RFC 6455 §7.4.1) with which a client leaves: normal closure, and going away (a closed page)."""

SECRETS = {"token", "key"}
"""Parameters whose values are hidden on the timeline."""


class Connection:
    """One WebSocket, which belongs to at most one participant of one room at a time."""

    def __init__(
        self,
        rooms: RoomStore,
        client_sessions: ClientSessions,
        faults: EventFaults,
        room_name: str,
        socket: WebSocket,
    ) -> None:
        self._rooms = rooms
        self._client_sessions = client_sessions
        self._room_name = room_name
        self._socket = socket
        self.peer = None if socket.client is None else (socket.client.host, socket.client.port)
        self._call_client_id = new_call_client_id()
        self._outgoing = OutgoingFrames()
        self._delivery = FaultyDelivery(faults, rooms.timeline, self._send_event)
        self._media = ClientMedia(
            on_message=self._outgoing.put_binary, send=lambda content: self._send({"media": content})
        )
        self._client_session: ClientSession | None = None
        """The client's session in the room that it has joined; None before the join and after leaving."""

    async def serve(self) -> None:
        """Answer requests until the socket is closed; the participant then leaves, unless the client can resume.

        A client that does not read what it is sent loses its connection.
        """
        await self._socket.accept()
        writer = asyncio.create_task(self._write(), name=f"signalling to {self._call_client_id}")
        reader = asyncio.create_task(self._read(), name=f"signalling from {self._call_client_id}")
        overflow = asyncio.create_task(self._outgoing.overflowed.wait(), name="unsent frames")
        code = 0
        try:
            await asyncio.wait([reader, overflow], return_when=asyncio.FIRST_COMPLETED)
            if reader.done():
                code = reader.result()
            else:
                self._record_overflow()
        finally:
            reader.cancel()
            overflow.cancel()
            if (client_session := self._client_session) is not None:
                if client_session.key is None or code in LEAVE_CODES:
                    await client_session.room.leave(client_session.session_id)
                else:
                    client_session.connection_lost()
            await self._media.close()
            writer.cancel()
            await asyncio.wait([writer, reader, overflow])

    async def _read(self) -> int:
        """Answer requests until the socket is closed; return the close code."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                code: int = message["code"]
                return code
            if (data := message.get("bytes")) is None:
                await self._answer(message["text"])
            else:
                self._receive_media(data)

    async def _write(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                if (frame := await self._outgoing.get()) is not None:
                    await self._socket.send_text(frame.text)
                    if frame.number and self._client_session is not None:
                        self._client_session.sent = frame.number
                    continue
                for data in self._media.messages():
                    await self._socket.send_bytes(data)

    def _send(self, frame: Mapping[str, Any], number: int = 0) -> None:
        self._outgoing.put(Frame(json.dumps(frame, separators=(",", ":")), number))

    def _record_overflow(self) -> None:
        self._rooms.timeline.append(
            "client",
            client=self._user_name(),
            room=self._room_name,
            action="is disconnected",
            reason=f"it does not read: {MOST_UNSENT} bytes wait to be sent",
        )

    def _user_name(self) -> str:
        """The name of the participant, or the callClientId of a client that has not joined."""
        if self._client_session is None:
            return self._call_client_id
        participant = self._client_session.room.participants.get(self._client_session.session_id)
        return (participant and participant.user_name) or self._call_client_id

    # --- for the client session ---

    def deliver(self, event: Event, number: int) -> None:
        """Send an event of the room to the client, and update the media that the client receives."""
        session_id = self._client_session.session_id if self._client_session is not None else ""
        self._delivery.deliver(event, number, client=self._user_name(), session_id=session_id, room=self._room_name)
        self._media.update()

    def _send_event(self, event: Event, number: int) -> None:
        self._send({"event": {**event, "callClientId": self._call_client_id}}, number)

    def participant_left(self) -> None:
        """Forget the participant, which has left the room; the client may join again."""
        self._client_session = None
        self._media.leave()

    def detach(self) -> None:
        """Close the participant's media and forget the participant, which stays in the room without this connection."""
        self._client_session = None
        self._media.detach()

    # --- requests --------------------------------------------------------------------------------------------

    def _receive_media(self, data: bytes) -> None:
        try:
            self._media.receive(data)
        except DailyError as refusal:
            self._refuse(None, refusal)

    async def _answer(self, text: str) -> None:
        request_id: int | str | None = None
        frame: dict[str, Any] = {}
        try:
            frame = parse_frame(text)
            request_id = request_id_in(frame)
            request = parse_request(frame)
            self._record(request)
            result = await self._carry_out(request)
        except DailyError as refusal:
            self._record_refusal(frame.get("method"), refusal)
            self._refuse(request_id, refusal)
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
        """Record a request on the timeline, without secrets and long texts."""
        params = request.params.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for secret in SECRETS & params.keys():
            params[secret] = "…"
        if "sdp" in params:
            params["sdp"] = f"… ({len(params['sdp'])} characters)"
        self._rooms.timeline.append(
            "client",
            client=self._user_name(),
            room=self._room_name,
            method=request.method,
            params=params,
            **self._own_session(),
        )

    def _record_refusal(self, method: object, refusal: DailyError) -> None:
        self._rooms.timeline.append(
            "client",
            client=self._user_name(),
            room=self._room_name,
            method=str(method),
            refused=refusal.info,
            error=refusal.error,
            **self._own_session(),
        )

    def _own_session(self) -> dict[str, Any]:
        """The session id of the client as a field of records; nothing before it has joined."""
        return {} if self._client_session is None else {"by": self._client_session.session_id}

    async def _carry_out(self, request: m.Request) -> dict[str, Any]:
        if isinstance(request, m.JoinRequest):
            return await self._join(request.params)
        if isinstance(request, m.ResumeRequest):
            return await self._resume(request.params)
        room, me = self._joined(request.method)
        if isinstance(request, m.LeaveRequest):
            room.send(me.session_id, {"action": "left-meeting"})
            await room.leave(me.session_id)
            return {}
        if isinstance(request, MediaRequest):
            return await self._media.answer(request)
        if isinstance(request, TelephonyRequest):
            return await answer_telephony_request(room, me, request)
        return await answer_meeting_request(room, me, request)

    async def _join(self, params: m.Join) -> dict[str, Any]:
        if self._client_session is not None:
            raise InvalidRequest("join: this connection has already joined; leave first")
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
        self._begin(client_session)
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

    async def _resume(self, params: m.Resume) -> dict[str, Any]:
        if self._client_session is not None:
            raise InvalidRequest("resume: this connection has already joined; resume on a new connection")
        client_session = await self._client_sessions.find_resumable(self._room_name, params.session_id, params.key)
        client_session.resume(self, params.received)
        self._begin(client_session)
        self._call_client_id = client_session.call_client_id
        return participants_result(client_session.room, client_session.session_id)

    def _begin(self, client_session: ClientSession) -> None:
        self._client_session = client_session
        self._media.join(client_session.room, client_session.session_id)

    async def _settled_room(self) -> Room:
        """Return the room once telephony has finished with its previous session. Raises JoinRefused (no-room)."""
        room = self._rooms.find(self._room_name)
        if room is not None:
            await room.hooks_finished()
        if room is None or self._rooms.find(self._room_name) is not room:
            raise JoinRefused("no-room", f"room {self._room_name} not found")
        return room

    def _joined(self, method: str) -> tuple[Room, Participant]:
        if self._client_session is None:
            raise InvalidRequest(f"{method}: not in a call; join first")
        return self._client_session.room, self._client_session.room.participants[self._client_session.session_id]
