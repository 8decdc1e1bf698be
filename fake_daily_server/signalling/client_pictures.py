"""The pictures of one signalling connection: whom the client watches, and what it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from fake_daily_server.media.permissions import sees
from fake_daily_server.media.picture_wire import PictureMessage
from fake_daily_server.values.errors import BadJson, InvalidRequest

if TYPE_CHECKING:
    from av import VideoFrame

    from fake_daily_server.domain.room import Room


async def load() -> None:
    """Import PyAV without holding up the loop."""
    await asyncio.to_thread(_import)


def _import() -> None:
    import av  # noqa: F401, PLC0415  # that is the point
    import numpy  # noqa: F401, PLC0415


class ClientPictures:
    """Used on the connection's loop. `ready` is called when there is something to `take`.

    Of each sender only the latest picture waits: a client that reads slowly sees fewer.
    """

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready = ready
        self._room: Room | None = None
        self._me = ""
        self._receives = False
        self._wanted: frozenset[str] | None = None
        self._sends = False
        self._watching: dict[str, Callable[[VideoFrame], None]] = {}
        self._latest: dict[str, VideoFrame] = {}

    def set(
        self, room: Room, session_id: str, *, receive: bool, participants: Collection[str] | None, send: bool
    ) -> None:
        """Whom the client watches (None: everybody), and whether it shows something. `load()` first."""
        if self._room is None:
            room.media.video.follow(self.arrange)
        self._room, self._me = room, session_id
        self._receives, self._sends = receive, send
        self._wanted = None if participants is None else frozenset(participants)
        self.arrange()

    def arrange(self) -> None:
        """Somebody came, went, or may be seen by others than before."""
        if self._room is None:
            return
        everybody = self._room.participants
        me = everybody.get(self._me)
        seen = set()
        if self._receives and me is not None:
            seen = {id_ for id_, who in everybody.items() if sees(me, who)}
        if self._wanted is not None:
            seen &= self._wanted
        for sender in self._watching.keys() - seen:
            self._look_away(sender)
        for sender in seen - self._watching.keys():
            self._watching[sender] = partial(self._see, sender)
            self._room.media.video.watch(sender, self._watching[sender])

    def show(self, data: bytes) -> None:
        """A picture came. Raises BadJson when none is expected, InvalidRequest when it cannot be read."""
        if self._room is None or not self._sends:
            raise BadJson("the frame is a picture, and setVideo has not been asked for with send: true")
        try:
            message = PictureMessage.parse(data)
        except ValueError as wrong:
            raise InvalidRequest(str(wrong)) from None
        if self._room.media.video.watched(self._me):
            self._room.media.video.show(self._me, _decoded(message))

    def take(self) -> bytes | None:
        """The next binary message for the client, if there is one."""
        if not self._latest:
            return None
        sender = next(iter(self._latest))
        return bytes(_encoded(sender, self._latest.pop(sender)))

    def stop(self) -> None:
        """The client has left the room, or takes part in another way."""
        for sender in tuple(self._watching):
            self._look_away(sender)
        if self._room is not None:
            self._room.media.video.unfollow(self.arrange)
        self._room, self._receives, self._sends = None, False, False

    def _see(self, sender: str, picture: VideoFrame) -> None:
        self._latest[sender] = picture
        self._ready()

    def _look_away(self, sender: str) -> None:
        watcher = self._watching.pop(sender)
        self._latest.pop(sender, None)
        if self._room is not None:
            self._room.media.video.unwatch(sender, watcher)


def _encoded(sender: str, picture: VideoFrame) -> PictureMessage:
    import numpy as np  # noqa: PLC0415  # loaded with PyAV's pictures

    frame = picture.reformat(format="yuv420p")
    lines = (
        np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height] for plane in frame.planes
    )
    planes = [all_[:, : plane.width].tobytes() for all_, plane in zip(lines, frame.planes, strict=True)]
    return PictureMessage(sender, frame.width, frame.height, b"".join(planes))


def _decoded(message: PictureMessage) -> VideoFrame:
    import numpy as np  # noqa: PLC0415
    from av import VideoFrame  # noqa: PLC0415

    frame = VideoFrame(message.width, message.height, "yuv420p")
    at = 0
    for plane in frame.planes:
        lines = np.zeros((plane.buffer_size // plane.line_size, plane.line_size), np.uint8)
        size = plane.width * plane.height
        own = np.frombuffer(message.planes, np.uint8, size, at)
        lines[: plane.height, : plane.width] = own.reshape(plane.height, plane.width)
        plane.update(lines.tobytes())
        at += size
    return frame
