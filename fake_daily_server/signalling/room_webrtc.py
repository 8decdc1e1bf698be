"""Connects one WebRTC connection to a room: its legs in the mix, and the video that it sends and receives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fake_daily_server.media.permissions import (
    may_receive_audio,
    receives_audio,
    receives_custom_audio,
    receives_screen_video,
    receives_video,
)
from fake_daily_server.signalling.messages import ReceiveAudio

if TYPE_CHECKING:
    from av import VideoFrame

    from fake_daily_server.domain.room import Room
    from fake_daily_server.media.webrtc_leg import WebRtcMixLeg, WebRtcPerSpeakerLeg
    from fake_daily_server.media.webrtc_sections import Kind, MediaSections, TrackSource
    from fake_daily_server.values.participants import Participant

SCREEN = "screenVideo"
"""daily-js's name of the track with a shared screen."""


def _video_key(session_id: str, name: str) -> str:
    """The key in the room's video of a participant's camera (`name` is `video`) or of another of its video tracks."""
    return session_id if name == "video" else f"{session_id}/{name}"


class RoomWebRtc:
    """A client's WebRTC media in a room, from the opening `setMedia` until the connection is closed.

    If `mixed`, the client receives one track with the mix, otherwise one track per speaker. Used on the room's loop.
    """

    def __init__(
        self,
        room: Room,
        session_id: str,
        send: Callable[[Mapping[str, Any]], None],
        *,
        mixed: bool,
        on_failed: Callable[[], None],
    ) -> None:
        from fake_daily_server.media.webrtc_connection import WebRtcConnection  # noqa: PLC0415  # loads aiortc

        self._room = room
        self._session_id = session_id
        self._mixed = mixed
        self._receive: ReceiveAudio = "off"
        self._receive_video = False
        self._microphone_on = False
        self._on_failed = on_failed
        self._leg: WebRtcPerSpeakerLeg | WebRtcMixLeg | None = None
        self._per_speaker: WebRtcPerSpeakerLeg | None = None
        """The client's leg if it receives each speaker separately; None if it receives the mix."""
        self._audible: set[str] = set()
        """Session ids of the participants with an audio section. A muted one keeps its section, and so its track."""
        self._watching: dict[str, Callable[[VideoFrame], None]] = {}
        self._upstream: Mapping[str, Kind] = {}
        self._tracks: dict[str, str] = {}
        """The ids of the client's custom audio tracks, by name."""
        self.connection = WebRtcConnection(
            send=send,
            on_connected=self._attach,
            on_arranged=self._connect_tracks,
            on_failed=self._failed,
            on_video=lambda name, frame: room.media.video.show(_video_key(session_id, name), frame),
        )

    def supports(self, receive: ReceiveAudio) -> bool:
        """Whether this connection can be used for `receive`: a change to or from the mix needs a new connection."""
        return (receive == "mix") == self._mixed

    def set(
        self, receive: ReceiveAudio, *, receive_video: bool, microphone_on: bool, upstream: Mapping[str, Kind]
    ) -> None:
        """Set what the client receives, and which tracks it may send, by name."""
        self._receive, self._receive_video, self._microphone_on = receive, receive_video, microphone_on
        self._upstream = upstream
        if self._leg is not None:
            self._leg.microphone_on = microphone_on
        self.update()

    def set_tracks(self, tracks: Mapping[str, str]) -> None:
        """Set the ids of the client's custom audio tracks, by name; adds and removes their legs."""
        from fake_daily_server.media.webrtc_leg import WebRtcTrackLeg  # noqa: PLC0415  # loads PyAV

        for name in self._tracks.keys() - tracks.keys():
            self._room.media.detach_track(self._tracks.pop(name))
            del self.connection.audio_sinks[name]
        for name in tracks.keys() - self._tracks.keys():
            leg = WebRtcTrackLeg()
            self.connection.audio_sinks[name] = leg.playout.put
            self._room.media.attach_track(tracks[name], leg, owner=self._session_id, name=name)
            self._tracks[name] = tracks[name]

    def update(self) -> None:
        """Send a new offer if the client's permitted sources or its own tracks have changed."""
        self.connection.arrange(self._sources(), self._upstream)

    async def close(self) -> None:
        """Remove the client from the room's audio and video, and close the connection."""
        for sender, watcher in self._watching.items():
            self._room.media.video.unwatch(sender, watcher)
        self._watching.clear()
        if self._leg is not None and self._room.media.legs.get(self._session_id) is self._leg:
            self._room.media.detach_leg(self._session_id)
        self.set_tracks({})
        await self.connection.close()

    def _sources(self) -> list[TrackSource]:
        """The sources that the client wants and may receive, one per track."""
        from fake_daily_server.media.webrtc_sections import TrackSource  # noqa: PLC0415  # loads aiortc

        participants = self._room.participants
        me = participants.get(self._session_id)
        if me is None:
            return []
        sources = [TrackSource(None, "audio")] if self._mixed else []
        if self._receive == "participants":
            self._audible = {id_ for id_, sender in participants.items() if self._needs_section(me, sender)}
            sources += [TrackSource(id_, "audio") for id_ in participants if id_ in self._audible]
            sources += [
                TrackSource(id_, "audio", name, key)
                for id_, sender in participants.items()
                for name, key in sender.custom_audio.items()
                if receives_custom_audio(me, sender, name)
            ]
        if self._receive_video:
            sources += [TrackSource(id_, "video") for id_, sender in participants.items() if receives_video(me, sender)]
            screens = [id_ for id_, sender in participants.items() if receives_screen_video(me, sender)]
            sources += [TrackSource(id_, "video", SCREEN, _video_key(id_, SCREEN)) for id_ in screens]
        return sources

    def _needs_section(self, me: Participant, sender: Participant) -> bool:
        """Whether the audio of `sender` needs a section: the sender is heard, or is only muted and had a section."""
        heard = sender.audio and receives_audio(me, sender)
        return heard or (sender.session_id in self._audible and may_receive_audio(me, sender))

    def _attach(self) -> None:
        """Add the client's leg to the mix; called once the connection is established."""
        from fake_daily_server.media.webrtc_leg import WebRtcMixLeg, WebRtcPerSpeakerLeg  # noqa: PLC0415  # loads PyAV

        media = self._room.media
        if self._session_id not in self._room.participants:
            return
        leg: WebRtcPerSpeakerLeg | WebRtcMixLeg
        if self._mixed:
            leg = WebRtcMixLeg(self.connection.sections.audio_tracks()[None])
        else:
            leg = self._per_speaker = WebRtcPerSpeakerLeg(media.encoders)
        self._leg = leg
        leg.microphone_on = self._microphone_on
        self.connection.audio_sinks["audio"] = leg.playout.put
        self._connect_tracks(self.connection.sections)
        media.attach(self._session_id, leg)

    def _connect_tracks(self, sections: MediaSections) -> None:
        """Connect each track to the client with the current source of its section."""
        if self._per_speaker is not None:
            audio_tracks = sections.audio_tracks()
            self._per_speaker.tracks = {key: track for key, track in audio_tracks.items() if key is not None}
        video = self._room.media.video
        for sender, watcher in self._watching.items():
            video.unwatch(sender, watcher)
        self._watching = {sender: track.put for sender, track in sections.video_tracks().items()}
        for sender, watcher in self._watching.items():
            video.watch(sender, watcher)

    def _failed(self, because: str) -> None:
        self._room.media.record_failure(self._session_id, f"WebRTC: {because}")
        self._on_failed()
