"""Requests that the front door originates: ACK, CANCEL and BYE in the place of a side that cannot send them.

When a worker dies, its established calls would go on at the peers. A BYE within the dialog (From and To of the
forwarded 200, a CSeq above any that the dead side can have used) ends them at once.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.destinations import Destinations
from simulator.front_door.call_table import CallAttempt
from simulator.front_door.load_balancing import Destination
from simulator.front_door.proxy_address import OWN_BRANCH, ProxyAddress, branch_hash
from simulator.sip_bytes import Address, Message, destination_of, split_list
from simulator.sip_requests.hop import Hop, Outgoing

BYE_CSEQ = 1_000_000
"""CSeq number of a BYE: higher than any that the side it is sent for has used."""


def bye_to_caller(attempt: CallAttempt, proxy: ProxyAddress, destinations: Destinations) -> Outgoing:
    """End an established call at the caller, in the place of the worker that took it."""
    invite = attempt.request.message
    uri = contact_uri(invite) or b"sip:" + str(attempt.request.source).encode()
    routes = [part.strip() for value in invite.values(b"record-route") for part in split_list(value)]
    source = attempt.request.source
    hop = source if routes else caller_hop(uri, source, destinations, sip_call_id=attempt.request.call_id)
    lines = [b"Route: " + route for route in routes]
    lines += [b"From: " + attempt.callee, b"To: " + (invite.value(b"from") or b"")]
    return _bye(attempt, uri, lines, hop, proxy)


def bye_to_callee(attempt: CallAttempt, callee: Destination, proxy: ProxyAddress) -> Outgoing:
    """End an established call at the worker that took it, in the place of the caller."""
    lines = _caller_to_callee(attempt, attempt.callee)
    return _bye(attempt, attempt.remote_target or callee.contact or attempt.request.uri, lines, callee.hop, proxy)


def ack_of_2xx(attempt: CallAttempt, callee: Destination, proxy: ProxyAddress) -> Outgoing:
    """Acknowledge a 2xx response to an INVITE that the caller has abandoned; a BYE should follow."""
    hop = callee.hop
    uri = attempt.remote_target or callee.contact or attempt.request.uri
    via = proxy.via_line(OWN_BRANCH + branch_hash(b"ACK", attempt.branch), hop.transport, hop)
    lines = [*_caller_to_callee(attempt, attempt.callee), b"CSeq: %d ACK" % attempt.request.cseq]
    return compose_request(b"ACK", uri, via, lines, attempt.request.call_id), hop


def ack_of_refusal(attempt: CallAttempt, callee: Destination, to: bytes, proxy: ProxyAddress) -> Outgoing:
    """Acknowledge a 3xx to 6xx response to an abandoned INVITE; `to` is the To value of that response."""
    return _within_transaction(b"ACK", attempt, callee, to, proxy)


def cancel(attempt: CallAttempt, callee: Destination, proxy: ProxyAddress) -> Outgoing:
    """Cancel an INVITE that a worker has answered provisionally."""
    return _within_transaction(b"CANCEL", attempt, callee, attempt.request.message.value(b"to") or b"", proxy)


def contact_uri(message: Message) -> bytes:
    """The URI of the first Contact; empty when there is none."""
    value = message.value(b"contact")
    address = None if value is None else Address.parse(split_list(value)[0])
    return b"" if address is None else address.uri


def caller_hop(uri: bytes, source: Hop, destinations: Destinations, *, sip_call_id: str) -> Hop:
    """Where requests to a caller are sent, by its Contact URI and the source of its INVITE.

    The source, when nothing may be sent where the Contact says.
    """
    found = destination_of(uri)
    if found is None:
        return source
    host, port = found[0].decode(), found[1]
    address = destinations.address_of(host)
    if address is not None:
        return replace(source, host=address, port=port)
    because = destinations.refusal(host) or ""
    destinations.refused("front door", host, port, because, sent_to=str(source), sip_call_id=sip_call_id)
    return source


def _caller_to_callee(attempt: CallAttempt, to: bytes) -> list[bytes]:
    return [b"From: " + (attempt.request.message.value(b"from") or b""), b"To: " + to]


def _bye(attempt: CallAttempt, uri: bytes, lines: list[bytes], hop: Hop, proxy: ProxyAddress) -> Outgoing:
    branch = OWN_BRANCH + branch_hash(b"BYE", attempt.branch)
    via = proxy.via_line(branch, hop.transport, Hop(proxy.host, proxy.port))
    return compose_request(b"BYE", uri, via, [*lines, b"CSeq: %d BYE" % BYE_CSEQ], attempt.request.call_id), hop


def _within_transaction(
    method: bytes, attempt: CallAttempt, callee: Destination, to: bytes, proxy: ProxyAddress
) -> Outgoing:
    """A request that belongs to the transaction of the INVITE: with its branch, URI and CSeq number."""
    hop = callee.hop
    request = attempt.request
    uri = callee.contact or request.uri
    via = proxy.via_line(attempt.branch, hop.transport, request.source)
    lines = [*_caller_to_callee(attempt, to), b"CSeq: %d %s" % (request.cseq, method)]
    return compose_request(method, uri, via, lines, request.call_id), hop


def compose_request(method: bytes, uri: bytes, via: bytes, lines: list[bytes], call_id: str) -> bytes:
    """A request with the Via line `via`, and `lines` as its other header fields."""
    head = [method + b" " + uri + b" SIP/2.0", via, b"Max-Forwards: 70", b"Call-ID: " + call_id.encode(), *lines]
    return b"\r\n".join([*head, b"Content-Length: 0", b"", b""])
