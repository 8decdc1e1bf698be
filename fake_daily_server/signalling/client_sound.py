"""The sound of one signalling connection: which legs it has in the room's mix, if any."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Literal

from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.media.wire import SoundMessage
from fake_daily_server.values.errors import BadJson, InvalidRequest

if TYPE_CHECKING:
    from fake_daily_server.media.pcm_leg import PcmLeg, TrackLeg

Receive = Literal["off", "mix", "participants"]


class ClientSound:
    """Used on the connection's loop. `ready` is called when there is something to `take`."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready = ready
        self._leg: PcmLeg | None = None
        self._sends = False
        self._tracks: dict[str, TrackLeg] = {}
        """Named tracks by their ids."""

    def set(
        self,
        media: RoomMedia,
        session_id: str,
        *,
        receive: Receive,
        participants: Collection[str] | None,
        send: bool,
        tracks: Mapping[str, str],
    ) -> None:
        """Change what the client hears, and whether it speaks; neither means that it has no leg. `load()` first.

        `tracks` are its named tracks: ids by name. What it has said already is heard to the end, if it still sends.
        """
        from fake_daily_server.media.pcm_leg import PcmLeg, PcmVoicesLeg  # noqa: PLC0415  # loads numpy

        said = self._leg.said if self._leg is not None and self._sends and send else None
        if receive == "participants":
            wanted = None if participants is None else frozenset(participants)
            self._leg = PcmVoicesLeg(self._ready, wanted=wanted, said=said)
        elif receive == "mix" or send:
            self._leg = PcmLeg(self._ready, receives=receive == "mix", said=said)
        else:
            self._leg = None
        self._sends = send
        if self._leg is None:
            media.mute(session_id)
        else:
            media.attach(session_id, self._leg)
        self._set_tracks(media, session_id, tracks)

    def _set_tracks(self, media: RoomMedia, session_id: str, tracks: Mapping[str, str]) -> None:
        from fake_daily_server.media.pcm_leg import TrackLeg  # noqa: PLC0415  # loads numpy

        for gone in self._tracks.keys() - set(tracks.values()):
            del self._tracks[gone]
            media.detach_track(gone)
        for name, track_id in tracks.items():
            if track_id not in self._tracks:
                self._tracks[track_id] = TrackLeg()
                media.attach_track(track_id, self._tracks[track_id], owner=session_id, name=name)

    def say(self, data: bytes) -> None:
        """A binary message came. Raises BadJson when no sound is expected, InvalidRequest when it cannot be read."""
        if not self._sends and not self._tracks:
            raise BadJson("the frame is binary, which is sound, and setAudio has not been asked for with send: true")
        try:
            message = SoundMessage.parse(data)
        except ValueError as wrong:
            raise InvalidRequest(str(wrong)) from None
        if message.session_id is not None:
            if (track := self._tracks.get(message.session_id)) is None:
                raise InvalidRequest(f"{message.session_id} is no track of this client; setAudio gives their ids")
            track.said.take_in(message.pcm)
        elif self._leg is not None and self._sends:
            self._leg.said.take_in(message.pcm)
        else:
            raise BadJson("the frame is this client's voice, and setAudio has not been asked for with send: true")

    def take(self) -> bytes | None:
        """The next binary message for the client, if there is one."""
        return self._leg.take() if self._leg is not None else None

    def leave(self, media: RoomMedia, session_id: str) -> None:
        """Take no part any more, while the participant stays in the room."""
        if self._leg is not None and media.legs.get(session_id) is self._leg:
            media.mute(session_id)
        for track_id in self._tracks:
            media.detach_track(track_id)
        self.stop()

    def stop(self) -> None:
        """The client has left the room, which has let go of the legs, or takes part in another way."""
        self._leg = None
        self._sends = False
        self._tracks.clear()
