"""`RemoteDaily`: a running server, with the methods of `FakeDaily` that work from outside its process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import httpx

from fake_daily_server.clients.remote.remote_phones import RemoteNetwork
from fake_daily_server.clients.remote.remote_room import RemoteRoom
from fake_daily_server.clients.remote.server_http import ServerHttp
from fake_daily_server.handles.client import Client
from fake_daily_server.handles.event_waits import EventWaits
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import DailyError
from simulator.errors import ConfigurationError
from simulator.owner_loop import on_owner_loop
from simulator.timeline import Timeline

_POLL_MS = 2_000


class RemoteDaily(EventWaits):
    """`async with RemoteDaily(url, api_key) as daily:` uses the server at `url`, which it resets.

    `timeline` is a copy of the server's, which arrives some milliseconds later. What exists only in the server's own
    process, such as `site` or `capture`, is not here. Raises ConfigurationError if no fake Daily answers.
    """

    def __init__(self, url: str, api_key: str) -> None:
        super().__init__()
        self.timeline = Timeline()
        self.url = url.rstrip("/").removesuffix("/v1")
        self.api_key = api_key
        self._joined: list[Client] = []
        self._receivers: list[WebhookReceiver] = []
        self._seq = 0
        """`seq` of the newest record of the server that is in `timeline`, or was removed by a reset."""

    async def __aenter__(self) -> RemoteDaily:
        self.http = ServerHttp(self.url, self.api_key)
        self.owner_loop = self.http.owner_loop
        try:
            await self.http.request("GET", "/_sim/clock")
            domain = await self.http.request("GET", "/v1/")
            probe = await self.http.request("POST", "/v1/rooms", json={"properties": {"sip": {"sip_mode": "dial-in"}}})
        except (httpx.HTTPError, ValueError, DailyError) as failure:
            await self.http.close()
            wanted = (
                "the address of a fake Daily that runs, as `daily-sim serve` prints it, with its key in DAILY_API_KEY"
            )
            raise ConfigurationError("--daily-server", self.url, f"{wanted} ({failure})") from None
        self.settings = Settings(api_key=self.api_key, domain=domain["domain_name"], domain_id=domain["domain_id"])
        endpoint = probe["config"]["sip_uri"]["endpoint"]
        self.network = RemoteNetwork(self.http, str(endpoint).rpartition("@")[2])
        self._following = asyncio.create_task(self._follow_timeline())
        await self.reset()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close_handles()
        self._following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._following
        await self.http.close()

    async def _follow_timeline(self) -> None:
        while True:
            found = await self.http.request("GET", "/_sim/timeline", params={"after": self._seq, "wait_ms": _POLL_MS})
            for record in found["records"]:
                seq, kind, _ = record.pop("seq"), record.pop("kind"), record.pop("at")
                if seq > self._seq:  # else it is from before a reset
                    self._seq = seq
                    self.timeline.append(kind, **record)

    @property
    def api_url(self) -> str:
        """Base of the REST API, for the environment variable `DAILY_API_URL`."""
        return f"{self.url}/v1"

    @property
    def domain(self) -> str:
        """Name of the domain that the API key belongs to."""
        return self.settings.domain

    @property
    def sip(self) -> str:
        """The SIP address of dial-in endpoints and phones, `sip:host:port`, for UDP and TCP."""
        return f"sip:{self.network.address}"

    @property
    def clients(self) -> list[Client]:
        """The clients created by `join` that are in a room now."""
        return [client for client in self._joined if client.joined]

    async def create_room(self, name: str | None = None, *, privacy: str = "public", **properties: Any) -> RemoteRoom:
        """Create a room with Daily's room properties. Raises the DailyError with which the REST API would answer.

        Unlike that, it refuses a property that Daily does not document.
        """
        body = {"privacy": privacy, "properties": properties, **({"name": name} if name else {})}
        room = await self.http.request("POST", "/_sim/rooms", json=body)
        return RemoteRoom(self.http, room["name"], room["url"], self.settings)

    @on_owner_loop
    async def join(
        self, room: RemoteRoom | str, *, user_name: str = "client", owner: bool = True, user_id: str | None = None
    ) -> Client:
        """Join a room (handle or name) as a client over WebSocket, by default with an owner's meeting token."""
        handle = RemoteRoom(self.http, room, f"{self.url}/{room}", self.settings) if isinstance(room, str) else room
        client = Client(
            handle.url,
            token=handle.token(is_owner=owner, user_name=user_name, user_id=user_id),
            explain=lambda names: self.why_missing(names, handle.name),
        )
        await client.join()
        self._joined.append(client)
        return client

    async def wait_until_empty(self, room: RemoteRoom | str, *, within: float = 5) -> None:
        """Wait until a room has no participants except calls. Raises ExpectationFailed."""
        name = room.name if isinstance(room, RemoteRoom) else room
        body = {"within_ms": round(within * 1000)}
        await self.http.request("POST", f"/_sim/rooms/{name}/wait-until-empty", json=body)

    async def cut_network(self, client: Any, *, seconds: float = 1.0) -> None:
        """Break the connection of a client (handle or session id), and keep its network down for `seconds`."""
        session_id = client if isinstance(client, str) else client.session_id
        body = {"down_ms": round(seconds * 1000)}
        await self.http.request("POST", f"/_sim/clients/{session_id}/network", json=body)

    async def fail_dialouts(self, cause: str = "process error, Channel closed", *, count: int = 1) -> None:
        """Let the next `count` dial-outs be accepted and then fail before they have a session."""
        await self.http.request("POST", "/_sim/dialouts/fail", json={"cause": cause, "count": count})

    async def advance_clock(self, seconds: float) -> float:
        """Move the clock of tokens, rooms, ejections and webhooks forward; return its time in unix seconds."""
        return float((await self.http.request("POST", "/_sim/clock", json={"advance_s": seconds}))["now"])

    @on_owner_loop
    async def receive_webhooks(
        self, event_types: Sequence[str] = (), *, retry_type: str = "circuit-breaker"
    ) -> WebhookReceiver:
        """Start an HTTP server here, and subscribe it to these event types (by default all) until the next reset."""
        receiver = await WebhookReceiver().__aenter__()
        self._receivers.append(receiver)
        wanted = {"url": receiver.url, "hmac": receiver.hmac, "retryType": retry_type, "eventTypes": list(event_types)}
        receiver.uuid = (await self.http.request("POST", "/v1/webhooks", json=wanted))["uuid"]
        return receiver

    @on_owner_loop
    async def reset(self) -> None:
        """End all calls; remove rooms, webhooks, phones and timeline records of the server."""
        await self._close_handles()
        self._seq = (await self.http.request("POST", "/_sim/reset"))["seq"]
        self._forget_events()

    async def why_missing(self, names: Sequence[str], room: str | None = None) -> str | None:
        """Why events of these names have not come in a room (None: in any), as far as the server knows."""
        wanted = {"event": list(names), **({} if room is None else {"room": room})}
        try:
            answer = await self.http.request("GET", "/_sim/why-missing", params=wanted)
        except httpx.HTTPError as lost:
            return f"the server at {self.url} does not answer any more: {lost}"
        because: str | None = answer["because"]
        return because

    async def _close_handles(self) -> None:
        receivers, self._receivers = self._receivers, []
        for receiver in receivers:
            await receiver.close()
        clients, self._joined = self._joined, []
        await asyncio.gather(*(client.close() for client in clients))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a server that runs elsewhere has no {name!r}; without --daily-server it may have")
