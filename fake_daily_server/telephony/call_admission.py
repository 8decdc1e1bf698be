"""The rules that accept or refuse an incoming call, and the SIP response of each refusal."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_daily_server.telephony.machines.inputs import Refusal

_NO_SESSION = "nobody is in the room, so its SIP endpoint is not registered"
_CLOSED = "the room's enable_dialin is false, which closes its endpoints"
_OVER_LIMIT = "the room has reached its limit of SIP and PSTN sessions"


@dataclass(frozen=True, slots=True)
class RoomAvailability:
    """The state of a room when a call arrives, as far as it decides whether the call is accepted."""

    exists: bool
    """Whether any room has the dialled endpoint or code."""
    room_expired: bool = False
    """Whether the room's `exp` has passed."""
    session_live: bool = True
    """Whether a meeting is in progress; without one, the room's endpoints are not registered."""
    endpoint_open: bool = True
    """Whether the room takes calls at its endpoints; `enable_dialin: false` closes them."""
    endpoint_busy: bool = False
    """Whether the endpoint has a caller; an endpoint takes one call at a time."""
    within_limit: bool = True
    """Whether the room's session limit allows another call; see `session_limit`."""


@dataclass(frozen=True, slots=True)
class RefusalStatuses:
    """SIP status and reason phrase of each refusal. Daily documents none; these follow RFC 3261 §21.4."""

    unknown_endpoint: tuple[int, str] = (404, "Not Found")
    room_expired: tuple[int, str] = (404, "Not Found")
    no_live_session: tuple[int, str] = (480, "Temporarily Unavailable")
    endpoint_closed: tuple[int, str] = (480, "Temporarily Unavailable")
    endpoint_busy: tuple[int, str] = (486, "Busy Here")
    over_limit: tuple[int, str] = (486, "Busy Here")


@dataclass(frozen=True, slots=True)
class CallAdmission:
    """Decides whether an incoming call is accepted."""

    statuses: RefusalStatuses = field(default_factory=RefusalStatuses)

    @property
    def unknown(self) -> Refusal:
        """The refusal of a call to an endpoint that no room has."""
        return Refusal(*self.statuses.unknown_endpoint, "no room has this SIP endpoint")

    def refusal(self, room: RoomAvailability) -> Refusal | None:
        """The refusal for the first of `room`'s fields, in their order, that rules the call out; None if none does."""
        statuses = self.statuses
        rules = (
            (not room.exists, self.unknown),
            (room.room_expired, Refusal(*statuses.room_expired, "the room has expired")),
            (not room.session_live, Refusal(*statuses.no_live_session, _NO_SESSION)),
            (not room.endpoint_open, Refusal(*statuses.endpoint_closed, _CLOSED)),
            (room.endpoint_busy, Refusal(*statuses.endpoint_busy, "the endpoint has a caller already")),
            (not room.within_limit, Refusal(*statuses.over_limit, _OVER_LIMIT)),
        )
        return next((refusal for applies, refusal in rules if applies), None)
