"""SIP messages as PJSIP logs them, parsed back into what was on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

TRACE_LEVEL = 4
"""PJSIP's log level for SIP messages."""
_LOGGED = re.compile(
    r"(?P<way>[RT]X) (?P<bytes>\d+) bytes .*? (?:from|to) (?P<transport>UDP|TCP) (?P<peer>[^\s]+:\d+):\n(?P<text>.*)",
    re.DOTALL,
)
_END = "\n--end msg--"


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """One message, sent to or received from `peer` (`host:port`).

    `missing_bytes` of its end are not in the log, which PJSIP cuts at about 4,000 bytes.
    """

    sent: bool
    transport: Literal["UDP", "TCP"]
    peer: str
    data: bytes
    missing_bytes: int

    @classmethod
    def parse(cls, logged: str) -> TracedMessage | None:
        """Parse a log entry of PJSIP's; None when it is not about a message."""
        found = _LOGGED.search(logged)
        if found is None:
            return None
        text = found["text"].rpartition(_END)[0] or found["text"]
        data = text.encode("utf-8", "surrogateescape")
        length = int(found["bytes"])
        transport: Literal["UDP", "TCP"] = "UDP" if found["transport"] == "UDP" else "TCP"
        return cls(found["way"] == "TX", transport, found["peer"], data[:length], max(0, length - len(data)))
