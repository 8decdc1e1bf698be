"""`FakeDaily`: a fake of Daily on this machine, with REST, signalling and telephony over real SIP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol
from weakref import WeakSet

from fake_daily_server.domain.room import Privacy, Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.handles.client import Client
from fake_daily_server.handles.dialin_reasons import why_not_ready
from fake_daily_server.handles.ended_reasons import why_not_ended
from fake_daily_server.handles.event_waits import EventWaits
from fake_daily_server.handles.events import call_ids
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.media.phone_talks import PhoneTalks
from fake_daily_server.running_site import RunningSite
from fake_daily_server.settings import Settings, tls_of
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.room_properties import check_property_names
from fake_daily_server.values.validation import unknown_name
from fake_daily_server.webhooks.event_types import EVENT_TYPES, EventType
from fake_daily_server.webhooks.retry import RetryType
from fake_daily_server.webhooks.store import Subscription
from simulator.capture import Capture
from simulator.errors import ExpectationFailed, SimulatorError
from simulator.gateway import Gateway
from simulator.made_at import made_at
from simulator.network import Network
from simulator.owner_loop import on_owner_loop
from simulator.timeline import Timeline

START_HINT = "No server was started; `daily-sim doctor` examines this machine: Python, PJSIP, ports, limits"
"""The note of errors that occur while a server starts."""


class Participant(Protocol):
    """A client handle: `Client` or its blocking form."""

    @property
    def session_id(self) -> str:
        """The session id of the client's latest join."""


