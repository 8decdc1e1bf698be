"""REST API and signalling of the server on a loopback port, with a telephony that only records requests."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
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
from fake_daily_server.telephony.events import DialOutEvents
from fake_daily_server.values.errors import NotFound
from fake_daily_server.values.ids import SipEndpoint, new_uuid
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
    """A telephony without SIP: connects dial-outs immediately, stops them on request, and records requests."""

    requests: list[tuple[str, Any]] = field(default_factory=list)
    """Pairs (verb, request), oldest first."""
    legs: dict[str, DialOutEvents] = field(default_factory=dict)

    async def start_dialout(self, room: Room, request: StartDialOut) -> str:
        session_id = new_uuid()
        self.requests.append(("start", request))
        leg = self.legs[session_id] = DialOutEvents(session_id, request.target)
        room.publish(leg.connected(session_id).payload())
        room.add_participant(Participant.telephony("pstn-dial-out", session_id, user_name=request.name))
        return session_id

    async def stop_dialout(self, room: Room, session_id: str) -> None:
        self.requests.append(("stop", session_id))
        if session_id not in room.participants:
            raise NotFound(f"no session {session_id}")
        room.remove_participant(session_id)
        room.publish(self.legs.pop(session_id).stopped(session_id).payload())

    async def send_dtmf(self, room: Room, request: SendDtmf) -> None:
        self.requests.append(("dtmf", request))

    async def sip_call_transfer(self, room: Room, request: SipCallTransfer) -> None:
        self.requests.append(("transfer", request))

    async def sip_refer(self, room: Room, request: SipRefer) -> None:
        self.requests.append(("refer", request))

    async def pinless_call_update(self, update: PinlessCallUpdate) -> None:
        self.requests.append(("update", update))

    async def eject(self, room: Room, session_id: str) -> None:
        self.requests.append(("eject", session_id))
        await self.stop_dialout(room, session_id)

    async def session_started(self, room: Room) -> None:
        self.requests.append(("started", room.name))
        await self.endpoints_opened(room, room.dialin.open_endpoints)

    async def endpoints_opened(self, room: Room, endpoints: Sequence[SipEndpoint]) -> None:
        for endpoint in endpoints:
            uri = endpoint.at("127.0.0.1:5060")
            room.publish({"action": "dialin-ready", "sipEndpoint": uri, "provider": "daily"})

    async def client_joined(self, room: Room, session_id: str) -> None:
        """Do nothing: clients that join later receive no `dialin-ready`."""

    async def room_closed(self, room: Room) -> None:
        """Do nothing: there are no held callers."""

    async def session_ended(self, room: Room) -> None:
        self.requests.append(("ended", room.name))
        for session_id in tuple(room.participants):
            await self.stop_dialout(room, session_id)


class MovableClock:
    """Unix time that a test can advance by setting `ahead`, in seconds, and can stop."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._stopped_at: float | None = None

    def stop(self) -> None:
        """From now on, only `ahead` moves the clock."""
        self._stopped_at = time.time()

    def __call__(self) -> float:
        return (time.time() if self._stopped_at is None else self._stopped_at) + self.ahead


@dataclass
class DailySide:
    """A running server, and an HTTP client with its API key."""

    site: Site
    telephony: RecordingTelephony
    clock: MovableClock
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
        """Create a client that has not joined; `token` contains the properties of the client's meeting token."""
        return Client(f"{self.url}/{room}", token=None if token is None else self.token(**token), **who)

    def cut_network(self, session_id: str, *, seconds: float = 0.0) -> None:
        """Cut a client's connection, like `FakeDaily.cut_network`."""
        if (peer := self.site.client_sessions.cut_network(session_id, seconds)) is not None:
            self.server.cut(peer)

    def owner(self, room: str = "demo", **who: Any) -> Client:
        return self.client(room, token={"room_name": room, "is_owner": True}, **who)


@asynccontextmanager
async def daily_side(**settings: Any) -> AsyncIterator[DailySide]:
    """Serve REST and signalling with these settings."""
    chosen = Settings(port=0, **settings)
    async with AsyncExitStack() as stack:
        server = stack.enter_context(HttpServer(chosen.host, chosen.port))
        url = f"http://{chosen.host}:{server.port}"
        clock, telephony = MovableClock(), RecordingTelephony()
        site = Site(chosen, Timeline(), base_url=url, sip_address="127.0.0.1:5060", telephony=telephony, now=clock)
        headers = {"Authorization": f"Bearer {chosen.api_key}"}
        await stack.enter_async_context(server.serving(create_app(site)))
        api = httpx.AsyncClient(base_url=f"{url}/v1", headers=headers, trust_env=False)
        await stack.enter_async_context(api)
        await api.get(f"{url}/no/room")  # the first request compiles the routes, which takes 60 ms
        yield DailySide(site, telephony, clock, api, url, server)
        await site.reset()
