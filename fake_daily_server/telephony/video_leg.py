"""A SIP call in the room's video: everybody may see it, and it sees one of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_daily_server.media.permissions import receives_video
from simulator.video.wish import VideoWish

if TYPE_CHECKING:
    from av import VideoFrame

    from fake_daily_server.domain.room import Room
    from fake_daily_server.values.room_properties import RoomProperties
    from fake_daily_server.values.telephony_requests import StartDialOut
    from simulator.useragent.messages import VideoCodec
    from simulator.video.stream import VideoStream

VIDEO_CODECS: tuple[VideoCodec, ...] = ("H264", "VP8")
"""All that Daily speaks, in the order in which its documentation names them."""


class VideoLeg:
    """From the moment at which a call's video was agreed on. Used on the room's loop.

    The call sees the first other participant, in order of joining, whose video may reach it.
    """

    def __init__(self, room: Room, session_id: str, stream: VideoStream) -> None:
        self._room = room
        self._me = session_id
        self._stream = stream
        self._watched: str | None = None
        stream.on_picture = self._show
        room.media.video.follow(self.arrange)
        self.arrange()

    def arrange(self) -> None:
        """Somebody came, went, or may be seen by others than before."""
        everybody = self._room.participants
        me = everybody.get(self._me)
        wanted = next((id_ for id_, who in everybody.items() if me is not None and receives_video(me, who)), None)
        if wanted == self._watched:
            return
        self._look_away()
        self._watched = wanted
        if wanted is not None:
            self._room.media.video.watch(wanted, self._stream.send)

    def close(self) -> None:
        """The call has left the room, or has no video any more. Can be repeated."""
        self._room.media.video.unfollow(self.arrange)
        self._look_away()
        if self._stream.on_picture == self._show:
            self._stream.on_picture = None

    def _show(self, picture: VideoFrame) -> None:
        self._room.media.video.show(self._me, picture)

    def _look_away(self) -> None:
        if self._watched is not None:
            self._room.media.video.unwatch(self._watched, self._stream.send)
            self._watched = None


def wish_of_dialout(request: StartDialOut) -> VideoWish | None:
    """What `video`, `videoSettings` and `codecs.video` of a dial-out ask for."""
    if not request.video:
        return None
    codecs = _preferred(request.codecs.video if request.codecs else None)
    settings = request.video_settings
    if settings is None:
        return VideoWish(codecs)
    return VideoWish(codecs, settings.width, settings.height, settings.fps, settings.video_bitrate)


def wish_of_dialin(properties: RoomProperties) -> VideoWish | None:
    """What `sip.video` and `sip.codecs.video` of a room ask for."""
    sip = properties.sip
    if sip is None or not sip.video:
        return None
    return VideoWish(_preferred(sip.codecs.video if sip.codecs else None))


def _preferred(codecs: tuple[VideoCodec, ...] | None) -> tuple[VideoCodec, ...]:
    first = codecs or ()
    return (*first, *(codec for codec in VIDEO_CODECS if codec not in first))
