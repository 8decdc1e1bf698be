"""The rules that accept or refuse an incoming call, and the SIP response of each refusal."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_daily_server.telephony.machines.inputs import Refusal


@dataclass(frozen=True, slots=True)
class RoomAvailability:
    """The state of a room when a call arrives, as far as it decides whether the call is accepted."""

    exists: bool
    """Whether any room has the dialled endpoint or code."""
    room_expired: bool = False
    """Whether the room's `exp` has passed."""
    session_live: bool = True
    """Whether a meeting is in progress; without one, the room's endpoints are not registered."""
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
        if not room.exists:
            return self.unknown
        if room.room_expired:
            return Refusal(*statuses.room_expired, "the room has expired")
        if not room.session_live:
            return Refusal(*statuses.no_live_session, "nobody is in the room, so its SIP endpoint is not registered")
        if room.endpoint_busy:
            return Refusal(*statuses.endpoint_busy, "the endpoint has a caller already")
        if not room.within_limit:
            return Refusal(*statuses.over_limit, "the room has reached its limit of SIP and PSTN sessions")
        return None
