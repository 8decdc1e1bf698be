"""The media sections (RFC 3264 §5) of one WebRTC connection: tracks from the client, and tracks to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpTransceiver

from fake_daily_server.media.encoded_audio_track import EncodedAudioTrack
from fake_daily_server.media.video_frame_track import VideoFrameTrack
from fake_daily_server.media.webrtc_ice import loopback_ice
from fake_daily_server.media.webrtc_peer import use_opus

Kind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True)
class TrackSource:
    """The source of a track to the client: a participant's microphone or camera, or the mix if `session_id` is None.

    `name` selects another track of the participant instead: a custom track, or `screenVideo`. `key` is the key of that
    track in the room's mixer or video.
    """

    session_id: str | None
    kind: Kind
    name: str | None = None
    key: str | None = None

    @property
    def room_key(self) -> str | None:
        """The key of the source in the room's mixer or video: `key`, else the session id; None for the mix."""
        return self.session_id if self.key is None else self.key

    def as_dict(self) -> dict[str, str | None]:
        """The source as a JSON object of a media offer."""
        source = {"sessionId": self.session_id, "kind": self.kind}
        return source if self.name is None else {**source, "name": self.name}


@dataclass(slots=True)
class _Section:
    transceiver: RTCRtpTransceiver
    track: EncodedAudioTrack | VideoFrameTrack
    source: TrackSource | None
    """What the section carries; None while the section is inactive."""


class MediaSections:
    """The media sections of one connection. They are never removed: an unneeded one becomes inactive and is reused.

    A section keeps its track, since aiortc's senders cannot be restarted; only the source of the track changes.
    """

    def __init__(self, connection: RTCPeerConnection) -> None:
        self._connection = connection
        self._upstream: dict[str, RTCRtpTransceiver] = {}
        """Sections for tracks from the client, by the track's name."""
        self._downstream: list[_Section] = []

    def open_upstream(self, name: str, kind: Kind) -> None:
        """Add a section for the client's track `name`, unless there is one.

        Names are `audio`, `video`, `screenVideo` and those of custom tracks.
        """
        if name not in self._upstream:
            self._upstream[name] = self._add(kind, "recvonly")

    def arrange(self, sources: Sequence[TrackSource]) -> bool:
        """Assign a section to each source. Returns whether anything has changed, so that a new offer is needed."""
        wanted = set(sources)
        changed = False
        for section in self._downstream:
            if section.source is not None and section.source not in wanted:
                section.source = None
                section.transceiver.direction = "inactive"
                changed = True
        placed = {section.source for section in self._downstream}
        for source in sources:
            if source not in placed:
                self._place(source)
                changed = True
        return changed

    def downstream_mids(self) -> dict[str, dict[str, str | None]]:
        """The source of each active section to the client, by mid; mids are known once the local description is set."""
        return {
            str(section.transceiver.mid): section.source.as_dict()
            for section in self._downstream
            if section.source is not None
        }

    def upstream_mids(self) -> dict[str, str | None]:
        """The mid of the section for each of the client's tracks, by track name; None for a section not offered yet."""
        return {name: transceiver.mid for name, transceiver in self._upstream.items()}

    def upstream_tracks(self) -> dict[str, MediaStreamTrack]:
        """The tracks from the client, by name."""
        return {name: transceiver.receiver.track for name, transceiver in self._upstream.items()}

    def audio_tracks(self) -> Mapping[str | None, EncodedAudioTrack]:
        """The audio tracks to the client, by the `room_key` of their source; None is the key of the mix."""
        return {
            section.source.room_key: section.track
            for section in self._downstream
            if section.source is not None and isinstance(section.track, EncodedAudioTrack)
        }

    def video_tracks(self) -> Mapping[str, VideoFrameTrack]:
        """The video tracks to the client, by the `room_key` of their source."""
        return {
            section.source.room_key: section.track
            for section in self._downstream
            if section.source is not None and section.source.room_key and isinstance(section.track, VideoFrameTrack)
        }

    def _place(self, source: TrackSource) -> None:
        for section in self._downstream:
            if section.source is None and section.transceiver.kind == source.kind:
                section.source = source
                section.transceiver.direction = "sendonly"
                return
        track = EncodedAudioTrack() if source.kind == "audio" else VideoFrameTrack()
        self._downstream.append(_Section(self._add(track, "sendonly"), track, source))

    def _add(self, what: Kind | EncodedAudioTrack | VideoFrameTrack, direction: str) -> RTCRtpTransceiver:
        with loopback_ice():
            transceiver = self._connection.addTransceiver(what, direction)
        if transceiver.kind == "audio":
            use_opus(transceiver)
        return transceiver
