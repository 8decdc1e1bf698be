"""The sound and the pictures of one client, between its program and the connection to the room."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

from .._audio import speaker
from .._audio.receiver import Hearing
from .._audio.renderer import AudioCallback, AudioRenderer
from .._audio.sender import Speaking
from .._audio.wire import FRAME_S
from .._native.classes import instance, unsigned
from .._native.errors import Refused
from .._native.participant_ids import unparsable
from .._threads.dispatcher import Dispatcher
from .._threads.io_loop import io_loop
from .._video.custom_video import check_color_format
from .._video.renderer import VideoCallback, VideoRenderer
from .._video.wire import is_picture
from .client_video import Pictures
from .media_settings import SoundSettings

if TYPE_CHECKING:
    from .._audio.output import Output

__all__ = ["Media", "SoundSettings"]

logger = logging.getLogger("daily")


class Wire(Protocol):
    """What sound needs of the connection to the room."""

    async def request(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a request and return its result."""

    async def send_sound(self, message: bytes) -> None:
        """Send one binary message, sound or a picture."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the room is told of a client's sound."""

    receive: bool = False
    send: bool = False
    tracks: tuple[str, ...] = ()

    def params(self) -> dict[str, Any]:
        """Of `setAudio`."""
        receive = "participants" if self.receive else "off"
        return {"receive": receive, "send": self.send, **({"tracks": self.tracks} if self.tracks else {})}


