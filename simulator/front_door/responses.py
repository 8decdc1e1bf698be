"""A response on its way back: what it is, whose it is, where it goes on to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.front_door.guard import top_via
from simulator.front_door.rewriting import with_length
from simulator.front_door.wire import Hop
from simulator.sip_bytes import Message, Via, split_list, value_of

_STATUS_LINE = re.compile(rb"SIP/2\.0 ([1-6][0-9][0-9])(?: .*)?\Z", re.IGNORECASE | re.DOTALL)
_CONNECTION = re.compile(rb"[0-9a-f]{1,15}\Z")


@dataclass(frozen=True, slots=True)
class Response:
    """The facts of a sound response."""

    message: Message
    source: Hop
    status: int
    method: bytes
    """Of the CSeq."""
    call_id: str
    via: Via
    branch: bytes
    below: Via | None
    """The Via under the top one: whose response it is."""

    @classmethod
    def parse(cls, message: Message, source: Hop) -> Response | None:
        """None when it is malformed."""
        start = _STATUS_LINE.match(message.start)
        via = top_via(message)
        call_id, cseq = message.value(b"call-id"), message.value(b"cseq")
        if message.flaw or start is None or via is None or call_id is None or cseq is None:
            return None
        parts = [part for value in message.values(b"via") for part in split_list(value)]
        below = Via.parse(parts[1]) if len(parts) > 1 else None
        branch = via.get(b"branch") or b""
        method = cseq.rpartition(b" ")[2]
        return cls(message, source, int(start[1]), method, call_id.decode("latin-1"), via, branch, below)

    @property
    def ends_call(self) -> bool:
        """Whether a BYE got this and the call is therefore over."""
        return self.method == b"BYE" and (200 <= self.status < 300 or self.status in (408, 481))

    def back(self, below: Via) -> Hop:
        """Where it goes on to: the connection that our Via noted, else by UDP what the next Via says."""
        host = (below.get(b"received") or below.host).decode("latin-1")
        mark = self.via.get(b"i")
        if mark is not None and _CONNECTION.match(mark):
            return Hop(host, below.port or 5060, int(mark, 16))
        rport = below.get(b"rport") or b""
        usable = rport.isdigit() and len(rport) < 6 and 0 < int(rport) < 65536
        return Hop(host, int(rport) if usable else below.port or 5060)

    def passed(self, onward: Hop) -> bytes:
        """Itself without the top Via; all else byte for byte."""
        lines = [self.message.start]
        popped = False
        for name, line in self.message.fields:
            if name == b"via" and not popped:
                popped = True
                rest = split_list(value_of(line))[1:]
                if rest:
                    lines.append(line.partition(b":")[0] + b": " + b",".join(rest).strip())
            else:
                lines.append(line)
        return with_length(lines, self.message, onward)
