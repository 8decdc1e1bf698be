"""How a message passes: its own Via on top, one hop less, own Route values popped; all else byte for byte.

A stateless proxy must give a retransmission, and the CANCEL and the non-2xx ACK of an INVITE, the branch that the
INVITE got (RFC 3261 §16.11), so the branch is a hash of what these have in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from simulator.front_door.guard import Request
from simulator.front_door.replies import stamped_line
from simulator.front_door.wire import Hop, is_loopback
from simulator.sip_bytes import Address, Message, Via, host_and_port, split_list, value_of

COOKIE = b"z9hG4bK"
FORWARDED = COOKIE + b"-front-door-"
OWN = COOKIE + b"-from-door-"
"""Branch prefix of requests that the front door makes itself."""


def digest(*parts: bytes) -> bytes:
    """A short hash in hexadecimal, for branches."""
    return blake2b(b"\0".join(parts), digest_size=12).hexdigest().encode()


def branch_of(request: Request) -> bytes:
    """The branch of the front door's Via on a forwarded request.

    For a branch without the magic cookie (RFC 2543) the hash takes the whole Via, the From tag, Call-ID, CSeq
    number and Request-URI. It leaves out the To tag, which the ACK of a refused INVITE has and the INVITE has not.
    """
    branch = request.via.get(b"branch") or b""
    if branch.startswith(COOKIE) and branch != COOKIE:
        return FORWARDED + digest(branch, request.via.sent_by)
    facts = (request.via.raw, request.from_tag or b"", request.call_id.encode(), b"%d" % request.cseq)
    return FORWARDED + digest(*facts, request.uri)


@dataclass(frozen=True, slots=True)
class Own:
    """The front door's own address, as it stands in Via, Route and Record-Route."""

    host: str
    port: int

    @property
    def sent_by(self) -> bytes:
        """`host:port`"""
        return b"%s:%d" % (self.host.encode(), self.port)

    def via(self, branch: bytes, onward: str, came_by: Hop) -> bytes:
        """A Via line. `i` numbers the TCP connection on which the request came, where its response belongs."""
        mark = b"" if came_by.connection is None else b";i=%x" % came_by.connection
        return b"Via: SIP/2.0/%s %s;branch=%s%s" % (onward.encode(), self.sent_by, branch, mark)

    def made(self, via: Via, prefix: bytes = FORWARDED) -> bool:
        """Whether a Via is ours: a bare prefix could be a peer's random branch, so sent-by counts too."""
        return via.sent_by == self.sent_by and (via.get(b"branch") or b"").startswith(prefix)

    def loops(self, request: Request) -> bool:
        """Whether the request has passed here before."""
        if self.sent_by not in b"".join(request.message.values(b"via")).lower():
            return False
        vias = (Via.parse(part) for value in request.message.values(b"via") for part in split_list(value))
        return any(via is not None and self.made(via) for via in vias)

    def is_own_uri(self, uri: bytes) -> bool:
        """Whether a URI leads to the front door."""
        found = host_and_port(uri)
        if found is None or found[1] != self.port:
            return False
        host = found[0].decode()
        return host == self.host or (host == "localhost" and is_loopback(self.host))

    @property
    def record_route(self) -> bytes:
        """Keeps both ends of a call that came over TCP talking through here, each over its own transport."""
        return b"Record-Route: <sip:%s;lr>, <sip:%s;transport=tcp;lr>" % (self.sent_by, self.sent_by)


def forwarded(request: Request, own: Own, onward: Hop, *, record_route: bool = False) -> bytes:
    """The request as the next hop gets it."""
    lines = [request.message.start, own.via(branch_of(request), onward.transport, request.source)]
    pending_record = record_route
    stamped = counted = False
    popping = True
    for name, line in request.message.fields:
        if name == b"via":
            lines.append(line if stamped else stamped_line(line, request.via, request.source))
            stamped = True
            continue
        if pending_record and stamped:
            lines.append(own.record_route)
            pending_record = False
        if name == b"max-forwards":
            counted = True
            lines.append(b"%s: %d" % (line.partition(b":")[0], request.hops - 1))
        elif name == b"route" and popping:
            kept = _without_own(line, own)
            popping = kept is None
            if kept is not None:
                lines.append(kept)
        else:
            lines.append(line)
    if pending_record:
        lines.append(own.record_route)
    if not counted:
        lines.insert(2, b"Max-Forwards: 70")
    return with_length(lines, request.message, onward)


def with_length(lines: list[bytes], message: Message, onward: Hop) -> bytes:
    """The lines and the body of `message`; a stream needs a Content-Length, so it gets one (RFC 3261 §18.3)."""
    if onward.connection is not None and not message.lines(b"content-length"):
        lines = [*lines, b"Content-Length: %d" % len(message.body)]
    return b"\r\n".join([*lines, b"", message.body])


def _without_own(line: bytes, own: Own) -> bytes | None:
    """A Route line without its leading values that are ours; None when nothing remains."""
    values = split_list(value_of(line))
    kept = values
    while kept:
        address = Address.parse(kept[0])
        if address is None or not own.is_own_uri(address.uri):
            break
        kept = kept[1:]
    if len(kept) == len(values):
        return line
    return line.partition(b":")[0] + b": " + b",".join(kept).strip() if kept else None
