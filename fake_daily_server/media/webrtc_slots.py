"""The sections of one WebRTC connection: what comes from the client, and one for each track that goes to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender, RTCRtpTransceiver

from fake_daily_server.media.packet_track import PacketTrack
from fake_daily_server.media.picture_track import PictureTrack
from fake_daily_server.media.webrtc_ice import loopback_ice

Kind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True)
class Source:
    """What a track carries: a participant's microphone or camera; without a session id the mix of everybody.

    `name` is that of another track, a custom one or `screenVideo`, and `key` what the room knows it by.
    """

    session_id: str | None
    kind: Kind
    name: str | None = None
    key: str | None = None

    @property
    def known_as(self) -> str | None:
        """The key of its sound in the mixer, of its pictures in the room's video."""
        return self.session_id if self.key is None else self.key

    def as_dict(self) -> dict[str, str | None]:
        """As the offer tells it."""
        told = {"sessionId": self.session_id, "kind": self.kind}
        return told if self.name is None else {**told, "name": self.name}


@dataclass(slots=True)
class _Slot:
    transceiver: RTCRtpTransceiver
    track: PacketTrack | PictureTrack
    source: Source | None


class Slots:
    """Sections are never taken away: one that is not needed becomes inactive and waits for the next track.

    A slot keeps its track for ever, since aiortc's senders cannot begin again; what feeds it changes.
    """

    def __init__(self, connection: RTCPeerConnection) -> None:
        self._connection = connection
        self._upstream: dict[str, RTCRtpTransceiver] = {}
        """By the track's name."""
        self._slots: list[_Slot] = []

    def open_upstream(self, name: str, kind: Kind) -> None:
        """Have a section for a track of the client: `audio`, `video`, `screenVideo`, or the name of a custom one."""
        if name not in self._upstream:
            self._upstream[name] = self._add(kind, "recvonly")

    def arrange(self, sources: Sequence[Source]) -> bool:
        """Give each source a section. Returns whether anything has changed, so that the client must be told."""
        wanted = set(sources)
        changed = False
        for slot in self._slots:
            if slot.source is not None and slot.source not in wanted:
                slot.source = None
                slot.transceiver.direction = "inactive"
                changed = True
        placed = {slot.source for slot in self._slots}
        for source in sources:
            if source not in placed:
                self._place(source)
                changed = True
        return changed

    def mids(self) -> dict[str, dict[str, str | None]]:
        """What each section carries; known when the local description is set."""
        return {str(slot.transceiver.mid): slot.source.as_dict() for slot in self._slots if slot.source is not None}

    def upstream_mids(self) -> dict[str, str | None]:
        """Where the client's own tracks go; None for a section that has not been offered yet."""
        return {name: transceiver.mid for name, transceiver in self._upstream.items()}

    def upstream_tracks(self) -> dict[str, MediaStreamTrack]:
        """What comes from the client, by name."""
        return {name: transceiver.receiver.track for name, transceiver in self._upstream.items()}

    def sounds(self) -> Mapping[str | None, PacketTrack]:
        """The audio tracks by what they carry."""
        return {
            slot.source.known_as: slot.track
            for slot in self._slots
            if slot.source is not None and isinstance(slot.track, PacketTrack)
        }

    def pictures(self) -> Mapping[str, PictureTrack]:
        """The video tracks by whom they show."""
        return {
            slot.source.known_as: slot.track
            for slot in self._slots
            if slot.source is not None and slot.source.known_as and isinstance(slot.track, PictureTrack)
        }

    def _place(self, source: Source) -> None:
        for slot in self._slots:
            if slot.source is None and slot.transceiver.kind == source.kind:
                slot.source = source
                slot.transceiver.direction = "sendonly"
                return
        track = PacketTrack() if source.kind == "audio" else PictureTrack()
        self._slots.append(_Slot(self._add(track, "sendonly"), track, source))

    def _add(self, what: Kind | PacketTrack | PictureTrack, direction: str) -> RTCRtpTransceiver:
        with loopback_ice():
            transceiver = self._connection.addTransceiver(what, direction)
        if transceiver.kind == "audio":
            codecs = RTCRtpSender.getCapabilities("audio").codecs
            transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType == "audio/opus"])
        return transceiver
