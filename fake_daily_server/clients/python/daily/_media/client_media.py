"""ClientMedia: the audio and video of one client, between its program and the connection to the room."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from .._audio import speaker
from .._audio.output import AudioOutput
from .._audio.receiver import AudioReceiver
from .._audio.renderer import AudioCallback, AudioRenderer
from .._audio.sender import AudioSender
from .._audio.wire import FRAME_S
from .._native.classes import check_instance, unsigned
from .._native.errors import RequestRefused
from .._native.participant_ids import uuid_error
from .._threads.dispatcher import Dispatcher
from .._threads.io_loop import io_loop
from .._video.custom_video import check_color_format
from .._video.renderer import VideoCallback, VideoRenderer
from .._video.wire import is_picture
from .channel import MediaChannel
from .client_video import ClientVideo
from .media_settings import MediaSettings

logger = logging.getLogger("daily")


@dataclass(frozen=True, slots=True)
class _AudioRequest:
    """The parameters of a `setAudio` request."""

    receive: bool = False
    send: bool = False
    tracks: tuple[str, ...] = ()

    def params(self) -> dict[str, Any]:
        receive = "participants" if self.receive else "off"
        return {"receive": receive, "send": self.send, **({"tracks": self.tracks} if self.tracks else {})}


class ClientMedia:
    """The audio and video of one client. Used on the I/O loop, except for the methods marked for any thread.

    Until a renderer is set or an input is enabled, nothing is requested from the room, no thread is started and numpy
    is not imported. `report_error` receives the texts for `on_error`.
    """

    def __init__(self, report_error: Callable[[str], None]) -> None:
        self._report_error = report_error
        self._loop = io_loop()
        self._dispatcher = Dispatcher()
        self._receiver = AudioReceiver()
        self._sender = AudioSender(lambda: self._loop.call_soon_threadsafe(self._wake.set))
        self._video = ClientVideo(self._loop)
        self._settings = MediaSettings({}, {}, lambda participant, source: "subscribed")
        self._voice: Collection[AudioOutput] | None = None
        self._custom_tracks: Mapping[str, Collection[AudioOutput]] = {}
        self._used_outputs: WeakSet[AudioOutput] = WeakSet()
        """All outputs that this client has ever sent."""
        self._participants: Mapping[str, Mapping[str, Any]] = {}
        self._connection: MediaChannel | None = None
        self._requested = _AudioRequest()
        self._track_ids: Mapping[str, str] = {}
        """The ids that the room has assigned to additional tracks, by name."""
        self._requesting = asyncio.Lock()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    # --- may be called on any thread ---

    def set_audio_renderer(
        self,
        participant_id: str,
        callback: AudioCallback,
        audio_source: str,
        sample_rate: int,
        callback_interval_ms: int,
    ) -> None:
        """Deliver the audio of a participant to `callback` while it can be heard; replaces an earlier renderer.

        If the interval is not a multiple of 10 ms, the callback is never called, as in daily-python. Raises TypeError
        and OverflowError.
        """
        check_instance(participant_id, str)
        check_instance(audio_source, str)
        rate, interval_ms = unsigned(sample_rate), unsigned(callback_interval_ms)
        if (error := uuid_error(participant_id)) is not None:
            self._report_error(f"Error handling setParticipantAudioRenderer: Failed to parse participant ID: {error}")
            return
        renderer = AudioRenderer(self._dispatcher, participant_id, callback, audio_source, rate, interval_ms)
        if renderer.never_called:
            logger.error(
                "set_audio_renderer: the callback for %s will never be called: callback_interval_ms is %d and "
                "sample_rate %d; the interval must be a multiple of 10 ms and contain at least one sample",
                *(participant_id, interval_ms, rate),
            )
            return
        self._loop.call_soon_threadsafe(self._add_audio_renderer, renderer)

    def set_video_renderer(
        self, participant_id: str, callback: VideoCallback, video_source: str, color_format: str
    ) -> None:
        """Deliver the video frames of a participant to `callback`; replaces an earlier renderer.

        A room carries video of the source `camera` only. Raises TypeError and ValueError. An invalid participant id is
        reported to `on_error`, whereas daily-python ends the process.
        """
        check_instance(participant_id, str)
        check_instance(video_source, str)
        check_color_format(color_format)
        if (error := uuid_error(participant_id)) is not None:
            self._report_error(f"Error handling setParticipantVideoRenderer: Failed to parse participant ID: {error}")
            return
        renderer = self._video.create_renderer(participant_id, callback, video_source, color_format)
        self._loop.call_soon_threadsafe(self._add_video_renderer, renderer)

    def speaker_selected(self) -> None:
        """Request audio from the room, because a speaker was selected."""
        self._loop.call_soon_threadsafe(self._update_requests_soon)

    def release(self) -> None:
        """Stop starting renderer callbacks."""
        self._receiver.close()
        self._dispatcher.end()
        self._video.release()

    @property
    def dispatchers(self) -> tuple[Dispatcher, ...]:
        """The dispatchers that call renderers."""
        return self._dispatcher, self._video.dispatcher

    def complete_pending(self) -> None:
        """Complete the writes and reads that wait for this client, so that the program can end."""
        for output in tuple(self._used_outputs):
            if not output.in_use:
                output.complete_writes()
        speaker.complete_reads()

    # --- the connection ---

    async def enter(self, connection: MediaChannel) -> None:
        """Use this connection after a join or a reconnection.

        Raises ConnectionError, TimeoutError and RequestRefused.
        """
        self._connection = connection
        self._requested, self._track_ids = _AudioRequest(), {}
        self._video.enter(connection)
        speaker.selection_listeners.add(self)
        await self._update_requests()
        if connection is self._connection:  # it may have been lost meanwhile
            self._keep(asyncio.create_task(self._run(connection), name="audio of a client"))

    def interrupted(self) -> None:
        """Stop sending and receiving, because the connection is lost."""
        self._connection = None
        self._video.leave()
        for task in self._tasks:
            task.cancel()
        self._update_streams()

    def leave(self) -> None:
        """Stop sending and receiving, because the client has left the room."""
        self._participants = {}
        speaker.selection_listeners.discard(self)
        self.interrupted()

    # --- changes ---

    async def apply(self, settings: MediaSettings) -> None:
        """Apply the client's settings. Raises ConnectionError, TimeoutError and RequestRefused."""
        self._settings = settings
        self._voice, self._custom_tracks = settings.voice(), settings.custom_tracks()
        self._used_outputs.update(itertools.chain(self._voice or (), *self._custom_tracks.values()))
        self._video.apply(settings)
        await self._update_requests()

    def participants_changed(self, participants: Mapping[str, Mapping[str, Any]]) -> None:
        """Adapt to the current participants of the room, in the signalling's format, by session id."""
        self._participants = participants
        self._update_streams()

    def receive(self, message: bytes) -> None:
        """Deliver a binary message of the room to the audio or video renderers."""
        (self._video.receive if is_picture(message) else self._receiver.receive)(message)

    def _add_audio_renderer(self, renderer: AudioRenderer) -> None:
        self._receiver.add(renderer)
        self._update_requests_soon()

    def _add_video_renderer(self, renderer: VideoRenderer) -> None:
        self._video.add(renderer)
        self._update_requests_soon()

    # --- requests to the room ---

    def _update_requests_soon(self) -> None:
        async def update() -> None:
            try:
                await self._update_requests()
            except (RequestRefused, ConnectionError, TimeoutError) as error:
                logger.warning("the room sends no audio or video: %s", error)

        self._keep(asyncio.create_task(update(), name="media requests of a client"))

    async def _update_requests(self) -> None:
        """Request the media that are wanted now, then start or stop the streams that depend on the request."""
        async with self._requesting:
            while (connection := self._connection) is not None and (request := self._request()) != self._requested:
                await asyncio.to_thread(_import_numpy)
                self._send_only(request)
                result = await connection.request("setAudio", request.params())
                if connection is self._connection:
                    self._requested, self._track_ids = request, result.get("tracks", {})
            self._update_streams()
        await self._video.update_request()

    def _request(self) -> _AudioRequest:
        return _AudioRequest(self._receiver.wanted, self._voice is not None, tuple(self._custom_tracks))

    def _update_streams(self) -> None:
        requested = self._requested if self._connection is not None else _AudioRequest()
        self._send_only(requested)
        self._receiver.update(self._participants if requested.receive else {}, self._settings.subscription)
        self._wake.set()

    def _send_only(self, request: _AudioRequest) -> None:
        """Send only the streams that the room expects and that are part of `request`."""
        streams: dict[str | None, Collection[AudioOutput]] = {}
        if request.send and self._requested.send and self._voice is not None:
            streams[None] = self._voice
        for name, track_id in self._track_ids.items():
            if name in request.tracks and name in self._custom_tracks:
                streams[track_id] = self._custom_tracks[name]
        self._sender.set_streams(streams)

    async def _run(self, connection: MediaChannel) -> None:
        """Send due frames and fill gaps in received audio, 50 times a second while there is audio."""
        with contextlib.suppress(ConnectionError):  # the connection reports its loss itself
            while True:
                self._wake.clear()
                for message in self._sender.due_messages():
                    await connection.send_binary(message)
                now = time.monotonic()
                self._receiver.fill_silence(now)
                if self._sender.active or self._receiver.active:
                    await asyncio.sleep(FRAME_S - now % FRAME_S)
                else:
                    await self._wake.wait()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _import_numpy() -> None:
    """Import numpy, which takes 60 ms; runs on a thread, so that it delays no other client.

    Raises ConnectionError if numpy is not installed.
    """
    try:
        from .._audio import mixer, renderer_stream  # noqa: F401, PLC0415
    except ImportError as missing:
        reason = f"audio needs numpy in {sys.executable} (pip install numpy): {missing}"
        raise ConnectionError(reason) from missing
