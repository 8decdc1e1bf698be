"""Handles for plain tests: the same verbs, blocking. Written by simulator/sync_forms.py; do not edit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, overload

from fake_daily_server.domain.room import Privacy
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.handles.client import Client
from fake_daily_server.handles.events import Events
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.handles.webhook_receiver import Post, WebhookReceiver
from fake_daily_server.server import FakeDaily, Participant
from fake_daily_server.settings import Settings
from fake_daily_server.webhooks.event_types import EventType
from fake_daily_server.webhooks.retry import RetryType
from simulator.audio.party import AnyParty
from simulator.capture import Capture
from simulator.home import Home
from simulator.sync import SyncNetwork
from simulator.timeline import Timeline


class SyncClient:
    """One participant. `async with` joins and leaves, as `join` and `leave` do."""

    def __init__(self, handle: Client) -> None:
        self.handle = handle
        """The async form."""
        self._home: Home = handle.home

    def __repr__(self) -> str:
        return repr(self.handle)

    @property
    def room_url(self) -> str:
        return self.handle.room_url

    @property
    def call_client_id(self) -> str:
        return self.handle.call_client_id

    @property
    def session_id(self) -> str:
        """The session id of the latest join; it is kept after leaving."""
        return self.handle.session_id

    @property
    def meeting_session_id(self) -> str:
        return self.handle.meeting_session_id

    @property
    def participants(self) -> dict[str, dict[str, Any]]:
        """`participants()` of daily-js: this client under `local`, the others by session id."""
        return self.handle.participants

    @property
    def tracks(self) -> dict[str, str]:
        """The ids of its named audio tracks, by name."""
        return self.handle.tracks

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events received so far, oldest first."""
        return self.handle.events

    @property
    def joined(self) -> bool:
        """Whether the client is in the room now."""
        return self.handle.joined

    def join(self) -> dict[str, Any]:
        """Connect and join; return `{participants, meetingSession, callClientId}`.

        Raises DailyError when refused; `error` is exp-room, nbf-token, meeting-full, not-allowed, no-room, …
        """
        return self._home.call(self.handle.join())

    def leave(self) -> None:
        """Leave the room and close the connection. Does nothing when it is closed already."""
        self._home.call(self.handle.leave())

    def start_dialout(self, settings: Mapping[str, Any] | None = None, **more: Any) -> str:
        """`startDialOut` with `sipUri` or `phoneNumber` and Daily's options. Returns the session id of the call."""
        return self._home.call(self.handle.start_dialout(settings, **more))

    def stop_dialout(self, session_id: str) -> None:
        """`stopDialOut`: hang up a dial-out."""
        self._home.call(self.handle.stop_dialout(session_id))

    def send_dtmf(self, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """`sendDTMF` with `sessionId`, `tones`, and optionally `method` and `digitDurationMs`."""
        self._home.call(self.handle.send_dtmf(settings, **more))

    def sip_call_transfer(self, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """`sipCallTransfer` with `sessionId`, `toEndPoint` (`sip:…` or `+…`), and Daily's options for numbers."""
        self._home.call(self.handle.sip_call_transfer(settings, **more))

    def sip_refer(self, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """`sipRefer` with `sessionId` and `toEndPoint` (`sip:…`)."""
        self._home.call(self.handle.sip_refer(settings, **more))

    def send_app_message(self, data: Any, to: str | Sequence[str] = "*") -> None:
        """Send JSON to all others, to one session id, or to several."""
        self._home.call(self.handle.send_app_message(data, to))

    def set_user_name(self, user_name: str) -> None:
        """Change the name that others see."""
        self._home.call(self.handle.set_user_name(user_name))

    def update_participant(
        self,
        session_id: str,
        *,
        permissions: Mapping[str, Any] | None = None,
        eject: bool = False,
        audio: bool | None = None,
    ) -> None:
        """Change a participant's permissions, eject it (a call is hung up), or mute it and unmute it."""
        self._home.call(self.handle.update_participant(session_id, permissions=permissions, eject=eject, audio=audio))

    def eject(self, session_id: str) -> None:
        """Eject a participant; a call is hung up."""
        self._home.call(self.handle.eject(session_id))

    def participant_counts(self) -> dict[str, int]:
        """Request `{present, hidden}`, the numbers of participants."""
        return self._home.call(self.handle.participant_counts())

    def set_audio(
        self,
        receive: Literal["mix", "participants", "off"] = "mix",
        *,
        send: bool = True,
        participants: Sequence[str] | None = None,
        tracks: Sequence[str] = (),
    ) -> None:
        """Take part in the room's sound, which is off after joining.

        `receive` is the `mix` of all others, each of the `participants` by itself (all, or the session ids given),
        or `off`. With `send` the client may speak, and the others see its microphone on. `tracks` are names of further
        audio tracks that it sends.
        """
        self._home.call(self.handle.set_audio(receive, send=send, participants=participants, tracks=tracks))

    def write_audio(self, pcm: bytes | bytearray | memoryview, *, track: str | None = None) -> None:
        """Say 16-bit mono PCM at 16 kHz, little-endian (`samples.tobytes()` of a numpy array of int16).

        It goes to the microphone, or to the named `track`.

        Takes as long as saying it does, but for the last 60 ms. Fills up the last 20 ms with silence. Needs
        `set_audio(send=True)`, or the server answers every frame with an error that nobody sees.
        """
        self._home.call(self.handle.write_audio(pcm, track=track))

    def read_audio(self, seconds: float, session_id: str | None = None) -> bytes:
        """What is heard in the next `seconds`: 16-bit mono PCM at 16 kHz, of the mix or of one participant.

        Raises ConfigurationError when that is not received, and ExpectationFailed when it does not come in time.
        """
        return self._home.call(self.handle.read_audio(seconds, session_id))

    def say(self, what: str | float, *, dbfs: float = -20) -> None:
        """Talk: a stand-in for a text, as long as saying it takes, or so many seconds of babble."""
        self._home.call(self.handle.say(what, dbfs=dbfs))

    def hum(self, hz: float, *, seconds: float | None = None, dbfs: float = -20) -> None:
        """A tone, for so many seconds or until something else is said."""
        self._home.call(self.handle.hum(hz, seconds=seconds, dbfs=dbfs))

    def play(self, path: str | Path) -> None:
        """Say what a WAV file has (16-bit PCM, any rate). ConfigurationError when it cannot be read."""
        self._home.call(self.handle.play(path))

    def hush(self) -> None:
        """Stop what `say`, `hum` and `play` began, and forget what waits."""
        self._home.call(self.handle.hush())

    def finish_talking(self, *, within: float = 30) -> None:
        """Return when all was said."""
        self._home.call(self.handle.finish_talking(within=within))

    def listen(self) -> None:
        """Begin to keep what is heard; every other verb of sound does so by itself."""
        self._home.call(self.handle.listen())

    def expect_tone(self, hz: float, *, within: float = 5) -> None:
        """A tone is heard for 0.3 s, from now on, alone or among others."""
        self._home.call(self.handle.expect_tone(hz, within=within))

    def expect_tones(self, frequencies: Collection[float], *, within: float = 5) -> None:
        """Exactly these tones are heard at once for 0.3 s, from now on: none of them is missing, none is more."""
        self._home.call(self.handle.expect_tones(frequencies, within=within))

    def expect_silence(self, seconds: float = 1, *, within: float | None = None, below_dbfs: float = -50) -> None:
        """For so many seconds on end nothing is heard; they begin within 3 s when `within` is left out."""
        self._home.call(self.handle.expect_silence(seconds, within=within, below_dbfs=below_dbfs))

    def expect_speech(self, *, within: float = 5) -> None:
        """Somebody is heard to talk, from now on."""
        self._home.call(self.handle.expect_speech(within=within))

    def expect_in_band_digits(self, digits: str, *, within: float = 5) -> None:
        """The next keys heard as tones are these; what was heard since the first verb of sound counts."""
        self._home.call(self.handle.expect_in_band_digits(digits, within=within))

    def expect_latency(self, to: AnyParty, *, at_most_ms: float | None = None, within: float = 5) -> float:
        """Milliseconds from this mouth to the ear of `to`, a phone's call or a client, by chirps; at most so many."""
        return self._home.call(self.handle.expect_latency(to, at_most_ms=at_most_ms, within=within))

    def request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Send any request of the protocol and return its result."""
        return self._home.call(self.handle.request(method, params))

    @overload
    def wait_for(self, wanted: str, *, where: Mapping[str, Any] | None = None, within: float = 5) -> dict[str, Any]: ...

    @overload
    def wait_for(
        self, wanted: list[str] | tuple[str, ...], *, where: Mapping[str, Any] | None = None, within: float = 5
    ) -> list[dict[str, Any]]: ...

    def wait_for(
        self, wanted: str | list[str] | tuple[str, ...], *, where: Mapping[str, Any] | None = None, within: float = 5
    ) -> Any:
        """The event named `wanted`, or the events of these names in this order, within so many seconds.

        Events that came before the call count too, but each is handed out once: a second wait for the same
        name gets the next one. `where` compares fields (`"participant.user_name"` reaches inside) with a value,
        a compiled pattern or a predicate. Raises ExpectationFailed, at once when the connection is gone, and
        ConfigurationError for a name that no event has.
        """
        return self._home.call(self.handle.wait_for(wanted, where=where, within=within))

    def close(self) -> None:
        """Close the connection without leaving first; the server then removes the participant."""
        self._home.call(self.handle.close())


class SyncFakeDaily:
    """`async with FakeDaily() as daily:` serves REST at `daily.api_url` and accepts SIP at `daily.sip`."""

    def __init__(self, handle: FakeDaily) -> None:
        self.handle = handle
        """The async form."""
        self._home: Home = handle.home

    def __repr__(self) -> str:
        return repr(self.handle)

    @property
    def settings(self) -> Settings:
        return self.handle.settings

    @property
    def timeline(self) -> Timeline:
        return self.handle.timeline

    @property
    def network(self) -> SyncNetwork:
        return SyncNetwork(self.handle.network)

    @property
    def clients(self) -> list[SyncClient]:
        """The clients made by `join` that are in their rooms now."""
        return [SyncClient(each) for each in self.handle.clients]

    @property
    def url(self) -> str:
        """Base of room URLs, `http://host:port`; a room's URL is this and its name."""
        return self.handle.url

    @property
    def api_url(self) -> str:
        """Base of the REST API, for the environment variable `DAILY_API_URL`."""
        return self.handle.api_url

    @property
    def api_key(self) -> str:
        """The API key, for the environment variable `DAILY_API_KEY`."""
        return self.handle.api_key

    @property
    def domain(self) -> str:
        """Name of the domain that the API key belongs to."""
        return self.handle.domain

    @property
    def sip(self) -> str:
        """The SIP address of dial-in endpoints and phones, `sip:host:port`, for UDP and TCP."""
        return self.handle.sip

    @property
    def rooms(self) -> RoomStore:
        """The rooms of the domain."""
        return self.handle.rooms

    @property
    def webhook_deliveries(self) -> list[dict[str, Any]]:
        """Every request to a webhook, oldest first, with webhook, type, id, attempt, status or error, and ms."""
        return self.handle.webhook_deliveries

    def create_room(self, name: str | None = None, *, privacy: Privacy = "public", **properties: Any) -> RoomHandle:
        """Create a room with Daily's room properties, such as `enable_dialout=True` or `sip={…}`.

        Raises DailyError with the error that the REST API would answer.
        """
        return self._home.call(self.handle.create_room(name, privacy=privacy, **properties))

    def join(
        self, room: RoomHandle | str, *, user_name: str = "client", owner: bool = True, user_id: str | None = None
    ) -> SyncClient:
        """Join a room, given by handle or name, as a client over WebSocket; by default with an owner's token."""
        return SyncClient(self._home.call(self.handle.join(room, user_name=user_name, owner=owner, user_id=user_id)))

    def cut_network(self, client: Participant | str, *, seconds: float = 1.0) -> None:
        """Break the connection of a client, given by handle or session id, and keep its network down for `seconds`.

        A reconnectable client stays in the room and may resume after that; any other client has left. Raises NotFound
        for a participant without a connection.
        """
        self._home.call(self.handle.cut_network(client, seconds=seconds))

    def wait_until_empty(self, room: RoomHandle | str, *, within: float = 5) -> None:
        """Return once the room has no participants other than calls, as when a bot left. Raises ExpectationFailed."""
        self._home.call(self.handle.wait_until_empty(room, within=within))

    @overload
    def wait_for(
        self,
        wanted: str,
        *,
        room: RoomHandle | str | None = None,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> dict[str, Any]: ...

    @overload
    def wait_for(
        self,
        wanted: list[str] | tuple[str, ...],
        *,
        room: RoomHandle | str | None = None,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> list[dict[str, Any]]: ...

    def wait_for(
        self,
        wanted: str | list[str] | tuple[str, ...],
        *,
        room: RoomHandle | str | None = None,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> Any:
        """Like `Client.wait_for`, for the events published in one room, or in any; no client has to join it.

        Waits of clients and these waits do not affect each other: each returns an event once.
        """
        return self._home.call(self.handle.wait_for(wanted, room=room, where=where, within=within))

    def wait_for_delivery(
        self, event_type: str, *, where: Mapping[str, Any] | None = None, within: float = 5
    ) -> dict[str, Any]:
        """Return the next request with an event of this type that a webhook has answered, with any status.

        The result has `type`, `url`, `status`, `payload` and more. Each request is returned once; `where` compares
        fields of the payload. Raises ExpectationFailed, and ConfigurationError for an unknown type.
        """
        return self._home.call(self.handle.wait_for_delivery(event_type, where=where, within=within))

    def capture(self, path: str | Path, *, append: bool = False, title: str = "") -> Capture:
        """Write SIP, RTP and RTCP of all calls to a pcapng file: `async with daily.capture("call.pcapng"):`.

        Plain tests use `with`. With `append` a section named `title` is added to an existing file.
        """
        return self.handle.capture(path, append=append, title=title)

    def receive_webhooks(
        self, event_types: Sequence[EventType] = (), *, retry_type: RetryType = "circuit-breaker"
    ) -> SyncWebhookReceiver:
        """Start an HTTP server and subscribe it to these types of events, or to all, until the next reset."""
        return SyncWebhookReceiver(self._home.call(self.handle.receive_webhooks(event_types, retry_type=retry_type)))

    def advance_clock(self, seconds: float) -> float:
        """Move the time of tokens, rooms, ejections and webhooks forward; return it, in unix seconds.

        What becomes due happens at once. SIP, RTP and the timers of calls stay in real time.
        """
        return self._home.call(self.handle.advance_clock(seconds))

    def events(self, room: RoomHandle | str | None = None, *, after: int = 0) -> Events:
        """The events published so far in one room, or in all rooms; `after` is the `seq` of a timeline record."""
        return self.handle.events(room, after=after)

    def reset(self) -> None:
        """End all calls, and remove rooms, webhooks, phones and timeline records; addresses, key and workers stay."""
        self._home.call(self.handle.reset())


class SyncWebhookReceiver:
    """An HTTP server on a loopback port: `async with WebhookReceiver() as receiver`; subscribe its `url` and `hmac`."""

    def __init__(self, handle: WebhookReceiver) -> None:
        self.handle = handle
        """The async form."""
        self._home: Home = handle.home

    def __repr__(self) -> str:
        return repr(self.handle)

    @property
    def hmac(self) -> str:
        """The secret that its posts should be signed with."""
        return self.handle.hmac

    @property
    def uuid(self) -> str:
        """Id of the webhook that it was subscribed as, when `daily.receive_webhooks()` made it."""
        return self.handle.uuid

    @property
    def posts(self) -> list[Post]:
        """Everything that came, oldest first: trial requests, failed tries, events."""
        return self.handle.posts

    def close(self) -> None:
        """Answer nothing more."""
        self._home.call(self.handle.close())

    @property
    def url(self) -> str:
        """Where it is: `http://127.0.0.1:port/webhooks`."""
        return self.handle.url

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that were taken, which is to say answered with 200, oldest first: `type`, `id`, `payload`, …"""
        return self.handle.events

    @property
    def types(self) -> list[str]:
        """Their types."""
        return self.handle.types

    def answer(self, statuses: int | Sequence[int] = 200, *, delay: float = 0.0) -> None:
        """From now on answer with this status, or these in turn and the last for good, each after `delay` seconds."""
        self.handle.answer(statuses, delay=delay)

    @overload
    def wait_for(self, wanted: str, *, where: Mapping[str, Any] | None = None, within: float = 5) -> dict[str, Any]: ...

    @overload
    def wait_for(
        self, wanted: list[str] | tuple[str, ...], *, where: Mapping[str, Any] | None = None, within: float = 5
    ) -> list[dict[str, Any]]: ...

    def wait_for(
        self, wanted: str | list[str] | tuple[str, ...], *, where: Mapping[str, Any] | None = None, within: float = 5
    ) -> Any:
        """The event of this type, or those of these types in this order, once taken, well signed, and within so many s.

        Events that came before the call count too, each is handed out once. `where` compares fields of the payload
        with a value, a compiled pattern or a predicate. Raises ExpectationFailed, and ConfigurationError for a type
        that Daily does not have.
        """
        return self._home.call(self.handle.wait_for(wanted, where=where, within=within))

    def wait_for_posts(self, count: int, *, answered: bool = True, within: float = 5) -> list[Post]:
        """All requests, once there have been `count` that were answered, or that came. Raises ExpectationFailed."""
        return self._home.call(self.handle.wait_for_posts(count, answered=answered, within=within))
