"""One row of the ladder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

DAILY = "Daily"
"""Column of the fake Daily."""
WEBHOOKS = "webhook receiver"
REST = "REST client"


@dataclass(frozen=True, slots=True)
class Step:
    """A message from one column to another, or something that happened at one of them."""

    anchor: str
    """Id of the row in the page: `r` and the number of a record, or `m` and the number of a SIP message."""
    at: float
    """Seconds on the clock of the timeline."""
    kind: str
    """What it is about: `sip`, `event`, `client`, `webhook`, …; the page filters by it."""
    source: str
    """Name of the column where it began, or happened."""
    target: str | None
    """Name of the column that it went to; None for something that is no message."""
    label: str
    detail: Callable[[], str]
    """All that is known of it; of a SIP message without its session description. Made when it is shown."""
    call: str | None = None
    """Call-ID of the call that it belongs to."""
    sdp: str = ""
    """The session description in a SIP message."""
