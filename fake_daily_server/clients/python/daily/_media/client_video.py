"""The pictures of one client, between the program's cameras and renderers and the connection to the room."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .._threads.dispatcher import Dispatcher
from .._video.custom_video import output_of_camera, output_of_video_track
from .._video.renderer import VideoCallback, VideoRenderer
from .._video.wire import seen

if TYPE_CHECKING:
    from .._video.output import VideoOutput
    from .client_media import Wire
    from .media_settings import SoundSettings

logger = logging.getLogger("daily")

_Wish = tuple[tuple[str, ...], bool]
"""Whose pictures the room is asked for, and whether it is told that there are some."""


class Pictures:
    """Made with a client; on the I/O loop. Nothing is asked of the server until somebody watches or shows."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.dispatcher = Dispatcher()
        self._renderers: dict[tuple[str, str], VideoRenderer] = {}
        self._camera: VideoOutput | None = None
        self._on = False
        self._subscribed: Callable[[str], bool] = lambda participant: True
        self._connection: Wire | None = None
        self._asked: _Wish = (), False
        self._asking = asyncio.Lock()
        self._attached: VideoOutput | None = None
        self._latest: bytes | None = None
        self._came = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    def renderer(self, participant_id: str, callback: VideoCallback, source: str, color_format: str) -> VideoRenderer:
        """A renderer to `add`. On any thread."""
        return VideoRenderer(self.dispatcher, participant_id, callback, source, color_format)

    def add(self, renderer: VideoRenderer) -> None:
        """Have it called, instead of an earlier one of the same participant and source."""
        key = (renderer.participant_id, renderer.source)
        if (earlier := self._renderers.get(key)) is not None:
            earlier.close()
        self._renderers[key] = renderer

    def arrange(self, settings: SoundSettings) -> None:
        """The client's settings are these; `ask` comes after it."""
        camera = settings.inputs.get("camera", {})
        published = settings.publishing.get("camera", {}).get("isPublishing", True)
        self._on = bool(camera.get("isEnabled") and published)
        self._camera = _output(camera.get("settings", {})) if self._on else None
        self._subscribed = lambda participant: settings.subscription(participant, "camera") == "subscribed"

    def enter(self, connection: Wire) -> None:
        """The client is in the room, anew or again; `ask` comes after it."""
        self._connection, self._asked = connection, ((), False)

    def leave(self) -> None:
        """The connection is gone."""
        self._connection = None
        self._attach(None)
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def release(self) -> None:
        """No callback begins after this. On any thread."""
        for renderer in tuple(self._renderers.values()):
            renderer.close()
        self.dispatcher.end()

    def see(self, message: bytes) -> None:
        """A picture came from the room."""
        participant, width, height, planes = seen(message)
        renderer = self._renderers.get((participant, "camera"))
        if renderer is not None and self._subscribed(participant):
            renderer.see(width, height, planes)

    async def ask(self) -> None:
        """Bring the room's knowledge up to date. Raises ConnectionError, TimeoutError and Refused."""
        async with self._asking:
            while (connection := self._connection) is not None and (wish := self._wish()) != self._asked:
                watched, show = wish
                if not show:
                    self._attach(None)
                params = {"receive": bool(watched), "participants": watched, "send": show}
                await connection.request("setVideo", params)
                if connection is self._connection:
                    self._asked = wish
            if self._connection is not None and self._asked[1]:
                self._attach(self._camera)
                if self._sending is None and self._camera is not None:
                    self._sending = asyncio.create_task(self._send(self._connection), name="pictures of a client")

    def _wish(self) -> _Wish:
        watched = {participant for participant, source in self._renderers if source == "camera"}
        return tuple(sorted(filter(self._subscribed, watched))), self._on

    def _attach(self, output: VideoOutput | None) -> None:
        if output is self._attached:
            return
        if self._attached is not None:
            self._attached.detach(self._show)
        self._attached, self._latest = output, None
        if output is not None:
            output.attach(self._show)

    def _show(self, message: bytes) -> None:
        """On the thread of who writes; the room gets the latest picture when there is no time for all."""
        self._latest = message
        self._loop.call_soon_threadsafe(self._came.set)

    async def _send(self, connection: Wire) -> None:
        with contextlib.suppress(ConnectionError):  # the connection tells its owner
            while True:
                await self._came.wait()
                self._came.clear()
                message, self._latest = self._latest, None
                if message is not None:
                    await connection.send_sound(message)


def _output(settings: Mapping[str, Any]) -> VideoOutput | None:
    """Where the pictures of the camera come from. A track that does not exist is logged, as by daily-python."""
    if (track := settings.get("customTrack", {}).get("id")) is None:
        return output_of_camera(settings.get("deviceId", ""))
    output = output_of_video_track(track)
    if output is None:
        logger.error("Can't find custom camera track: %s", track)
    return output
