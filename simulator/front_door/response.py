"""A valid response as the proxy works with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.sip_bytes import Message, Via, split_list
from simulator.sip_requests.hop import Hop
from simulator.sip_requests.request import top_via

_STATUS_LINE = re.compile(rb"SIP/2\.0 ([1-6][0-9][0-9])(?: .*)?\Z", re.IGNORECASE | re.DOTALL)
_CONNECTION = re.compile(rb"[0-9a-f]{1,15}\Z")


@dataclass(frozen=True, slots=True)
class Response:
    """A response with the parts that the proxy decides by."""

    message: Message
    source: Hop
    status: int
    method: bytes
    """The method in its CSeq."""
    call_id: str
    via: Via
    """The top one, which should be the front door's."""
    branch: bytes
    """Of `via`."""
    next_via: Via | None
    """The Via below the top one, which names the next hop."""

    @classmethod
    def parse(cls, message: Message, source: Hop) -> Response | None:
        """None when it is malformed."""
        start = _STATUS_LINE.match(message.start)
        via = top_via(message)
        call_id, cseq = message.value(b"call-id"), message.value(b"cseq")
        if message.flaw or start is None or via is None or call_id is None or cseq is None:
            return None
        parts = [part for value in message.values(b"via") for part in split_list(value)]
        next_via = Via.parse(parts[1]) if len(parts) > 1 else None
        branch = via.get(b"branch") or b""
        method = cseq.rpartition(b" ")[2]
        return cls(message, source, int(start[1]), method, call_id.decode("latin-1"), via, branch, next_via)

    @property
    def ends_call(self) -> bool:
        """Whether it answers a BYE in a way that ends the call (RFC 3261 §15.1.1)."""
        return self.method == b"BYE" and (200 <= self.status < 300 or self.status in (408, 481))

    @property
    def next_hop(self) -> Hop | None:
        """Where it is forwarded to; None when it has no second Via that can be parsed.

        That is the TCP or TLS connection noted in the front door's Via, or else the UDP address of the next Via (RFC
        3261 §18.2.2, RFC 3581 §4).
        """
        if self.next_via is None:
            return None
        host = (self.next_via.get(b"received") or self.next_via.host).decode("latin-1")
        connection = self.via.get(b"i")
        if connection is not None and _CONNECTION.match(connection):
            return Hop(host, self.next_via.port or 5060, int(connection, 16), self.via.get(b"s") is not None)
        rport = self.next_via.get(b"rport") or b""
        usable = rport.isdigit() and len(rport) < 6 and 0 < int(rport) < 65536
        return Hop(host, int(rport) if usable else self.next_via.port or 5060)
