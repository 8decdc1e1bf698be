"""How many SIP and PSTN sessions a room may have at once, and what counts as one.

Daily's limit is 5 unless support raises it. Daily's pages disagree on what counts: every provisioned SIP endpoint, in
use or not, or only calls in progress. `counting` selects one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DEFAULT_LIMIT = 5


@dataclass(frozen=True, slots=True)
class SessionsInUse:
    """The endpoints and calls of a room at one moment."""

    provisioned_endpoints: int = 0
    """`sip.num_endpoints` of a room with `sip`, else 0."""
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
        endpoints = now.provisioned_endpoints if self.counting == "provisioned" else now.busy_endpoints
        return endpoints + now.dial_outs + now.pstn_dial_ins

    def allows_call_without_endpoint(self, now: SessionsInUse) -> bool:
        """Whether another call that uses no endpoint is allowed: a dial-out, or a caller who dialled the code."""
        return self.used(now) < self.most

    def allows_call_at_endpoint(self, now: SessionsInUse) -> bool:
        """Whether a call to a free endpoint is allowed. A provisioned endpoint counts even without a caller."""
        if self.counting == "provisioned":
            return self.used(now) <= self.most
        return self.used(now) < self.most
