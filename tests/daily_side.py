"""The Daily side of the server on a loopback port, with a stand-in for the telephony: no SIP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from fake_daily_server.app import create_app
from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.domain.tokens import TokenProperties, create_token
from fake_daily_server.handles.client import Client
from fake_daily_server.settings import Settings
from fake_daily_server.site import Site
from fake_daily_server.telephony.events import DialOutLeg
from fake_daily_server.values.errors import NotFound
from fake_daily_server.values.ids import new_uuid
from fake_daily_server.values.participants import Participant
from fake_daily_server.values.telephony_requests import (
    PinlessCallUpdate,
    SendDtmf,
    SipCallTransfer,
    SipRefer,
    StartDialOut,
)
from fake_daily_server.web.http_server import HttpServer
from simulator.timeline import Timeline


@dataclass
class RecordingTelephony:
    """Records requests and hooks in `asked`. Every dial-out is answered at once, and hung up on request."""

    asked: list[tuple[str, Any]] = field(default_factory=list)
    legs: dict[str, DialOutLeg] = field(default_factory=dict)

    async def start_dialout(self, room: Room, request: StartDialOut) -> str:
        session_id = new_uuid()
        self.asked.append(("start", request))
        leg = self.legs[session_id] = DialOutLeg(session_id, request.target)
        room.publish(leg.connected(session_id).payload())
        room.add_participant(Participant.telephony("pstn-dial-out", session_id, user_name=request.name))
        return session_id

    async def stop_dialout(self, room: Room, session_id: str) -> None:
        self.asked.append(("stop", session_id))
        if session_id not in room.participants:
            raise NotFound(f"no session {session_id}")
        room.remove_participant(session_id)
        room.publish(self.legs.pop(session_id).stopped(session_id).payload())

    async def send_dtmf(self, room: Room, request: SendDtmf) -> None:
        self.asked.append(("dtmf", request))

    async def sip_call_transfer(self, room: Room, request: SipCallTransfer) -> None:
        self.asked.append(("transfer", request))

    async def sip_refer(self, room: Room, request: SipRefer) -> None:
        self.asked.append(("refer", request))

    async def pinless_call_update(self, update: PinlessCallUpdate) -> None:
        self.asked.append(("update", update))

    async def eject(self, room: Room, session_id: str) -> None:
        self.asked.append(("eject", session_id))
        await self.stop_dialout(room, session_id)

    async def session_started(self, room: Room) -> None:
        self.asked.append(("started", room.name))
        for endpoint in room.sip_uris:
            room.publish({"action": "dialin-ready", "sipEndpoint": endpoint, "provider": "daily"})

    async def client_joined(self, room: Room, session_id: str) -> None:
        """Send nothing to late clients."""

    async def room_closed(self, room: Room) -> None:
        """Do nothing: no caller waits for a room."""

    async def session_ended(self, room: Room) -> None:
        self.asked.append(("ended", room.name))
        for session_id in tuple(room.participants):
            await self.stop_dialout(room, session_id)


class Clock:
    """Unix time that a test can move forward and back."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class DailySide:
    """A running server, and an HTTP client that sends its API key."""

    site: Site
    telephony: RecordingTelephony
    clock: Clock
    api: httpx.AsyncClient
    url: str
    server: HttpServer

    @property
    def store(self) -> RoomStore:
        return self.site.rooms

    @property
    def timeline(self) -> Timeline:
        return self.site.timeline

    def room(self, name: str = "demo", *, private: bool = False, **properties: Any) -> Room:
        return self.store.create(name, "private" if private else "public", properties)

    def token(self, **properties: Any) -> str:
        return create_token(TokenProperties(**properties), self.store.settings, now=self.clock())

    def client(self, room: str = "demo", *, token: Mapping[str, Any] | None = None, **who: Any) -> Client:
        """A client that has not joined yet; `token` holds the properties of its meeting token."""
        return Client(f"{self.url}/{room}", token=None if token is None else self.token(**token), **who)

    def cut_network(self, session_id: str, *, seconds: float = 0.0) -> None:
        """Cut the network of a client, as FakeDaily.cut_network does."""
        if (peer := self.site.client_sessions.cut_network(session_id, seconds)) is not None:
            self.server.cut(peer)

    def owner(self, room: str = "demo", **who: Any) -> Client:
        return self.client(room, token={"room_name": room, "is_owner": True}, **who)


@asynccontextmanager
async def daily_side(**settings: Any) -> AsyncIterator[DailySide]:
    """Serve REST and signalling with these settings."""
    chosen = Settings(port=0, **settings)
    server = HttpServer(chosen.host, chosen.port)
    url = f"http://{chosen.host}:{server.port}"
    clock, telephony = Clock(), RecordingTelephony()
    site = Site(chosen, Timeline(), base_url=url, sip_address="127.0.0.1:5060", telephony=telephony, now=clock)
    headers = {"Authorization": f"Bearer {chosen.api_key}"}
    async with (
        server.serving(create_app(site)),
        httpx.AsyncClient(base_url=f"{url}/v1", headers=headers, trust_env=False) as api,
    ):
        await api.get(f"{url}/no/room")  # the first request prepares the routes, which takes 60 ms
        yield DailySide(site, telephony, clock, api, url, server)
        await site.reset()
