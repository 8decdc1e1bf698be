"""Requests that the front door makes itself: they end a call for a side that cannot do it any more.

When a worker dies its talking peers would keep a dead call; a BYE that continues the dialog (From and To of the
passing 200, a CSeq above any that the dead side can have used) ends it at once.
"""

from __future__ import annotations

from simulator.front_door.calls import SetUp
from simulator.front_door.pacing import Destination
from simulator.front_door.rewriting import OWN, Own, digest
from simulator.front_door.wire import Hop, Out, is_loopback
from simulator.sip_bytes import Address, Message, host_and_port, split_list

LAST_CSEQ = 1_000_000


def bye_to_caller(setup: SetUp, own: Own) -> Out:
    """End an established call at the side that began it, as its dead worker would."""
    invite = setup.request.message
    uri = contact_of(invite) or b"sip:" + str(setup.request.source).encode()
    routes = [part.strip() for value in invite.values(b"record-route") for part in split_list(value)]
    hop = setup.request.source if routes else caller_hop(uri, setup.request.source)
    lines = [b"Route: " + route for route in routes]
    lines += [b"From: " + setup.to, b"To: " + (invite.value(b"from") or b"")]
    return _bye(setup, uri, lines, hop, own)


def bye_to_worker(setup: SetUp, destination: Destination, own: Own) -> Out:
    """End an established call at the worker that took it, as its dead caller would."""
    hop = Hop(destination.host, destination.port)
    lines = _caller_to_callee(setup, setup.to)
    return _bye(setup, setup.contact or setup.request.uri, lines, hop, own)


def ack_of_success(setup: SetUp, destination: Destination, own: Own) -> Out:
    """Acknowledge a 2xx that nobody waits for; a BYE should follow."""
    hop = Hop(destination.host, destination.port)
    uri = setup.contact or setup.request.uri
    via = own.via(OWN + digest(b"ACK", setup.branch), hop.transport, hop)
    cseq = b"CSeq: %d ACK" % setup.request.cseq
    lines = [*_caller_to_callee(setup, setup.to), cseq]
    return _compose(b"ACK", uri, via, lines, setup.request.call_id), hop


def ack_of_refusal(setup: SetUp, destination: Destination, to: bytes, own: Own) -> Out:
    """Acknowledge a final response that nobody waits for; `to` is that response's To value."""
    return _in_transaction(b"ACK", setup, destination, to, own)


def cancel(setup: SetUp, destination: Destination, own: Own) -> Out:
    """Take back an INVITE that a worker has answered provisionally."""
    return _in_transaction(b"CANCEL", setup, destination, setup.request.message.value(b"to") or b"", own)


def contact_of(message: Message) -> bytes:
    """The URI of the first Contact; empty when there is none."""
    value = message.value(b"contact")
    address = None if value is None else Address.parse(split_list(value)[0])
    return b"" if address is None else address.uri


def caller_hop(uri: bytes, source: Hop) -> Hop:
    """Where requests to a caller go: its Contact, if that is on this machine or where its INVITE came from."""
    found = host_and_port(uri)
    if found is None:
        return source
    host, port = found[0].decode(), found[1]
    if is_loopback(host) or host == source.host:
        return Hop(host, port, source.connection)
    return source


def _caller_to_callee(setup: SetUp, to: bytes) -> list[bytes]:
    return [b"From: " + (setup.request.message.value(b"from") or b""), b"To: " + to]


def _bye(setup: SetUp, uri: bytes, lines: list[bytes], hop: Hop, own: Own) -> Out:
    via = own.via(OWN + digest(b"BYE", setup.branch), hop.transport, Hop(own.host, own.port))
    return _compose(b"BYE", uri, via, [*lines, b"CSeq: %d BYE" % LAST_CSEQ], setup.request.call_id), hop


def _in_transaction(method: bytes, setup: SetUp, destination: Destination, to: bytes, own: Own) -> Out:
    hop = Hop(destination.host, destination.port)
    request = setup.request
    via = own.via(setup.branch, hop.transport, request.source)
    lines = [*_caller_to_callee(setup, to), b"CSeq: %d %s" % (request.cseq, method)]
    return _compose(method, request.uri, via, lines, request.call_id), hop


def _compose(method: bytes, uri: bytes, via: bytes, lines: list[bytes], call_id: str) -> bytes:
    head = [method + b" " + uri + b" SIP/2.0", via, b"Max-Forwards: 70", b"Call-ID: " + call_id.encode(), *lines]
    return b"\r\n".join([*head, b"Content-Length: 0", b"", b""])
