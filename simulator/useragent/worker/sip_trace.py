"""SIP messages as PJSIP logs them, read back into what was on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

TRACING = 4
"""PJSIP's log level of messages."""
_LOGGED = re.compile(
    r"(?P<way>[RT]X) (?P<bytes>\d+) bytes .*? (?:from|to) (?P<transport>UDP|TCP) (?P<peer>[^\s]+:\d+):\n(?P<text>.*)",
    re.DOTALL,
)
_END = "\n--end msg--"


@dataclass(frozen=True, slots=True)
class Traced:
    """One message. `cut_off` bytes at its end are missing: PJSIP's log has a limit of about 4,000."""

    sent: bool
    transport: Literal["UDP", "TCP"]
    peer: str
    message: bytes
    cut_off: int

    @classmethod
    def parse(cls, logged: str) -> Traced | None:
        """None when the line is about something else."""
        found = _LOGGED.search(logged)
        if found is None:
            return None
        message = found["text"].rpartition(_END)[0] or found["text"]
        data = message.encode("utf-8", "surrogateescape")
        length = int(found["bytes"])
        transport: Literal["UDP", "TCP"] = "UDP" if found["transport"] == "UDP" else "TCP"
        return cls(found["way"] == "TX", transport, found["peer"], data[:length], max(0, length - len(data)))
