"""The video of a SIP call in a room: shown to all permitted participants, while the call itself receives one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_daily_server.media.permissions import receives_video
from simulator.video.preferences import VideoPreferences

if TYPE_CHECKING:
    from av import VideoFrame

    from fake_daily_server.domain.room import Room
    from fake_daily_server.values.room_properties import RoomProperties
    from fake_daily_server.values.telephony_requests import StartDialOut
    from simulator.video.negotiated import VideoCodec
    from simulator.video.stream import VideoStream

VIDEO_CODECS: tuple[VideoCodec, ...] = ("H264", "VP8")
"""The video codecs that Daily supports, in the order of its documentation."""


class VideoLeg:
    """Connects a call's video stream to the room's video. Used on the room's loop.

    The call receives the video of the first other participant, in order of joining, that permissions let it receive.
    """

    def __init__(self, room: Room, session_id: str, stream: VideoStream) -> None:
        self._room = room
        self._session_id = session_id
        self._stream = stream
        self._watched: str | None = None
        stream.on_picture = self._show_frame
        room.media.video.follow(self.arrange)
        self.arrange()

    def arrange(self) -> None:
        """Choose the participant whose video the call receives; called when participants or permissions change."""
        participants = self._room.participants
        me = participants.get(self._session_id)
        wanted = next(
            (id_ for id_, other in participants.items() if me is not None and receives_video(me, other)), None
        )
        if wanted == self._watched:
            return
        self._stop_watching()
        self._watched = wanted
        if wanted is not None:
            self._room.media.video.watch(wanted, self._stream.send)

    def close(self) -> None:
        """Disconnect the call from the room's video. May be called repeatedly."""
        self._room.media.video.unfollow(self.arrange)
        self._stop_watching()
        if self._stream.on_picture == self._show_frame:
            self._stream.on_picture = None

    def _show_frame(self, picture: VideoFrame) -> None:
        self._room.media.video.show(self._session_id, picture)

    def _stop_watching(self) -> None:
        if self._watched is not None:
            self._room.media.video.unwatch(self._watched, self._stream.send)
            self._watched = None


def dialout_video(request: StartDialOut) -> VideoPreferences | None:
    """The video that a dial-out requests with `video`, `videoSettings` and `codecs.video`; None if it requests none."""
    if not request.video:
        return None
    codecs = _preferred(request.codecs.video if request.codecs else None)
    settings = request.video_settings
    if settings is None:
        return VideoPreferences(codecs)
    return VideoPreferences(codecs, settings.width, settings.height, settings.fps, settings.video_bitrate)


def dialin_video(properties: RoomProperties) -> VideoPreferences | None:
    """The video that a room requests with `sip.video` and `sip.codecs.video`; None if it requests none."""
    sip = properties.sip
    if sip is None or not sip.video:
        return None
    return VideoPreferences(_preferred(sip.codecs.video if sip.codecs else None))


def requested_video_codec(properties: RoomProperties) -> VideoCodec | None:
    """The codec that the room wants for the video of calls to its endpoints; None when it names none."""
    sip = properties.sip
    named = sip.codecs.video if sip and sip.codecs else None
    return named[0] if named else None


def _preferred(codecs: tuple[VideoCodec, ...] | None) -> tuple[VideoCodec, ...]:
    first = codecs or ()
    return (*first, *(codec for codec in VIDEO_CODECS if codec not in first))
