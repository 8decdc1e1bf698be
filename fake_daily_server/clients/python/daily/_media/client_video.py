"""ClientVideo: passes the video frames of one client between the room and the program's cameras and renderers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from .._threads.dispatcher import Dispatcher
from .._video.output import VideoOutput
from .._video.renderer import VideoCallback, VideoRenderer
from .._video.wire import parse_picture
from .channel import MediaChannel
from .media_settings import MediaSettings

_Request = tuple[tuple[str, ...], bool]
"""A request to the room: the participants whose video is wanted, and whether this client sends video."""


class ClientVideo:
    """The video of one client; requests nothing until a renderer is set or the camera is on. Used on the I/O loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.dispatcher = Dispatcher()
        self._renderers: dict[tuple[str, str], VideoRenderer] = {}
        self._camera: VideoOutput | None = None
        self._camera_on = False
        self._subscribed: Callable[[str], bool] = lambda participant: True
        self._connection: MediaChannel | None = None
        self._requested: _Request = (), False
        self._requesting = asyncio.Lock()
        self._attached: VideoOutput | None = None
        self._latest: bytes | None = None
        self._written = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    def create_renderer(
        self, participant_id: str, callback: VideoCallback, source: str, color_format: str
    ) -> VideoRenderer:
        """Create a renderer for `add`. May be called on any thread."""
        return VideoRenderer(self.dispatcher, participant_id, callback, source, color_format)

    def add(self, renderer: VideoRenderer) -> None:
        """Add a renderer; it replaces an earlier one of the same participant and source."""
        key = (renderer.participant_id, renderer.source)
        if (earlier := self._renderers.get(key)) is not None:
            earlier.close()
        self._renderers[key] = renderer

    def apply(self, settings: MediaSettings) -> None:
        """Set the client's settings; `update_request` must follow."""
        self._camera_on, self._camera = settings.camera()
        self._subscribed = lambda participant: settings.subscription(participant, "camera") == "subscribed"

    def enter(self, connection: MediaChannel) -> None:
        """Use this connection after a join or a reconnection; `update_request` must follow."""
        self._connection, self._requested = connection, ((), False)

    def leave(self) -> None:
        """Stop sending, because the connection is closed."""
        self._connection = None
        self._attach(None)
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def release(self) -> None:
        """Stop starting callbacks. May be called on any thread."""
        for renderer in tuple(self._renderers.values()):
            renderer.close()
        self.dispatcher.end()

    def receive(self, message: bytes) -> None:
        """Deliver the video frame in a binary message of the room."""
        participant, width, height, planes = parse_picture(message)
        renderer = self._renderers.get((participant, "camera"))
        if renderer is not None and self._subscribed(participant):
            renderer.push(width, height, planes)

    async def update_request(self) -> None:
        """Request the video that is wanted now. Raises ConnectionError, TimeoutError and RequestRefused."""
        async with self._requesting:
            while (connection := self._connection) is not None and (request := self._request()) != self._requested:
                participants, send = request
                if not send:
                    self._attach(None)
                params = {"receive": bool(participants), "participants": participants, "send": send}
                await connection.request("setVideo", params)
                if connection is self._connection:
                    self._requested = request
            if self._connection is not None and self._requested[1]:
                self._attach(self._camera)
                if self._sending is None and self._camera is not None:
                    self._sending = asyncio.create_task(self._send(self._connection), name="video of a client")

    def _request(self) -> _Request:
        participants = {participant for participant, source in self._renderers if source == "camera"}
        return tuple(sorted(filter(self._subscribed, participants))), self._camera_on

    def _attach(self, output: VideoOutput | None) -> None:
        if output is self._attached:
            return
        if self._attached is not None:
            self._attached.detach(self._picture_written)
        self._attached, self._latest = output, None
        if output is not None:
            output.attach(self._picture_written)

    def _picture_written(self, message: bytes) -> None:
        """Keep only the latest video frame for `_send`. Called on the thread that writes the frame."""
        self._latest = message
        self._loop.call_soon_threadsafe(self._written.set)

    async def _send(self, connection: MediaChannel) -> None:
        with contextlib.suppress(ConnectionError):  # the connection reports its loss itself
            while True:
                await self._written.wait()
                self._written.clear()
                message, self._latest = self._latest, None
                if message is not None:
                    await connection.send_binary(message)
