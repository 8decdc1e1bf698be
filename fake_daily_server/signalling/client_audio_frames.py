"""The audio of a client without WebRTC: binary messages on its signalling connection, and its legs in the mix."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from fake_daily_server.media.audio_message import AudioMessage
from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.signalling.messages import ReceiveAudio
from fake_daily_server.values.errors import BadJson, InvalidRequest

if TYPE_CHECKING:
    from fake_daily_server.media.pcm_leg import PcmLeg, PcmTrackLeg


class ClientAudioFrames:
    """The audio that one client exchanges in binary messages. Used on the connection's loop.

    `on_message` is called whenever there is a binary message to `take`.
    """

    def __init__(self, on_message: Callable[[], None]) -> None:
        self._on_message = on_message
        self._leg: PcmLeg | None = None
        self._sends = False
        self._tracks: dict[str, PcmTrackLeg] = {}
        """The legs of named tracks, by track id."""

    def set(
        self,
        media: RoomMedia,
        session_id: str,
        *,
        receive: ReceiveAudio,
        participants: Collection[str] | None,
        send: bool,
        tracks: Mapping[str, str],
    ) -> None:
        """Set what the client receives and sends; a client that does neither has no leg. Await `load_mixer()` first.

        `participants` limits the received audio to these session ids. `tracks` are the ids of the client's named
        tracks, by name. If the client continues to send, audio that it has already sent is still heard.
        """
        from fake_daily_server.media.pcm_leg import PcmLeg, PcmPerSpeakerLeg  # noqa: PLC0415  # loads numpy

        received = self._leg.received if self._leg is not None and self._sends and send else None
        if receive == "participants":
            wanted = None if participants is None else frozenset(participants)
            self._leg = PcmPerSpeakerLeg(self._on_message, wanted=wanted, received=received)
        elif receive == "mix" or send:
            self._leg = PcmLeg(self._on_message, receives=receive == "mix", received=received)
        else:
            self._leg = None
        self._sends = send
        if self._leg is None:
            media.detach_leg(session_id)
        else:
            media.attach(session_id, self._leg)
        self._set_tracks(media, session_id, tracks)

    def _set_tracks(self, media: RoomMedia, session_id: str, tracks: Mapping[str, str]) -> None:
        from fake_daily_server.media.pcm_leg import PcmTrackLeg  # noqa: PLC0415  # loads numpy

        for removed in self._tracks.keys() - set(tracks.values()):
            del self._tracks[removed]
            media.detach_track(removed)
        for name, track_id in tracks.items():
            if track_id not in self._tracks:
                self._tracks[track_id] = PcmTrackLeg()
                media.attach_track(track_id, self._tracks[track_id], owner=session_id, name=name)

    def receive(self, data: bytes) -> None:
        """Queue the audio of a binary message for the mixer.

        Raises BadJson if the client has not turned its audio on, InvalidRequest if the message is malformed.
        """
        if not self._sends and not self._tracks:
            raise BadJson(
                "the frame is binary audio, but the client's audio is off; "
                "request setAudio with send: true or with tracks first"
            )
        try:
            message = AudioMessage.parse(data)
        except ValueError as wrong:
            raise InvalidRequest(str(wrong)) from None
        if message.source_id is not None:
            if (track := self._tracks.get(message.source_id)) is None:
                raise InvalidRequest(f"{message.source_id} is no track of this client; setAudio returns the ids")
            track.received.put_pcm(message.pcm)
        elif self._leg is not None and self._sends:
            self._leg.received.put_pcm(message.pcm)
        else:
            raise BadJson("the frame is microphone audio, but the microphone is off; request setAudio with send: true")

    def take(self) -> bytes | None:
        """Remove and return the next binary message for the client; None if there is none."""
        return self._leg.take() if self._leg is not None else None

    def detach(self, media: RoomMedia, session_id: str) -> None:
        """Remove the client's legs from the mix; its participant stays in the room."""
        if self._leg is not None and media.legs.get(session_id) is self._leg:
            media.detach_leg(session_id)
        for track_id in self._tracks:
            media.detach_track(track_id)
        self.stop()

    def stop(self) -> None:
        """Forget the client's legs, after the room has removed them with the participant."""
        self._leg = None
        self._sends = False
        self._tracks.clear()
