"""The sound of one signalling connection: which leg it has in the room's mix, if any."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Literal

from fake_daily_server.errors import BadJson, InvalidRequest
from fake_daily_server.media.room_media import RoomMedia

if TYPE_CHECKING:
    from fake_daily_server.media.pcm_leg import PcmLeg

Receive = Literal["off", "mix", "participants"]


class ClientSound:
    """Used on the connection's loop. `ready` is called when there is something to `take`."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready = ready
        self._leg: PcmLeg | None = None
        self._sends = False

    def set(
        self,
        media: RoomMedia,
        session_id: str,
        *,
        receive: Receive,
        participants: Collection[str] | None,
        send: bool,
    ) -> None:
        """Change what the client hears, and whether it speaks; neither means that it has no leg. `load()` first."""
        self.stop()
        if receive == "off" and not send:
            media.detach(session_id)
            return
        from fake_daily_server.media.pcm_leg import PcmLeg, PcmVoicesLeg  # noqa: PLC0415  # loads numpy

        if receive == "participants":
            wanted = None if participants is None else frozenset(participants)
            self._leg = PcmVoicesLeg(self._ready, wanted=wanted)
        else:
            self._leg = PcmLeg(self._ready, receives=receive == "mix")
        self._sends = send
        media.attach(session_id, self._leg)

    def say(self, data: bytes) -> None:
        """A binary message came. Raises BadJson when no sound is expected, InvalidRequest when it cannot be read."""
        if self._leg is None or not self._sends:
            raise BadJson("the frame is binary, which is sound, and setAudio has not been asked for with send: true")
        try:
            self._leg.say(data)
        except ValueError as wrong:
            raise InvalidRequest(str(wrong)) from None

    def take(self) -> bytes | None:
        """The next binary message for the client, if there is one."""
        return self._leg.take() if self._leg is not None else None

    def leave(self, media: RoomMedia, session_id: str) -> None:
        """Take no part any more, while the participant stays in the room."""
        if self._leg is not None and media.legs.get(session_id) is self._leg:
            media.detach(session_id)
        self.stop()

    def stop(self) -> None:
        """The client has left the room, which has let go of the leg, or gets another one."""
        self._leg = None
        self._sends = False
