"""Calls of a dead worker that did not pass the front door, ended at their peers in the worker's place.

The front door has seen none of their messages. What its requests need is in the header fields that the worker has
reported: a response to its INVITE, or the INVITE and the ACK that it has received (RFC 3261 §9.1, §12.1, §15.1.1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.front_door.hop import Hop, Outgoing
from simulator.front_door.own_requests import BYE_CSEQ, caller_hop
from simulator.front_door.proxy_address import OWN_BRANCH, ProxyAddress, branch_hash
from simulator.sip_bytes import Address, host_and_port, split_list

_TAG = re.compile(rb";\s*tag\s*=[^;>\s]*", re.IGNORECASE)
_NEW_CONNECTION = 0
"""The number of no TCP connection, so that one is opened."""


@dataclass(frozen=True, slots=True)
class OrphanedCall:
    """A call whose worker has died, and the header fields with long names that are known of it."""

    call_id: str
    answered: bool
    dialled: str
    """The SIP URI that the worker has dialled; empty for a call that it has received."""
    headers: Sequence[tuple[str, str]]
    """Of the latest response to the worker's INVITE, or of the ACK that it has received."""
    invite: Sequence[tuple[str, str]] = ()
    """Of the INVITE that it has received."""

    def values(self, name: str, *, of_invite: bool = False) -> list[bytes]:
        """All values of a header field."""
        fields = self.invite if of_invite else self.headers
        lines = [value.encode() for known, value in fields if known.lower() == name]
        return [part.strip() for line in lines for part in split_list(line)]

    def value(self, name: str, *, of_invite: bool = False) -> bytes:
        """The first value of a header field, with its commas; empty without one."""
        fields = self.invite if of_invite else self.headers
        return next((value.encode() for known, value in fields if known.lower() == name), b"")


def end_at_peer(call: OrphanedCall, proxy: ProxyAddress) -> Outgoing | None:
    """The BYE or CANCEL that ends a call at its peer; None when too little is known of it."""
    if not call.headers:
        return None
    if call.answered:
        return _bye(call, proxy)
    return _cancel(call) if call.dialled else None


def _bye(call: OrphanedCall, proxy: ProxyAddress) -> Outgoing | None:
    received = not call.dialled
    contact = Address.parse(next(iter(call.values("contact", of_invite=received)), b""))
    uri = contact.uri if contact else call.dialled.encode()
    routes = call.values("record-route", of_invite=received)
    route_set = routes if received else routes[::-1]
    next_uri = Address.parse(route_set[0]) if route_set else None
    hop = _hop(next_uri.uri if next_uri else uri, call.dialled.encode() or uri)
    if hop is None:
        return None
    own, peer = ("to", "from") if received else ("from", "to")
    branch = OWN_BRANCH + branch_hash(b"BYE", call.call_id.encode())
    lines = [
        b"BYE " + uri + b" SIP/2.0",
        proxy.via_line(branch, hop.transport, Hop(proxy.host, proxy.port)),
        b"Max-Forwards: 70",
        *(b"Route: " + route for route in route_set),
        b"Call-ID: " + call.call_id.encode(),
        b"From: " + call.value(own),
        b"To: " + call.value(peer),
        b"CSeq: %d BYE" % BYE_CSEQ,
    ]
    return b"\r\n".join([*lines, b"Content-Length: 0", b"", b""]), hop


def _cancel(call: OrphanedCall) -> Outgoing | None:
    """A CANCEL with the Via, URI and CSeq number of the INVITE, whose To has no tag."""
    uri = call.dialled.encode()
    hop, via = _hop(uri, uri), next(iter(call.values("via")), b"")
    number = call.value("cseq").partition(b" ")[0]
    if hop is None or not via or not number:
        return None
    lines = [
        b"CANCEL " + uri + b" SIP/2.0",
        b"Via: " + via,
        b"Max-Forwards: 70",
        b"Call-ID: " + call.call_id.encode(),
        b"From: " + call.value("from"),
        b"To: " + _TAG.sub(b"", call.value("to")),
        b"CSeq: " + number + b" CANCEL",
    ]
    return b"\r\n".join([*lines, b"Content-Length: 0", b"", b""]), hop


def _hop(uri: bytes, dialled: bytes) -> Hop | None:
    """Where a request to `uri` is sent: on this machine, or to the host that was dialled and no other."""
    known = host_and_port(dialled)
    if known is None:
        return None
    connection = _NEW_CONNECTION if b"transport=tcp" in uri.lower() else None
    hop = caller_hop(uri, Hop(known[0].decode(), known[1]))
    return Hop(hop.host, hop.port, connection)
