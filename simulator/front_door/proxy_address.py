"""The front door's own SIP address as it appears in Via, Route and Record-Route, and the branches of its Vias."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

from simulator.sip_bytes import Via, host_and_port, split_list
from simulator.sip_requests.hop import Hop, is_loopback
from simulator.sip_requests.request import Request

MAGIC_COOKIE = b"z9hG4bK"
FORWARDED_BRANCH = MAGIC_COOKIE + b"-front-door-"
"""Prefix of the branch in requests that the front door forwards."""
OWN_BRANCH = MAGIC_COOKIE + b"-from-door-"
"""Prefix of the branch in requests that the front door originates."""


_SIPS = re.compile(rb"\Asips:", re.IGNORECASE)
_TLS_TRANSPORT = re.compile(rb";transport=tls(?=[;?]|\Z)", re.IGNORECASE)


def branch_hash(*parts: bytes) -> bytes:
    """A short hash in hexadecimal, for a branch."""
    return blake2b(b"\0".join(parts), digest_size=12).hexdigest().encode()


def forwarded_branch(request: Request) -> bytes:
    """The branch of the front door's Via on a forwarded request.

    A stateless proxy has to give a retransmission of an INVITE, its CANCEL and the ACK of its non-2xx response the
    branch that the INVITE got (RFC 3261 §16.11), so the branch is a hash of what these have in common. If the
    received branch lacks the magic cookie (RFC 2543) that is the whole Via, the From tag, Call-ID, CSeq number and
    Request-URI, but not the To tag, which the ACK has and the INVITE has not.
    """
    branch = request.via.get(b"branch") or b""
    if branch.startswith(MAGIC_COOKIE) and branch != MAGIC_COOKIE:
        return FORWARDED_BRANCH + branch_hash(branch, request.via.sent_by)
    common = (request.via.raw, request.from_tag or b"", request.call_id.encode(), b"%d" % request.cseq, request.uri)
    return FORWARDED_BRANCH + branch_hash(*common)


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """Host and port of the front door."""

    host: str
    port: int
    public_host: str = ""
    """The host that others are told; without one, `host`."""
    tls_port: int = 0
    """The port for TLS; 0 without one."""

    @property
    def sent_by(self) -> bytes:
        """`host:port` for UDP and TCP, as others are told."""
        return b"%s:%d" % ((self.public_host or self.host).encode(), self.port)

    @property
    def tls_sent_by(self) -> bytes:
        """`host:port` for TLS, as others are told."""
        return b"%s:%d" % ((self.public_host or self.host).encode(), self.tls_port)

    def via_line(self, branch: bytes, transport: str, received_from: Hop) -> bytes:
        """The Via line of a request that is sent by `transport`.

        Its parameter `i` is the number of the TCP connection that the request came on, where the response belongs; `s`
        says that it is one of TLS.
        """
        connection = b"" if received_from.connection is None else b";i=%x" % received_from.connection
        secure = b";s=1" if received_from.tls else b""
        sent_by = self.tls_sent_by if transport == "TLS" else self.sent_by
        return b"Via: SIP/2.0/%s %s;branch=%s%s%s" % (transport.encode(), sent_by, branch, connection, secure)

    def is_own_via(self, via: Via, branch_prefix: bytes = FORWARDED_BRANCH) -> bool:
        """Whether the front door made a Via with such a branch.

        The prefix alone does not prove it, because a peer may have chosen the same one, so sent-by is compared too.
        """
        return via.sent_by in (self.sent_by, self.tls_sent_by) and (via.get(b"branch") or b"").startswith(branch_prefix)

    def is_loop(self, request: Request) -> bool:
        """Whether the front door has forwarded the request before (RFC 3261 §16.3, item 4)."""
        everything = b"".join(request.message.values(b"via")).lower()
        if self.sent_by not in everything and self.tls_sent_by not in everything:
            return False
        vias = (Via.parse(part) for value in request.message.values(b"via") for part in split_list(value))
        return any(via is not None and self.is_own_via(via) for via in vias)

    def is_own_uri(self, uri: bytes) -> bool:
        """Whether host and port of a URI are those of the front door."""
        found = host_and_port(uri)
        if found is None or found[1] not in (self.port, self.tls_port):
            return False
        host = found[0].decode()
        return host in (self.host, self.public_host) or (host == "localhost" and is_loopback(self.host))

    def uri_without_tls(self, uri: bytes) -> bytes:
        """A Request-URI that came over TLS as it is for UDP: with `sip:`, and with the port for UDP if it is ours."""
        plain = _TLS_TRANSPORT.sub(b"", _SIPS.sub(b"sip:", uri))
        found = host_and_port(plain)
        if found is None or found[1] != self.tls_port or not self.is_own_uri(plain):
            return plain
        user, at, rest = plain.rpartition(b"@") if b"@" in plain.partition(b"?")[0] else (b"sip", b":", plain[4:])
        return user + at + rest.replace(b":%d" % self.tls_port, b":%d" % self.port, 1)

    def record_route_line(self, caller: Hop, callee: Hop) -> bytes:
        """A Record-Route line that keeps the front door in the dialog (RFC 3261 §16.6, item 4).

        It has a URI for each transport, that of the callee first, so that both sides go on by their own.
        """
        uris = {
            "UDP": b"<sip:%s;lr>" % self.sent_by,
            "TCP": b"<sip:%s;transport=tcp;lr>" % self.sent_by,
            "TLS": b"<sip:%s;transport=tls;lr>" % self.tls_sent_by,
        }
        first, second = (uris[hop.transport] for hop in (callee, caller))
        return b"Record-Route: " + (first if first == second else b"%s, %s" % (first, second))
