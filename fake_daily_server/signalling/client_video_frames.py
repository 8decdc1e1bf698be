"""The video of a client without WebRTC: uncompressed frames in binary messages on its signalling connection."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from fake_daily_server.media.permissions import receives_video
from fake_daily_server.media.video_message import VideoMessage
from fake_daily_server.values.errors import BadJson, InvalidRequest

if TYPE_CHECKING:
    from av import VideoFrame

    from fake_daily_server.domain.room import Room


class ClientVideoFrames:
    """The video that one client exchanges in binary messages. Used on the connection's loop.

    `on_message` is called whenever there is a binary message to `take`. Only the newest frame of each sender is queued,
    so a client that reads slowly receives fewer frames.
    """

    def __init__(self, on_message: Callable[[], None]) -> None:
        self._on_message = on_message
        self._room: Room | None = None
        self._session_id = ""
        self._receives = False
        self._wanted: frozenset[str] | None = None
        self._sends = False
        self._watching: dict[str, Callable[[VideoFrame], None]] = {}
        """The watcher of each sender whose video the client receives, by session id."""
        self._newest: dict[str, VideoFrame] = {}
        """The queued frame of each sender, by session id."""

    def set(
        self, room: Room, session_id: str, *, receive: bool, participants: Collection[str] | None, send: bool
    ) -> None:
        """Set what the client receives and sends; `participants` None means all. Await `load_video()` first."""
        if self._room is None:
            room.media.video.follow(self.update)
        self._room, self._session_id = room, session_id
        self._receives, self._sends = receive, send
        self._wanted = None if participants is None else frozenset(participants)
        self.update()

    def update(self) -> None:
        """Watch the participants whose video the client wants and may receive now."""
        if self._room is None:
            return
        participants = self._room.participants
        me = participants.get(self._session_id)
        senders = set()
        if self._receives and me is not None:
            senders = {id_ for id_, sender in participants.items() if receives_video(me, sender)}
        if self._wanted is not None:
            senders &= self._wanted
        for sender in self._watching.keys() - senders:
            self._unwatch(sender)
        for sender in senders - self._watching.keys():
            self._watching[sender] = partial(self._queue, sender)
            self._room.media.video.watch(sender, self._watching[sender])

    def receive(self, data: bytes) -> None:
        """Pass the frame in a binary message to the client's watchers.

        Raises BadJson if the client has not turned its video on, InvalidRequest if the message is malformed.
        """
        if self._room is None or not self._sends:
            raise BadJson("the frame is video, but the camera is off; request setVideo with send: true")
        try:
            message = VideoMessage.parse(data)
        except ValueError as wrong:
            raise InvalidRequest(str(wrong)) from None
        if self._room.media.video.is_watched(self._session_id):
            self._room.media.video.show(self._session_id, _decoded(message))

    def take(self) -> bytes | None:
        """Remove and return the next binary message for the client; None if there is none."""
        if not self._newest:
            return None
        sender = next(iter(self._newest))
        return bytes(_encoded(sender, self._newest.pop(sender)))

    def stop(self) -> None:
        """Stop sending and receiving video."""
        for sender in tuple(self._watching):
            self._unwatch(sender)
        if self._room is not None:
            self._room.media.video.unfollow(self.update)
        self._room, self._receives, self._sends = None, False, False

    def _queue(self, sender: str, frame: VideoFrame) -> None:
        self._newest[sender] = frame
        self._on_message()

    def _unwatch(self, sender: str) -> None:
        watcher = self._watching.pop(sender)
        self._newest.pop(sender, None)
        if self._room is not None:
            self._room.media.video.unwatch(sender, watcher)


def _encoded(sender: str, frame: VideoFrame) -> VideoMessage:
    import numpy as np  # noqa: PLC0415  # loaded by load_video()

    i420 = frame.reformat(format="yuv420p")
    rows = (np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height] for plane in i420.planes)
    # FFmpeg pads each row to the line size of its plane.
    planes = [padded[:, : plane.width].tobytes() for padded, plane in zip(rows, i420.planes, strict=True)]
    return VideoMessage(sender, i420.width, i420.height, b"".join(planes))


def _decoded(message: VideoMessage) -> VideoFrame:
    import numpy as np  # noqa: PLC0415
    from av import VideoFrame  # noqa: PLC0415

    frame = VideoFrame(message.width, message.height, "yuv420p")
    offset = 0
    for plane in frame.planes:
        padded = np.zeros((plane.buffer_size // plane.line_size, plane.line_size), np.uint8)
        size = plane.width * plane.height
        rows = np.frombuffer(message.planes, np.uint8, size, offset)
        padded[: plane.height, : plane.width] = rows.reshape(plane.height, plane.width)
        plane.update(padded.tobytes())
        offset += size
    return frame