class Media:
    """Made with a client. Everything is on the I/O loop but where it says otherwise.

    Nothing is asked of the server, no thread is started and numpy is not loaded until somebody listens or speaks.
    `report` gets what `on_error` is told.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._loop = io_loop()
        self._dispatcher = Dispatcher()
        self._hearing = Hearing()
        self._pictures = Pictures(self._loop)
        self._speaking = Speaking(lambda: self._loop.call_soon_threadsafe(self._wake.set))
        self._settings = SoundSettings({}, {}, lambda participant, source: "subscribed")
        self._voice: Collection[Output] | None = None
        self._tracks: Mapping[str, Collection[Output]] = {}
        self._said: WeakSet[Output] = WeakSet()
        """All that the room has heard of this client."""
        self._participants: Mapping[str, Mapping[str, Any]] = {}
        self._connection: Wire | None = None
        self._asked = _Wish()
        self._track_ids: Mapping[str, str] = {}
        """What the room calls the named tracks."""
        self._asking = asyncio.Lock()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    # --- from any thread ---

    def set_audio_renderer(
        self,
        participant_id: str,
        callback: AudioCallback,
        audio_source: str,
        sample_rate: int,
        callback_interval_ms: int,
    ) -> None:
        """Have the callback called with this participant's sound, while it can be heard, instead of an earlier one.

        An interval that is not a multiple of 10 ms never comes, as with daily-python. Raises TypeError and
        OverflowError.
        """
        instance(participant_id, str)
        instance(audio_source, str)
        rate, interval = unsigned(sample_rate), unsigned(callback_interval_ms)
        if (wrong := unparsable(participant_id)) is not None:
            self._report(f"Error handling setParticipantAudioRenderer: Failed to parse participant ID: {wrong}")
            return
        renderer = AudioRenderer(self._dispatcher, participant_id, callback, audio_source, rate, interval)
        if renderer.never_called:
            logger.error(
                "set_audio_renderer: the callback for %s will never be called: callback_interval_ms is %d and "
                "sample_rate %d, but they should be a multiple of 10 and so high that the interval has a sample",
                *(participant_id, interval, rate),
            )
            return
        self._loop.call_soon_threadsafe(self._add, renderer)

    def set_video_renderer(
        self, participant_id: str, callback: VideoCallback, video_source: str, color_format: str
    ) -> None:
        """Have the callback called with this participant's pictures, instead of an earlier one.

        Of the sources, a room carries `camera`. Raises TypeError and ValueError. daily-python ends the process when
        the participant's id is none; here `on_error` is told.
        """
        instance(participant_id, str)
        instance(video_source, str)
        check_color_format(color_format)
        if (wrong := unparsable(participant_id)) is not None:
            self._report(f"Error handling setParticipantVideoRenderer: Failed to parse participant ID: {wrong}")
            return
        renderer = self._pictures.renderer(participant_id, callback, video_source, color_format)
        self._loop.call_soon_threadsafe(self._add_video, renderer)

    def speaker_selected(self) -> None:
        """Another speaker was selected."""
        self._loop.call_soon_threadsafe(self._ask_soon)

    def release(self) -> None:
        """No callback begins after this."""
        self._hearing.close()
        self._dispatcher.end()
        self._pictures.release()

    @property
    def dispatchers(self) -> tuple[Dispatcher, ...]:
        """Where renderers are called."""
        return self._dispatcher, self._pictures.dispatcher

    def complete(self) -> None:
        """Let nobody wait for sound of a released client, and nothing come when its program is over."""
        for output in tuple(self._said):
            if not output.in_use:
                output.complete_writes()
        speaker.complete_reads()

    # --- coming and going ---

    async def enter(self, connection: Wire) -> None:
        """The client is in the room, anew or again. Raises ConnectionError, TimeoutError and Refused."""
        self._connection = connection
        self._asked, self._track_ids = _Wish(), {}
        self._pictures.enter(connection)
        speaker.followers.add(self)
        await self._ask()
        if connection is self._connection:  # it may have been lost meanwhile
            self._keep(asyncio.create_task(self._run(connection), name="sound of a client"))

    def interrupted(self) -> None:
        """The connection is lost: what is said and heard meanwhile is lost too."""
        self._connection = None
        self._pictures.leave()
        for task in self._tasks:
            task.cancel()
        self._arrange()

    def leave(self) -> None:
        """The client has left the room."""
        self._participants = {}
        speaker.followers.discard(self)
        self.interrupted()

    # --- what changes ---

    async def arrange(self, settings: SoundSettings) -> None:
        """The client's settings are these. Raises ConnectionError, TimeoutError and Refused."""
        self._settings = settings
        self._voice, self._tracks = settings.voice(), settings.tracks()
        self._said.update(itertools.chain(self._voice or (), *self._tracks.values()))
        self._pictures.arrange(settings)
        await self._ask()

    def participants_changed(self, participants: Mapping[str, Mapping[str, Any]]) -> None:
        """Who is in the room, by session id, as the signalling shows them."""
        self._participants = participants
        self._arrange()

    def hear(self, message: bytes) -> None:
        """A binary message came from the room."""
        (self._pictures.see if is_picture(message) else self._hearing.hear)(message)

    def _add(self, renderer: AudioRenderer) -> None:
        self._hearing.add(renderer)
        self._ask_soon()

    def _add_video(self, renderer: VideoRenderer) -> None:
        self._pictures.add(renderer)
        self._ask_soon()

    # --- the room ---

    def _ask_soon(self) -> None:
        async def ask() -> None:
            try:
                await self._ask()
            except (Refused, ConnectionError, TimeoutError) as wrong:
                logger.warning("the room gives no sound or pictures: %s", wrong)

        self._keep(asyncio.create_task(ask(), name="asking for sound"))

    async def _ask(self) -> None:
        """Tell the room what is new, and then begin or end what depends on it."""
        async with self._asking:
            while (connection := self._connection) is not None and (wish := self._wish()) != self._asked:
                await asyncio.to_thread(_load)
                self._say_only(wish)
                result = await connection.request("setAudio", wish.params())
                if connection is self._connection:
                    self._asked, self._track_ids = wish, result.get("tracks", {})
            self._arrange()
        await self._pictures.ask()

    def _wish(self) -> _Wish:
        return _Wish(self._hearing.wanted, self._voice is not None, tuple(self._tracks))

    def _arrange(self) -> None:
        asked = self._asked if self._connection is not None else _Wish()
        self._say_only(asked)
        self._hearing.arrange(self._participants if asked.receive else {}, self._settings.subscription)
        self._wake.set()

    def _say_only(self, wish: _Wish) -> None:
        """Of what the room expects, what is in this wish."""
        streams: dict[str | None, Collection[Output]] = {}
        if wish.send and self._asked.send and self._voice is not None:
            streams[None] = self._voice
        for name, track_id in self._track_ids.items():
            if name in wish.tracks and name in self._tracks:
                streams[track_id] = self._tracks[name]
        self._speaking.arrange(streams)

    async def _run(self, connection: Wire) -> None:
        """Send what is said, and notice what is not, 50 times a second while there is something to do."""
        with contextlib.suppress(ConnectionError):  # the connection tells its owner
            while True:
                self._wake.clear()
                for message in self._speaking.messages():
                    await connection.send_sound(message)
                now = time.monotonic()
                self._hearing.wait(now)
                if self._speaking.busy or self._hearing.busy:
                    await asyncio.sleep(FRAME_S - now % FRAME_S)
                else:
                    await self._wake.wait()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _load() -> None:
    """Import numpy, which takes 60 ms, where it holds up no other client. Raises ConnectionError without it."""
    try:
        from .._audio import mixer, renderer_stream  # noqa: F401, PLC0415
    except ImportError as missing:
        why = f"sound needs numpy in {sys.executable} (pip install numpy): {missing}"
        raise ConnectionError(why) from missing
