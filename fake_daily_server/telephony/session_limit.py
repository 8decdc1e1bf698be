"""How many SIP and PSTN sessions a room may have at once, and what counts as one.

Daily's limit is 5 unless support raises it. Daily's pages disagree on what counts: every provisioned SIP endpoint, in
use or not, or only calls in progress. `counting` selects one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings

DEFAULT_LIMIT = 5


@dataclass(frozen=True, slots=True)
class SessionsInUse:
    """How many SIP endpoints and calls a room has at one moment."""

    provisioned_endpoints: int = 0
    """SIP endpoints of the room, with and without a caller."""
    busy_endpoints: int = 0
    """Endpoints that have a caller."""
    dial_outs: int = 0
    """Dialled calls, SIP and PSTN, from the request to their end."""
    pstn_dial_ins: int = 0
    """Callers who dialled the room's code, and so are at no endpoint."""


@dataclass(frozen=True, slots=True)
class SessionLimit:
    """The session limit of a room: at most `most` sessions; `counting` selects what counts as a session."""

    most: int = DEFAULT_LIMIT
    counting: Literal["provisioned", "connections"] = "provisioned"

    def used(self, now: SessionsInUse) -> int:
        """How many sessions count towards the limit."""
        return sum(count for count, _ in self._counted(now))

    def usage(self, now: SessionsInUse) -> str:
        """What counts towards the limit, for error texts: `3 (2 SIP endpoints, 1 dial-out)`."""
        counted = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in self._counted(now) if count)
        return f"{self.used(now)} ({counted})" if counted else "0"

    def allows_call_without_endpoint(self, now: SessionsInUse) -> bool:
        """Whether another call that uses no endpoint is allowed: a dial-out, or a caller who dialled the code."""
        return self.used(now) < self.most

    def allows_call_at_endpoint(self, now: SessionsInUse) -> bool:
        """Whether a call to a free endpoint is allowed. A provisioned endpoint counts even without a caller."""
        if self.counting == "provisioned":
            return self.used(now) <= self.most
        return self.used(now) < self.most

    def _counted(self, now: SessionsInUse) -> tuple[tuple[int, str], ...]:
        """Each kind of session that counts: how many there are, and its name in the singular."""
        if self.counting == "provisioned":
            endpoints = (now.provisioned_endpoints, "SIP endpoint")
        else:
            endpoints = (now.busy_endpoints, "SIP dial-in")
        return endpoints, (now.dial_outs, "dial-out"), (now.pstn_dial_ins, "PSTN dial-in")


class SessionLimits:
    """The session limits of the rooms of a server."""

    def __init__(self, settings: Settings, domain: DomainStore) -> None:
        self._settings = settings
        self._domain = domain

    def of(self, room: Room) -> SessionLimit:
        """The limit of a room: its own property, without one that of the domain, without one the setting."""
        own, domain = room.properties.max_sip_pstn_sessions_per_room, self._domain.max_sip_pstn_sessions_per_room
        most = next(
            limit for limit in (own, domain, self._settings.max_sip_pstn_sessions_per_room) if limit is not None
        )
        return SessionLimit(
            most, "provisioned" if self._settings.session_limit_counts == "endpoints" else "connections"
        )
