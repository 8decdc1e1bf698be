"""`Client`: an asyncio client of a room with Daily's client methods, for tests and scripts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from fake_daily_server.handles.client_audio import ClientAudio, Heard
from fake_daily_server.handles.client_events import ClientEvents
from fake_daily_server.handles.event_log import Wanted, no_reason
from fake_daily_server.handles.event_names import check_events
from fake_daily_server.handles.request_params import request_params
from fake_daily_server.handles.signalling_connection import SignallingConnection
from fake_daily_server.values.errors import DailyError
from simulator.audio.sound_verbs import SoundVerbs
from simulator.errors import ConfigurationError, ExpectationFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.waiting import Changes

if TYPE_CHECKING:
    from fake_daily_server.handles.client_line import ClientLine
    from simulator.audio.audio_line import AudioLine
    from simulator.speech.speech import Speech

_SOUND_STARTS_WITHIN_S = 3.0
"""How much longer than the requested audio `read_audio` waits for it."""


class Client(SoundVerbs):
    """A client of one room. `async with` joins and leaves, like `join` and `leave`.

    `room_url` is the `url` of the room object. Methods raise DailyError if the server refuses the request, and
    ConnectionError if the server cannot be reached or the connection is lost. `explain` may return a reason to add to
    the error of a failed wait; `on_event` is called with each received event.
    """

    def __init__(
        self,
        room_url: str,
        *,
        token: str | None = None,
        user_name: str | None = None,
        user_id: str | None = None,
        user_data: Any = None,
        explain: Callable[[Sequence[str]], Awaitable[str | None]] = no_reason,
        on_event: Callable[[Mapping[str, Any]], None] = lambda event: None,
        owner_loop: OwnerLoop | None = None,
        speech: Speech | None = None,
    ) -> None:
        self._speech = speech
        self.room_url: str = room_url
        self.call_client_id: str = ""
        self.session_id: str = ""
        """The session id of the latest join; it is kept after leaving."""
        self.meeting_session_id: str = ""
        self.participants: dict[str, dict[str, Any]] = {}
        """`participants()` of daily-js: this client under `local`, the others by session id."""
        self.tracks: dict[str, str] = {}
        """The track ids of the client's custom audio tracks, by track name."""
        self._join_params = {
            "token": token,
            "userName": user_name,
            "userId": user_id,
            "userData": user_data,
        }
        self.made_at: str | None = None
        """The line of the test that made it, as `path:line`; None if that is not known."""
        self._on_event = on_event
        self._owner_loop = owner_loop
        self._received = ClientEvents()
        self._changes = Changes()
        self._audio = ClientAudio()
        self._connection = SignallingConnection(
            room_url, on_event=self._take, on_audio=self._audio.take, on_lost=self._lost
        )
        self._receives = "off"
        self._sends = False
        self._line: ClientLine | None = None
        self._opening_line = asyncio.Lock()
        self._explain = explain

    async def __aenter__(self) -> Self:
        await self.join()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop on which the first method was called, if none was given. Methods can be awaited on any loop."""
        if self._owner_loop is None:
            self._owner_loop = OwnerLoop()
        return self._owner_loop

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events received so far, oldest first; of more than 5,000 the latest ones."""
        return [received.event for received in self._received.items()]

    @property
    def joined(self) -> bool:
        """Whether the client is in the room now."""
        return "local" in self.participants

    # --- verbs ---

    @on_owner_loop
    async def join(self) -> dict[str, Any]:
        """Connect and join; return `{participants, meetingSession, callClientId}`.

        Raises DailyError if refused; its `error` is exp-room, nbf-token, meeting-full, not-allowed, no-room, …
        """
        if not self._connection.is_open:
            await self._connection.open()
            self._received.lost_connection = None
        params = {name: value for name, value in self._join_params.items() if value is not None}
        try:
            result = await self.request("join", params)
        except BaseException:
            await self.close()
            raise
        self.call_client_id = result["callClientId"]
        self.meeting_session_id = result["meetingSession"]["id"]
        own = result["participants"]["local"]["session_id"]  # `joined-meeting` follows the answer
        await self._changes.until(lambda: self.session_id == own or not self._connection.is_open or None, within=5)
        return result

    @on_owner_loop
    async def leave(self) -> None:
        """Leave the room and close the connection. Does nothing if it is closed already."""
        with contextlib.suppress(DailyError, ConnectionError):
            if self._connection.is_open and self.joined:
                await self.request("leave", {})
        await self.close()

    async def start_dialout(self, settings: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Start a dial-out (`startDialOut`) to `sipUri` or `phoneNumber`, with Daily's options.

        Returns the session id of the call.
        """
        result = await self.request("startDialOut", request_params("startDialOut", settings, more))
        session_id: str = result["session"]["sessionId"]
        return session_id

    @on_owner_loop
    async def stop_dialout(self, session_id: str) -> None:
        """Hang up a dial-out (`stopDialOut`)."""
        await self.request("stopDialOut", {"sessionId": session_id})

    async def send_dtmf(self, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Send digits (`sendDTMF`), with `sessionId`, `tones`, and optionally `method` and `digitDurationMs`."""
        await self.request("sendDTMF", request_params("sendDTMF", settings, more))

    async def sip_call_transfer(self, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Transfer a call (`sipCallTransfer`), with `sessionId`, `toEndPoint` (`sip:…`, `+…`) and Daily's options."""
        await self.request("sipCallTransfer", request_params("sipCallTransfer", settings, more))

    async def sip_refer(self, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Ask the far end of a call to call a SIP URI (`sipRefer`), with `sessionId` and `toEndPoint` (`sip:…`)."""
        await self.request("sipRefer", request_params("sipRefer", settings, more))

    @on_owner_loop
    async def send_app_message(self, data: Any, to: str | Sequence[str] = "*") -> None:
        """Send JSON to all other clients (`*`), to one session id, or to several."""
        await self.request("sendAppMessage", {"data": data, "to": to if isinstance(to, str) else list(to)})

    @on_owner_loop
    async def set_user_name(self, user_name: str) -> None:
        """Change the client's user name."""
        await self.request("setUserName", {"userName": user_name})

    @on_owner_loop
    async def update_participant(
        self,
        session_id: str,
        *,
        permissions: Mapping[str, Any] | None = None,
        eject: bool = False,
        audio: bool | None = None,
    ) -> None:
        """Change a participant's permissions, mute (`audio=False`) or unmute it, or eject it (calls are hung up)."""
        params: dict[str, Any] = {"sessionId": session_id, "eject": eject}
        if audio is not None:
            params["setAudio"] = audio
        if permissions is not None:
            params["updatePermissions"] = dict(permissions)
        await self.request("updateParticipant", params)

    @on_owner_loop
    async def eject(self, session_id: str) -> None:
        """Eject a participant; if it is a call, the call is hung up."""
        await self.update_participant(session_id, eject=True)

    @on_owner_loop
    async def participant_counts(self) -> dict[str, int]:
        """Return the numbers of participants, `{present, hidden}`."""
        counts: dict[str, int] = (await self.request("participants", {}))["participantCounts"]
        return counts

    # --- sound ---

    @on_owner_loop
    async def set_audio(
        self,
        receive: Literal["mix", "participants", "off"] = "mix",
        *,
        send: bool = True,
        participants: Sequence[str] | None = None,
        tracks: Sequence[str] = (),
    ) -> None:
        """Choose which audio the client receives and whether it sends audio. After joining it does neither.

        `receive` is `mix` (all others together), `participants` (each of them separately, or only those whose session
        ids are given in `participants`), or `off`. With `send` the client may send audio, and others see its microphone
        on. `tracks` are names of custom audio tracks that it also sends.
        """
        params: dict[str, Any] = {"receive": receive, "send": send, "tracks": list(tracks)}
        if participants is not None:
            params["participants"] = list(participants)
        result = await self.request("setAudio", params)
        self.tracks = dict(result.get("tracks", {}))
        self._receives = receive
        self._sends = send

    @on_owner_loop
    async def write_audio(self, pcm: bytes | bytearray | memoryview, *, track: str | None = None) -> None:
        """Send 16-bit mono PCM at 16 kHz, little-endian (`samples.tobytes()` of a numpy array of int16), in real time.

        The audio goes to the microphone, or to the custom track named `track`; its last 20 ms are filled up with
        silence. The method returns up to 60 ms before the end of the audio. Requires `set_audio(send=True)`: otherwise
        the server refuses the audio, which this method does not notice.
        """
        if track is not None and track not in self.tracks:
            raise ConfigurationError("track", track, f"one of {list(self.tracks)}; set_audio(tracks=…) creates tracks")
        track_id = None if track is None else self.tracks[track]
        await self._audio.say(bytes(memoryview(pcm).cast("B")), self._send_sound, track_id)

    @on_owner_loop
    async def read_audio(self, seconds: float, session_id: str | None = None) -> bytes:
        """Return the audio received in the next `seconds`: 16-bit mono PCM at 16 kHz, of the mix or of one participant.

        Raises ConfigurationError if `set_audio` has not chosen this audio, and ExpectationFailed if it is not received
        in time.
        """
        wanted = "mix" if session_id is None else "participants"
        if self._receives != wanted:
            raise ConfigurationError("receive", self._receives, f"{wanted!r}; call set_audio({wanted!r}) first")
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
            came = f"{len(pcm) / 32000:g} s came{self._connection.ended}"
            raise ExpectationFailed(f"{seconds:g} s of sound ({session_id or 'the mix'})", nearest=came)
        return bytes(pcm[:size])

    async def audio(self) -> AsyncIterator[Heard]:
        """Yield all audio received from now on, 20 ms at a time, until the connection is closed."""
        listening = self._audio.listen()
        try:
            while (heard := await self.owner_loop.run(listening.next(within=float("inf")))) is not None:
                yield heard
        finally:
            self._audio.forget(listening)

    # The methods of SoundVerbs use the room's mix. Sounds of `play` are queued with those of `say` and `hum`.

    @on_owner_loop
    async def play(self, path: str | Path) -> None:
        """Send the audio of a WAV file (16-bit PCM, any sample rate). Raises ConfigurationError if unreadable."""
        (await self._sending_line()).play_file(path)

    @on_owner_loop
    async def audio_line(self) -> AudioLine:
        """The client's audio line, in both directions. The first call opens it, and turns on receiving the mix."""
        from fake_daily_server.handles.client_line import ClientLine  # noqa: PLC0415  # loads numpy, for those who use sound

        async with self._opening_line:
            if self._receives == "participants":
                raise ConfigurationError("receive", self._receives, "'mix'; call set_audio('mix') first")
            if self._receives == "off":
                await self.set_audio("mix", send=self._sends)
            if self._line is None or self._line.line.close_reason is not None:
                latest = self._received.latest
                self._line = ClientLine(
                    self._audio, self._called, self._send_sound, latest_records=latest, speech=self._speech
                )
        return self._line.line

    async def _sending_line(self) -> AudioLine:
        if not self._sends and self._receives != "participants":
            await self.set_audio("mix", send=True)
        return await self.audio_line()

    @property
    def _called(self) -> str:
        return str(self.participants.get("local", {}).get("user_name") or "the client")

    async def _send_sound(self, message: bytes) -> None:
        await self._connection.send(message, of="write_audio")

    # --- any request ---

    @on_owner_loop
    async def request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Send any request of the signalling and return its result."""
        return await self._connection.request(method, params)

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
        """Wait at most `within` seconds for the event named `wanted`, or for several in this order; return it or them.

        Events received before the call count, too, but each is returned once: a second wait for the same name returns
        the next one. `where` compares fields (`"participant.user_name"` is a nested one) with a value, a compiled
        pattern or a predicate. Raises ExpectationFailed, at once if the connection is lost, and ConfigurationError for
        a name that no event has.
        """
        names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        check_events(names, where or ())
        events = await self.owner_loop.run(self._wait_for(names, where or {}, within))
        return events[0] if isinstance(wanted, str) else events

    async def _wait_for(self, names: tuple[str, ...], where: Mapping[str, Any], within: float) -> list[dict[str, Any]]:
        wanted = Wanted(names, where, within)
        found = await self._received.wait_for(wanted, self._changes, explain=lambda: self._explain(names))
        for received in found:
            received.handed_out = True
        return [received.event for received in found]

    # --- the connection ---

    @on_owner_loop
    async def close(self) -> None:
        """Close the connection without leaving the room first; the server then removes the participant."""
        await self._connection.close()

    def _take(self, event: dict[str, Any]) -> None:
        self._received.add(event)
        self._follow(event)
        self._on_event(event)
        self._changes.notify()

    def _lost(self) -> None:
        self._audio.end()
        self._receives, self._sends = "off", False
        self.participants = {}
        self._received.lost_connection = self._connection.end_reason
        self._changes.notify()

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