class FakeDaily(EventWaits):
    """A fake Daily: `async with FakeDaily() as daily:` serves REST at `daily.api_url` and accepts SIP at `daily.sip`.

    `network` is its telephone network with all phones; `timeline` records everything that happens. The async methods
    can be awaited on any loop.
    """

    def __init__(self, settings: Settings | None = None, *, listener: socket.socket | None = None) -> None:
        """`listener` is a bound TCP socket for HTTP, for callers that need its address before the server starts."""
        self.settings: Settings = settings or Settings(port=0, sip_port=0)
        super().__init__()
        self._start_settings = self.settings
        self._listener = listener
        self.timeline: Timeline = Timeline(keep=self.settings.timeline_records)
        self.network: Network = Network(
            host=self.settings.host,
            sip_port=self.settings.sip_port,
            allow_hosts=self.settings.allow_hosts,
            public_address=self.settings.public_address,
            rtp_relay=self.settings.rtp_relay,
            symmetric_rtp=self.settings.symmetric_rtp,
            sip_timers=self.settings.sip_timers,
            rtp_timeout=self.settings.rtp_timeout,
            personas=self.settings.personas,
            voice=self.settings.voice,
            transcriber=self.settings.transcriber,
            tls=tls_of(self.settings),
            timeline=self.timeline,
        )
        self.talks = PhoneTalks(self.timeline)
        """The browsers whose microphones are connected to calls of phones."""
        self._running = RunningSite(self)
        self._joined: list[Client] = []
        self._left: WeakSet[Client] = WeakSet()  # they are let go unless somebody holds them, to join again
        self._receivers: list[WebhookReceiver] = []
        self._stack = AsyncExitStack()
        self.ending = False
        """Whether the server is closing; a response that goes on until then ends."""

    async def __aenter__(self) -> FakeDaily:
        try:
            await self._start()
        except (SimulatorError, OSError, TimeoutError) as failure:
            failure.add_note(START_HINT)
            raise
        return self

    async def _start(self) -> None:
        async with AsyncExitStack() as starting:
            await starting.enter_async_context(self.network)
            self.owner_loop = self.network.owner_loop
            # This import and those of `RunningSite.build` take 0.2 s, in which the fork server imports PJSIP.
            from fake_daily_server.web.http_server import HttpServer  # noqa: PLC0415

            server = HttpServer(self.settings.host, self.settings.port, listener=self._listener)
            self._http = starting.enter_context(server)
            self._running.reset_connection = self._http.reset
            self.gateway = Gateway(
                self.network,
                on_incoming=self._running.take_call,
                workers=self.settings.gateway_workers,
                most=self.settings.most_gateway_workers,
            )
            """Daily's side of SIP calls."""
            self.site = self._running.build()
            """The domain with its rooms, numbers and webhooks."""
            starting.push_async_callback(self._running.close)
            await starting.enter_async_context(self.gateway)
            await starting.enter_async_context(self._http.serving(self._running.respond))
            self._stack = starting.pop_all()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ending = True
        await self._close_handles()
        await self._stack.__aexit__(kind, error, trace)

    # --- addresses -------------------------------------------------------------------------------------------

    @property
    def clients(self) -> list[Client]:
        """The clients created by `join` that are in a room now."""
        return [client for client in (*self._joined, *self._left) if client.joined]

    @property
    def url(self) -> str:
        """The base of room URLs, `http://host:port`; the URL of a room is `<url>/<room name>`."""
        return f"http://{self.settings.public_address or self.settings.host}:{self._http.port}"

    @property
    def api_url(self) -> str:
        """Base of the REST API, for the environment variable `DAILY_API_URL`."""
        return f"{self.url}/v1"

    @property
    def api_key(self) -> str:
        """The API key, for the environment variable `DAILY_API_KEY`."""
        return self.settings.api_key

    @property
    def domain(self) -> str:
        """Name of the domain that the API key belongs to."""
        return self.settings.domain

    @property
    def sip(self) -> str:
        """The SIP address of dial-in endpoints and phones, `sip:host:port`, for UDP and TCP."""
        return f"sip:{self.network.public_address}"

    @property
    def sip_tls(self) -> str | None:
        """The SIP address for TLS, `sip:host:port;transport=tls`; None without the setting `sip_tls_port`."""
        tls = self.network.front_door.tls.address
        port = None if tls is None else tls.rpartition(":")[2]
        return None if port is None else f"sip:{self.network.public_address.rpartition(':')[0]}:{port};transport=tls"

    @property
    def sip_tls_certificate(self) -> Path | None:
        """The PEM file by which peers can verify the certificate of `sip_tls`; None without TLS."""
        return self.network.front_door.tls.certificate

    @property
    def rooms(self) -> RoomStore:
        """The rooms of the domain."""
        return self.site.rooms

    @property
    def webhook_deliveries(self) -> list[dict[str, Any]]:
        """The latest requests to webhooks, oldest first: webhook, type, id, attempt, status, error, ms and more."""
        return [delivery.as_dict() for delivery in self.site.webhooks.deliveries]

    # --- methods for tests -----------------------------------------------------------------------------------

    async def create_room(
        self, name: str | None = None, *, privacy: Privacy = "public", **properties: Any
    ) -> RoomHandle:
        """Create a room with Daily's room properties, such as `enable_dialout=True` or `sip={…}`.

        Raises the DailyError with which the REST API would answer. Unlike that, it refuses a property that Daily does
        not document, whatever the setting `unknown_properties` says.
        """
        return await self.owner_loop.run(self._create_room(name, privacy, properties))

    async def _create_room(self, name: str | None, privacy: Privacy, properties: dict[str, Any]) -> RoomHandle:
        check_property_names(properties)
        return self._handle(self.rooms.create(name, privacy, properties))

    @on_owner_loop
    async def join(
        self,
        room: RoomHandle | str,
        *,
        user_name: str = "client",
        owner: bool = True,
        user_id: str | None = None,
    ) -> Client:
        """Join a room (handle or name) as a client over WebSocket, by default with an owner's meeting token."""
        wanted = self.rooms.get(room if isinstance(room, str) else room.name)
        handle = self._handle(wanted)
        client = Client(
            f"http://{self.settings.host}:{self._http.port}/{wanted.name}",  # others may reach the public address only
            token=handle.token(is_owner=owner, user_name=user_name, user_id=user_id),
            explain=lambda names: self.why_missing(names, wanted.name),
            owner_loop=self.owner_loop,
            speech=self.network.audio.speech,
        )
        client.made_at = made_at()
        await client.join()
        self._left.update(known for known in self._joined if not known.joined)
        self._joined = [*(known for known in self._joined if known.joined), client]
        return client

    @on_owner_loop
    async def cut_network(self, client: Participant | str, *, seconds: float = 1.0) -> None:
        """Break the connection of a client (handle or session id), and keep its network down for `seconds`.

        A client that joined as `reconnectable` stays in the room and can resume its session afterwards; any other
        client leaves. Raises NotFound if no client in a room has this session id.
        """
        session_id = client if isinstance(client, str) else client.session_id
        peer = self.site.client_sessions.cut_network(session_id, seconds)
        if peer is not None:
            self._http.cut(peer)

    def explanation(self) -> str | None:
        """Why calls are not answered, or what they wait for; None when nothing is known. For waits that fail."""
        return self._why_unanswered(None)

    def _why_unanswered(self, room: str | None) -> str | None:
        """The same, without the calls of other rooms than this one (None: of all rooms)."""
        elsewhere = set() if room is None else call_ids(self.timeline.records(kind="event"), without=room)
        phones = self.network.explanation(without=elsewhere)
        return "; ".join(filter(None, (phones, self.gateway.explanation()))) or None

    @on_owner_loop
    async def fail_dialouts(self, cause: str = "process error, Channel closed", *, count: int = 1) -> None:
        """Let the next `count` dial-outs be accepted and then fail before they have a session.

        Clients receive `dialout-error` with this cause and without `sessionId`, and no INVITE is sent. The default is
        the cause in the sample of Daily's page on telephony events. 0 takes back what is left.
        """
        self._running.telephony.fail_dialouts(cause, count)

    @on_owner_loop
    async def wait_until_empty(self, room: RoomHandle | str, *, within: float = 5) -> None:
        """Wait until a room has no participants except calls, as after a bot has left. Raises ExpectationFailed."""
        handle = room if isinstance(room, RoomHandle) else self._handle(self.rooms.get(room))

        def others() -> list[str]:
            participants = handle.participants.items()
            return [f"{who['user_name']!r} ({id_})" for id_, who in participants if "participantType" not in who]

        if await self.timeline.until(lambda: None if others() else True, within=within) is None:
            seen = (record for record in self.timeline.records() if record.kind != "flow")
            of_room = [str(record) for record in seen if record.fields.get("room") == handle.name]
            raise ExpectationFailed(
                f"room {handle.name} has no participants except calls  within {within:g} s",
                nearest=f"in the room: {', '.join(others())}",
                happened=of_room[-12:],
            )

    def capture(self, path: str | Path, *, append: bool = False, title: str = "") -> Capture:
        """Write SIP, RTP and RTCP of all calls to a pcapng file: `async with daily.capture("call.pcapng"):`.

        Synchronous tests use `with`. With `append`, a section is added to an existing file; `title` is the section's
        comment.
        """
        return self.network.capture(path, append=append, title=title)

    @on_owner_loop
    async def receive_webhooks(
        self, event_types: Sequence[EventType] = (), *, retry_type: RetryType = "circuit-breaker"
    ) -> WebhookReceiver:
        """Start an HTTP server, and subscribe it to these event types (by default all) until the next reset.

        Raises InvalidRequest for an event type that Daily does not have.
        """
        for event_type in event_types:
            if event_type not in EVENT_TYPES:
                raise InvalidRequest(unknown_name("event type", event_type, EVENT_TYPES))
        receiver = await WebhookReceiver(owner_loop=self.owner_loop).__aenter__()
        self._receivers.append(receiver)
        wanted = Subscription(
            receiver.url, receiver.hmac, retry_type=retry_type, event_types=tuple(event_types) or EVENT_TYPES
        )
        receiver.uuid = (await self.site.webhooks.create(wanted)).uuid
        return receiver

    @on_owner_loop
    async def advance_clock(self, seconds: float) -> float:
        """Move the clock of tokens, rooms, ejections and webhooks forward; return its time in unix seconds.

        Whatever becomes due happens at once. Webhook requests under way are completed first, so that their
        retries become due, too. SIP, RTP and the timers of calls stay in real time.
        """
        await self.site.webhooks.finish_attempts()
        self.site.clock.advance(seconds)
        return self.site.clock()

    @on_owner_loop
    async def reset(self, /, **settings: Any) -> None:
        """End all calls; remove rooms, webhooks, phones and timeline records. Addresses, API key and workers remain.

        The settings are those of the start, with changes until the next reset: `await daily.reset(ring_timeout=5)`.
        Raises ConfigurationError for unknown settings, invalid values, and those that are fixed at the start.
        """
        wanted = self._start_settings.changed(settings)
        with self.gateway.closed():
            await self._close_handles()
            await self.fail_dialouts(count=0)
            await self.gateway.reset()
            await self.network.reset()
        if wanted != self.settings:
            await self._running.close()
            self.settings = wanted
            self.site = self._running.build()
        self._forget_events()
        self.network.front_door.recent.clear()

    @on_owner_loop
    async def why_missing(self, names: Sequence[str], room: str | None = None) -> str | None:
        """Why events of these names have not come in a room (None: in any), as far as the fake Daily knows.

        Reasons are the phones, the requests to call them, calls that are still up, and the room's SIP endpoints.
        """
        found = [self.rooms.find(room)] if room is not None else [*self.rooms.rooms.values()]
        known = (
            why_not_ready(names, filter(None, found))
            or why_not_ended(names, self.timeline.records(kind="event"), room)
            or self._why_unanswered(room)
        )
        if known is not None or not any(name.startswith("dialout-") for name in names):
            return known
        return self.network.why_not_called()

    def _handle(self, room: Room) -> RoomHandle:
        return RoomHandle(room, self.settings, self.site.clock)

    async def _close_handles(self) -> None:
        await self.talks.close()
        await self.site.webhooks.clear()
        receivers, self._receivers = self._receivers, []
        for receiver in receivers:
            await receiver.close()
        await self._running.telephony.stop_all()
        clients, self._joined = [*self._joined, *self._left], []
        await asyncio.gather(*(client.close() for client in clients))
        await self.site.reset()
