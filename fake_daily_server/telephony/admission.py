"""Whether an incoming call is let in, and with which SIP response it is not."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_daily_server.telephony.inputs import Refusal


@dataclass(frozen=True, slots=True)
class Door:
    """What is known about the dialled endpoint at the moment of the INVITE."""

    known: bool
    """A room has this endpoint."""
    room_expired: bool = False
    """The room's `exp` has passed."""
    session_live: bool = True
    """Somebody is in the room, so that its SIP worker is registered."""
    endpoint_busy: bool = False
    """An endpoint takes one caller at a time."""
    within_limit: bool = True
    """The room's session limit allows one more; see `limits`."""


@dataclass(frozen=True, slots=True)
class AdmissionStatuses:
    """SIP status and reason for each refusal. Daily documents none of them; these are what SIP suggests."""

    unknown_endpoint: tuple[int, str] = (404, "Not Found")
    room_expired: tuple[int, str] = (404, "Not Found")
    no_live_session: tuple[int, str] = (480, "Temporarily Unavailable")
    endpoint_busy: tuple[int, str] = (486, "Busy Here")
    over_limit: tuple[int, str] = (486, "Busy Here")


@dataclass(frozen=True, slots=True)
class Admission:
    """The rules of the door."""

    statuses: AdmissionStatuses = field(default_factory=AdmissionStatuses)

    @property
    def unknown(self) -> Refusal:
        """For an endpoint that no room has."""
        return Refusal(*self.statuses.unknown_endpoint, "no room has this SIP endpoint")

    def judge(self, door: Door) -> Refusal | None:
        """The first reason to refuse, in the order of the fields of `Door`; None lets the call in."""
        say = self.statuses
        if not door.known:
            return self.unknown
        if door.room_expired:
            return Refusal(*say.room_expired, "the room has expired")
        if not door.session_live:
            return Refusal(*say.no_live_session, "nobody is in the room, so its SIP endpoint is not registered")
        if door.endpoint_busy:
            return Refusal(*say.endpoint_busy, "the endpoint has a caller already")
        if not door.within_limit:
            return Refusal(*say.over_limit, "the room has as many SIP and PSTN sessions as it may")
        return None
