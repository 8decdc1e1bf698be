"""How many SIP and PSTN sessions a room may have at once, and what counts as one.

Daily's limit is 5 unless raised by support. Its pages count either every provisioned SIP endpoint, called or
not, or only calls that are up; `counting` chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DEFAULT_LIMIT = 5


@dataclass(frozen=True, slots=True)
class SessionsInUse:
    """What a room has at this moment."""

    provisioned_endpoints: int = 0
    """`sip.num_endpoints` of a room with `sip`, else 0."""
    busy_endpoints: int = 0
    """Those of them with a caller."""
    dial_outs: int = 0
    """Dialled calls from the request to their end, SIP and PSTN."""
    pstn_dial_ins: int = 0
    """Callers that came by a phone number and not by an endpoint of the room."""


@dataclass(frozen=True, slots=True)
class SessionLimit:
    """The limit of a room: `most` sessions, counted as `counting` says."""

    most: int = DEFAULT_LIMIT
    counting: Literal["provisioned", "connections"] = "provisioned"

    def used(self, now: SessionsInUse) -> int:
        """How many sessions count."""
        endpoints = now.provisioned_endpoints if self.counting == "provisioned" else now.busy_endpoints
        return endpoints + now.dial_outs + now.pstn_dial_ins

    def allows_more(self, now: SessionsInUse) -> bool:
        """Whether there can be one more call that is at no endpoint: dialled, or come by a code."""
        return self.used(now) < self.most

    def allows_dial_in(self, now: SessionsInUse) -> bool:
        """Whether a caller can take a free endpoint; a provisioned endpoint is counted already."""
        if self.counting == "provisioned":
            return self.used(now) <= self.most
        return self.used(now) < self.most
