"""Client: an asyncio client of the signalling, with Daily's methods, for tests and scripts."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from fake_daily_server.handles import matching
from fake_daily_server.handles.client_audio import ClientAudio, Heard
from fake_daily_server.handles.event_names import check_names
from fake_daily_server.values.errors import DailyError
from simulator.audio.party import AnyParty, party_of
from simulator.errors import ConfigurationError, ExpectationFailed
from simulator.home import Home, anywhere
from simulator.waiting import Changes

if TYPE_CHECKING:
    from fake_daily_server.handles.client_line import ClientLine
    from simulator.audio.line import Line

REQUEST_TIMEOUT = 20.0
"""Seconds that a verb waits for its answer, as in daily-python."""

_SHOWN = 12
"""Latest events shown by a failed wait."""

_SOUND_STARTS_WITHIN_S = 3.0
"""How much longer than the sound itself `read_audio` waits for it."""


@dataclass(slots=True)
class _Arrival:
    at: float
    event: dict[str, Any]
    handed_out: bool = False

    def __str__(self) -> str:
        return f"+{self.at:.3f} {matching.described(self.event)}{'  (handed out)' if self.handed_out else ''}"


class Client:
    """One participant. `async with` joins and leaves, as `join` and `leave` do.

    `room_url` is the `url` of the room object. Methods raise DailyError with the server's answer, and ConnectionError
    when the server cannot be reached or the connection is lost. `explain` may add a reason to the error of a failed
    wait; `on_event` is called with each event that is received.
    """

    def __init__(
        self,
        room_url: str,
        *,
        token: str | None = None,
        user_name: str | None = None,
        user_id: str | None = None,
        user_data: Any = None,
        explain: Callable[[], str | None] = lambda: None,
        on_event: Callable[[Mapping[str, Any]], None] = lambda event: None,
    ) -> None:
        self.room_url: str = room_url
        self.call_client_id: str = ""
        self.session_id: str = ""
        """The session id of the latest join; it is kept after leaving."""
        self.meeting_session_id: str = ""
        self.participants: dict[str, dict[str, Any]] = {}
        """`participants()` of daily-js: this client under `local`, the others by session id."""
        self.tracks: dict[str, str] = {}
        """The ids of its named audio tracks, by name."""
        self._join_params = {
            "token": token,
            "userName": user_name,
            "userId": user_id,
            "userData": user_data,
        }
        self._on_event = on_event
        self._home: Home | None = None
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._arrivals: list[_Arrival] = []
        self._changes = Changes()
        self._audio = ClientAudio()
        self._receives = "off"
        self._sends = False
        self._line: ClientLine | None = None
        self._opening_line = asyncio.Lock()
        self._explain = explain
        self._began = time.monotonic()
        self._gone = ""

    async def __aenter__(self) -> Self:
        await self.join()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    @property
    def home(self) -> Home:
        """The loop of the first verb; from then on every verb can be awaited on any loop."""
        if self._home is None:
            self._home = Home()
        return self._home

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events received so far, oldest first."""
        return [arrival.event for arrival in self._arrivals]

    @property
    def joined(self) -> bool:
        """Whether the client is in the room now."""
        return "local" in self.participants

    # --- verbs ---

    @anywhere
    async def join(self) -> dict[str, Any]:
        """Connect and join; return `{participants, meetingSession, callClientId}`.

        Raises DailyError when refused; `error` is exp-room, nbf-token, meeting-full, not-allowed, no-room, …
        """
        if self._socket is None:
            await self._connect()
        params = {name: value for name, value in self._join_params.items() if value is not None}
        try:
            result = await self.request("join", params)
        except BaseException:
            await self.close()
            raise
        self.call_client_id = result["callClientId"]
        self.meeting_session_id = result["meetingSession"]["id"]
        return result

    @anywhere
    async def leave(self) -> None:
        """Leave the room and close the connection. Does nothing when it is closed already."""
        if self._socket is not None and self.joined:
            with contextlib.suppress(DailyError, ConnectionError):
                await self.request("leave", {})
        await self.close()

    async def start_dialout(self, settings: Mapping[str, Any] | None = None, **more: Any) -> str:
        """`startDialOut` with `sipUri` or `phoneNumber` and Daily's options. Returns the session id of the call."""
        result = await self.request("startDialOut", {**(settings or {}), **more})
        session_id: str = result["session"]["sessionId"]
        return session_id

    @anywhere
    async def stop_dialout(self, session_id: str) -> None:
        """`stopDialOut`: hang up a dial-out."""
        await self.request("stopDialOut", {"sessionId": session_id})

    async def send_dtmf(self, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """`sendDTMF` with `sessionId`, `tones`, and optionally `method` and `digitDurationMs`."""
        await self.request("sendDTMF", {**(settings or {}), **more})

    async def sip_call_transfer(self, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """`sipCallTransfer` with `sessionId`, `toEndPoint` (`sip:…` or `+…`), and Daily's options for numbers."""
        await self.request("sipCallTransfer", {**(settings or {}), **more})

    async def sip_refer(self, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """`sipRefer` with `sessionId` and `toEndPoint` (`sip:…`)."""
        await self.request("sipRefer", {**(settings or {}), **more})

    @anywhere
    async def send_app_message(self, data: Any, to: str | Sequence[str] = "*") -> None:
        """Send JSON to all others, to one session id, or to several."""
        await self.request("sendAppMessage", {"data": data, "to": to if isinstance(to, str) else list(to)})

    @anywhere
    async def set_user_name(self, user_name: str) -> None:
        """Change the name that others see."""
        await self.request("setUserName", {"userName": user_name})

    @anywhere
    async def update_participant(
        self,
        session_id: str,
        *,
        permissions: Mapping[str, Any] | None = None,
        eject: bool = False,
        audio: bool | None = None,
    ) -> None:
        """Change a participant's permissions, eject it (a call is hung up), or mute it and unmute it."""
        params: dict[str, Any] = {"sessionId": session_id, "eject": eject}
        if audio is not None:
            params["setAudio"] = audio
        if permissions is not None:
            params["updatePermissions"] = dict(permissions)
        await self.request("updateParticipant", params)

    @anywhere
    async def eject(self, session_id: str) -> None:
        """Eject a participant; a call is hung up."""
        await self.update_participant(session_id, eject=True)

    @anywhere
    async def participant_counts(self) -> dict[str, int]:
        """Request `{present, hidden}`, the numbers of participants."""
        counts: dict[str, int] = (await self.request("participants", {}))["participantCounts"]
        return counts

    # --- sound ---

    @anywhere
    async def set_audio(
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
        params: dict[str, Any] = {"receive": receive, "send": send, "tracks": list(tracks)}
        if participants is not None:
            params["participants"] = list(participants)
        result = await self.request("setAudio", params)
        self.tracks = dict(result.get("tracks", {}))
        self._receives = receive
        self._sends = send

    @anywhere
    async def write_audio(self, pcm: bytes | bytearray | memoryview, *, track: str | None = None) -> None:
        """Say 16-bit mono PCM at 16 kHz, little-endian (`samples.tobytes()` of a numpy array of int16).

        It goes to the microphone, or to the named `track`.

        Takes as long as saying it does, but for the last 60 ms. Fills up the last 20 ms with silence. Needs
        `set_audio(send=True)`, or the server answers every frame with an error that nobody sees.
        """
        if track is not None and track not in self.tracks:
            raise ConfigurationError("track", track, f"one of {list(self.tracks)}; name them with set_audio first")
        track_id = None if track is None else self.tracks[track]
        await self._audio.say(bytes(memoryview(pcm).cast("B")), self._send_sound, track_id)

    @anywhere
    async def read_audio(self, seconds: float, session_id: str | None = None) -> bytes:
        """What is heard in the next `seconds`: 16-bit mono PCM at 16 kHz, of the mix or of one participant.

        Raises ConfigurationError when that is not received, and ExpectationFailed when it does not come in time.
        """
        wanted = "mix" if session_id is None else "participants"
        if self._receives != wanted:
            raise ConfigurationError("receive", self._receives, f"{wanted!r}; choose it with set_audio first")
        listening = self._audio.listen()
        pcm = bytearray()
        size = round(seconds * 16000) * 2
        try:
            async with asyncio.timeout(seconds + _SOUND_STARTS_WITHIN_S):
                while len(pcm) < size and (heard := await listening.next(within=_SOUND_STARTS_WITHIN_S)):
                    if heard.session_id == session_id:
                        pcm += heard.pcm
        except TimeoutError:
            pass
        finally:
            self._audio.forget(listening)
        if len(pcm) < size:
            came = f"{len(pcm) / 32000:g} s came{self._gone}"
            raise ExpectationFailed(f"{seconds:g} s of sound ({session_id or 'the mix'})", nearest=came)
        return bytes(pcm[:size])

    async def audio(self) -> AsyncIterator[Heard]:
        """Everything that is heard from now on, 20 ms at a time, until the connection is closed."""
        listening = self._audio.listen()
        try:
            while (heard := await self.home.run(listening.next(within=float("inf")))) is not None:
                yield heard
        finally:
            self._audio.forget(listening)

    # --- sound, as a person has it ---
    # What is said is said in turn; the verbs return at once, `finish_talking` when all is said.

    @anywhere
    async def say(self, what: str | float, *, dbfs: float = -20) -> None:
        """Talk: a stand-in for a text, as long as saying it takes, or so many seconds of babble."""
        await (await self._speaking_line()).say(what, dbfs)

    @anywhere
    async def hum(self, hz: float, *, seconds: float | None = None, dbfs: float = -20) -> None:
        """A tone, for so many seconds or until something else is said."""
        (await self._speaking_line()).hum(hz, seconds, dbfs)

    @anywhere
    async def play(self, path: str | Path) -> None:
        """Say what a WAV file has (16-bit PCM, any rate). ConfigurationError when it cannot be read."""
        (await self._speaking_line()).play_file(path)

    @anywhere
    async def hush(self) -> None:
        """Stop what `say`, `hum` and `play` began, and forget what waits."""
        (await self.audio_line()).mouth.hush()

    @anywhere
    async def finish_talking(self, *, within: float = 30) -> None:
        """Return when all was said."""
        if not await (await self.audio_line()).finish_talking(within=within):
            raise ExpectationFailed(f"the client has said everything  within {within:g} s")

    @anywhere
    async def listen(self) -> None:
        """Begin to keep what is heard; every other verb of sound does so by itself."""
        await self.audio_line()

    @anywhere
    async def expect_tone(self, hz: float, *, within: float = 5) -> None:
        """A tone is heard for 0.3 s, from now on, alone or among others."""
        await (await self.audio_line()).expect_tone(hz, within=within)

    @anywhere
    async def expect_tones(self, frequencies: Collection[float], *, within: float = 5) -> None:
        """Exactly these tones are heard at once for 0.3 s, from now on: none of them is missing, none is more."""
        await (await self.audio_line()).expect_tones(frequencies, within=within)

    @anywhere
    async def expect_silence(self, seconds: float = 1, *, within: float | None = None, below_dbfs: float = -50) -> None:
        """For so many seconds on end nothing is heard; they begin within 3 s when `within` is left out."""
        await (await self.audio_line()).expect_silence(seconds, within=within, below_dbfs=below_dbfs)

    @anywhere
    async def expect_speech(self, *, within: float = 5) -> None:
        """Somebody is heard to talk, from now on."""
        await (await self.audio_line()).expect_speech(within=within)

    @anywhere
    async def expect_in_band_digits(self, digits: str, *, within: float = 5) -> None:
        """The next keys heard as tones are these; what was heard since the first verb of sound counts."""
        await (await self.audio_line()).expect_keys(digits, within=within)

    @anywhere
    async def expect_latency(self, to: AnyParty, *, at_most_ms: float | None = None, within: float = 5) -> float:
        """Milliseconds from this mouth to the ear of `to`, a phone's call or a client, by chirps; at most so many."""
        line = await self._speaking_line()
        return await line.expect_latency(party_of(to), at_most_ms=at_most_ms, within=within)

    @anywhere
    async def audio_line(self) -> Line:
        """The ear and the mouth; opened by the first verb of sound, which takes part in the mix."""
        from fake_daily_server.handles.client_line import ClientLine  # noqa: PLC0415  # loads numpy, for those who use sound

        async with self._opening_line:
            if self._receives == "participants":
                raise ConfigurationError("receive", self._receives, "'mix', which the verbs of sound listen to")
            if self._receives == "off":
                await self.set_audio("mix", send=self._sends)
            if self._line is None or self._line.line.closed is not None:
                self._line = ClientLine(self._audio, self._called, self._send_sound, told=self._told)
        return self._line.line

    async def _speaking_line(self) -> Line:
        if not self._sends and self._receives != "participants":
            await self.set_audio("mix", send=True)
        return await self.audio_line()

    @property
    def _called(self) -> str:
        return str(self.participants.get("local", {}).get("user_name") or "the client")

    def _told(self) -> list[str]:
        return [str(arrival) for arrival in self._arrivals[-_SHOWN:]]

    async def _send_sound(self, message: bytes) -> None:
        if self._socket is None:
            raise ConnectionError(f"write_audio: not connected to {self.room_url}{self._gone}; join first")
        try:
            await self._socket.send(message)
        except ConnectionClosed as closed:
            raise ConnectionError(f"write_audio: the connection to {self.room_url} is closed: {closed}") from None

    # --- any request ---

    @anywhere
    async def request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Send any request of the protocol and return its result."""
        socket = self._socket
        if socket is None:
            raise ConnectionError(f"{method}: not connected to {self.room_url}{self._gone}; join first")
        request_id = next(self._ids)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._pending[request_id] = answer
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                await socket.send(json.dumps({"id": request_id, "method": method, "params": dict(params)}))
                return await answer
        except ConnectionClosed as closed:
            raise ConnectionError(f"{method}: the connection to {self.room_url} is closed: {closed}") from None
        except TimeoutError:
            raise TimeoutError(f"{method}: {self.room_url} gave no answer in {REQUEST_TIMEOUT:g} s") from None
        finally:
            del self._pending[request_id]
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # seen, whoever is still interested

    # --- events ---

    @overload
    async def wait_for(
        self, wanted: str, *, where: Mapping[str, Any] | None = None, within: float = 5
    ) -> dict[str, Any]: ...

    @overload
    async def wait_for(
        self,
        wanted: list[str] | tuple[str, ...],
        *,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> list[dict[str, Any]]: ...

    async def wait_for(
        self,
        wanted: str | list[str] | tuple[str, ...],
        *,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """The event named `wanted`, or the events of these names in this order, within so many seconds.

        Events that came before the call count too, but each is handed out once: a second wait for the same
        name gets the next one. `where` compares fields (`"participant.user_name"` reaches inside) with a value,
        a compiled pattern or a predicate. Raises ExpectationFailed, at once when the connection is gone, and
        ConfigurationError for a name that no event has.
        """
        names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        check_names(names)
        events = await self.home.run(self._wait_for(names, where or {}, within))
        return events[0] if isinstance(wanted, str) else events

    async def _wait_for(self, names: tuple[str, ...], where: Mapping[str, Any], within: float) -> list[dict[str, Any]]:

        def found() -> list[_Arrival] | str | None:
            arrivals = matching.in_order(
                (arrival for arrival in self._arrivals if not arrival.handed_out),
                names,
                lambda arrival, name: matching.fits(arrival.event, name, where),
            )
            return arrivals if arrivals is not None else (self._gone or None)

        result = await self._changes.until(found, within=within)
        if not isinstance(result, list):
            raise self._disappointment(names, where, within)
        for arrival in result:
            arrival.handed_out = True
        return [arrival.event for arrival in result]

    def _disappointment(self, names: Sequence[str], where: Mapping[str, Any], within: float) -> ExpectationFailed:
        new = [arrival for arrival in self._arrivals if not arrival.handed_out]
        missing = matching.first_missing(
            (arrival.event for arrival in new), names, lambda event, name: matching.fits(event, name, where)
        )
        near = [(matching.likeness(arrival.event, names[missing], where), arrival.at, arrival) for arrival in new]
        likeness, _, nearest = max(near, key=lambda entry: entry[:2], default=(0.0, 0.0, None))
        because = None
        if self._gone:
            because = self._gone.lstrip(": ")
        elif any(a.handed_out and matching.fits(a.event, names[missing], where) for a in self._arrivals):
            because = "every event like that was handed out by an earlier wait"
        elif missing:
            because = f"{names[missing]} did not come after {', '.join(names[:missing])}"
        because = "; ".join(filter(None, (because, self._explain()))) or None
        expected = f"{', then '.join(names)}{matching.conditions(where)}  within {within:g} s"
        happened = self._told()
        return ExpectationFailed(
            expected, nearest=str(nearest) if likeness >= matching.ALIKE else None, because=because, happened=happened
        )

    # --- the connection ---

    async def _connect(self) -> None:
        url = self.room_url.replace("http", "ws", 1) if self.room_url.startswith("http") else self.room_url
        try:
            self._socket = await connect(url, compression=None, ping_interval=None, proxy=None, max_queue=None)
        except (OSError, WebSocketException, ValueError) as wrong:
            raise ConnectionError(f"{self.room_url} cannot be joined: {wrong}") from wrong
        self._gone = ""
        self._reader = asyncio.create_task(self._read(self._socket), name=f"events of {self.room_url}")

    @anywhere
    async def close(self) -> None:
        """Close the connection without leaving first; the server then removes the participant."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()
        if self._reader is not None:
            await asyncio.wait([self._reader])
            self._reader = None

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                if isinstance(message, bytes):
                    self._audio.take(message)
                else:
                    self._take(json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            self._socket = None
            self._audio.end()
            self._receives, self._sends = "off", False
            self.participants = {}
            self._gone = f": the connection is closed ({socket.close_code} {socket.close_reason or ''})".rstrip()
            for answer in self._pending.values():
                if not answer.done():
                    answer.set_exception(ConnectionError(f"{self.room_url}{self._gone}"))
            self._changes.notify()

    def _take(self, frame: dict[str, Any]) -> None:
        if "event" in frame:
            event = frame["event"]
            self._arrivals.append(_Arrival(time.monotonic() - self._began, event))
            self._follow(event)
            self._on_event(event)
            self._changes.notify()
            return
        answer = self._pending.get(frame["id"])
        if answer is None or answer.done():
            return
        if "error" in frame:
            error = frame["error"]
            answer.set_exception(DailyError(error["status"], error["error"], error["info"]))
        else:
            answer.set_result(frame["result"])

    def _follow(self, event: Mapping[str, Any]) -> None:
        match event["action"]:
            case "joined-meeting":
                self.participants = dict(event["participants"])
                self.session_id = self.participants["local"]["session_id"]
            case "participant-joined" | "participant-updated":
                who = event["participant"]
                self.participants["local" if who["local"] else who["session_id"]] = who
            case "participant-left":
                self.participants.pop(event["participant"]["session_id"], None)
            case "left-meeting":
                self.participants = {}


def actions(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names of events."""
    return [event["action"] for event in events]
