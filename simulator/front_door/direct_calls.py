"""Requests that end the calls of a dead worker which did not pass the front door, in the place of that worker."""

from __future__ import annotations

from simulator.destinations import Destinations
from simulator.front_door.own_requests import BYE_CSEQ, compose_request
from simulator.front_door.proxy_address import OWN_BRANCH, ProxyAddress, branch_hash
from simulator.sip_bytes import Address, destination_of
from simulator.sip_dialog import SentInvite, SipDialog
from simulator.sip_requests.hop import Hop, Outgoing

_ANY_CONNECTION = 0
"""Connection number that no TCP connection has, so that a new one is opened."""


def end_at_peer(dialog: SipDialog, proxy: ProxyAddress, destinations: Destinations) -> Outgoing | None:
    """A BYE for an answered call, a CANCEL for one that this side has dialled; None when there is nothing to send."""
    if dialog.answered:
        return _bye(dialog, proxy, destinations)
    return None if dialog.sent_invite is None else _cancel(dialog, dialog.sent_invite)


def _bye(dialog: SipDialog, proxy: ProxyAddress, destinations: Destinations) -> Outgoing | None:
    hop = _first_hop(dialog, destinations)
    if hop is None:
        return None
    branch = OWN_BRANCH + branch_hash(b"BYE", *(part.encode() for part in dialog.ids))
    via = proxy.via_line(branch, hop.transport, Hop(proxy.host, proxy.port))
    lines = [f"Route: {route}" for route in dialog.routes]
    lines += [f"From: {dialog.local}", f"To: {dialog.remote}", f"CSeq: {BYE_CSEQ} BYE"]
    return _composed(b"BYE", dialog.target, via, lines, dialog), hop


def _first_hop(dialog: SipDialog, destinations: Destinations) -> Hop | None:
    """Where a request of the dialog goes: its first route, else its target (RFC 3261 §12.2.1.1).

    If that cannot be read, or nothing may be sent there, it goes to the host that this side has dialled; None if the
    peer has dialled.
    """
    dialled = _hop(dialog.sent_invite.uri.encode()) if dialog.sent_invite else None
    first = Address.parse(dialog.routes[0].encode()) if dialog.routes else None
    hop = _hop(first.uri if first else dialog.target.encode())
    if hop is None or destinations.address_of(hop.host) is not None:
        return hop or dialled
    because = destinations.refusal(hop.host) or ""
    about = {"sent_to": None if dialled is None else str(dialled), "sip_call_id": dialog.call_id}
    destinations.refused("front door", hop.host, hop.port, because, **about)
    return dialled


def _cancel(dialog: SipDialog, invite: SentInvite) -> Outgoing | None:
    hop = _hop(invite.uri.encode())
    if hop is None:
        return None
    to = dialog.remote.partition(";tag=")[0]
    lines = [f"From: {dialog.local}", f"To: {to}", f"CSeq: {invite.cseq} CANCEL"]
    return _composed(b"CANCEL", invite.uri, b"Via: " + invite.via.encode(), lines, dialog), hop


def _composed(method: bytes, uri: str, via: bytes, lines: list[str], dialog: SipDialog) -> bytes:
    return compose_request(method, uri.encode(), via, [line.encode() for line in lines], dialog.call_id)


def _hop(uri: bytes) -> Hop | None:
    found = destination_of(uri)
    if found is None:
        return None
    by_tcp = b";transport=tcp" in uri.lower()
    return Hop(found[0].decode(), found[1], _ANY_CONNECTION if by_tcp else None)
