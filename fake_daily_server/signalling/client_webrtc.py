"""The WebRTC media of one signalling connection: opened on `setMedia`, closed when the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from fake_daily_server.signalling.messages import ReceiveAudio
from fake_daily_server.signalling.room_webrtc import SCREEN, RoomWebRtc
from fake_daily_server.values.errors import InvalidRequest

if TYPE_CHECKING:
    from fake_daily_server.domain.room import Room
    from fake_daily_server.media.webrtc_connection import WebRtcConnection
    from fake_daily_server.media.webrtc_sections import Kind


class ClientWebRtc:
    """The WebRTC connection of one client, if any; `send` receives the content of each `media` frame for the client.

    Used on the signalling connection's loop.
    """

    def __init__(self, send: Callable[[Mapping[str, Any]], None]) -> None:
        self._send = send
        self._current: RoomWebRtc | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Whether the client has a WebRTC connection."""
        return self._current is not None

    def set(
        self,
        room: Room,
        session_id: str,
        *,
        receive: ReceiveAudio,
        receive_video: bool,
        audio: bool,
        video: bool,
        screen_video: bool,
        tracks: Mapping[str, str],
    ) -> None:
        """Set what the client receives and sends; if that is nothing, close the connection.

        `tracks` are the ids of the client's custom audio tracks, by name. Await `load_webrtc()` first.
        """
        if self._current is not None and not self._current.supports(receive):
            self.stop()
        if receive == "off" and not (receive_video or audio or video or screen_video or tracks):
            self.stop()
            return
        if self._current is None:
            self._current = RoomWebRtc(room, session_id, self._send, mixed=receive == "mix", on_failed=self.stop)
        upstream: dict[str, Kind] = {"audio": "audio"}
        if video:
            upstream["video"] = "video"
        if screen_video:
            upstream[SCREEN] = "video"
        upstream |= dict.fromkeys(tracks, "audio")
        self._current.set(receive, receive_video=receive_video, microphone_on=audio, upstream=upstream)
        self._current.set_tracks(tracks)

    async def answer(self, number: int, sdp: str) -> None:
        """Accept the client's answer to offer `number`. Raises InvalidRequest for a wrong `number` or unusable SDP."""
        await _checked(self._connection("answerMedia").answer(number, sdp))

    async def add_candidate(self, candidate: str, mid: str | None, index: int | None) -> None:
        """Add an ICE candidate of the client. Raises InvalidRequest if it is malformed or too early."""
        await _checked(self._connection("addMediaCandidate").add_candidate(candidate, mid, index))

    def update(self) -> None:
        """Send a new offer if the client's permitted sources have changed."""
        if self._current is not None:
            self._current.update()

    def stop(self) -> None:
        """Start to close the connection, without waiting. Does nothing if there is none."""
        current, self._current = self._current, None
        if current is not None:
            task = asyncio.create_task(current.close(), name="closing WebRTC media")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close the connection; returns once it and all earlier ones are closed."""
        self.stop()
        if self._closing:
            await asyncio.wait(self._closing)

    def _connection(self, method: str) -> WebRtcConnection:
        if self._current is None:
            raise InvalidRequest(f"{method}: there is no WebRTC connection; request one with setMedia")
        return self._current.connection


async def _checked(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except ValueError as wrong:
        raise InvalidRequest(str(wrong)) from None
