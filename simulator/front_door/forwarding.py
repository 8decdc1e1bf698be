"""What a message looks like when it is forwarded (RFC 3261 §16.6 and §16.7).

A request gets the front door's Via and a decremented Max-Forwards and loses the front door's own Route values; a
response loses the front door's Via. All other header lines and the body stay byte for byte as they were received.
"""

from __future__ import annotations

from simulator.front_door.proxy_address import ProxyAddress, forwarded_branch
from simulator.front_door.response import Response
from simulator.sip_bytes import Address, Message, split_list, value_of
from simulator.sip_requests.hop import Hop
from simulator.sip_requests.request import Request
from simulator.sip_requests.stateless_response import stamped_via_line


def forwarded_request(
    request: Request, proxy: ProxyAddress, next_hop: Hop, *, record_route: bool = False, uri: bytes = b""
) -> bytes:
    """The request as it is sent to `next_hop`; with `record_route` the front door stays in the dialog.

    `uri` is the Request-URI that it gets, as one to a registered client does (§16.5); without it, it keeps its own.
    """
    start = b"%s %s SIP/2.0" % (request.method, uri) if uri else request.message.start
    lines = [start, proxy.via_line(forwarded_branch(request), next_hop.transport, request.source)]
    if record_route:  # above the values of earlier proxies, which may stand before the Vias (RFC 3261 §16.6, item 4)
        lines.append(proxy.record_route_line(request.source, next_hop))
    via_stamped = has_max_forwards = False
    in_own_routes = True
    for name, line in request.message.fields:
        if name == b"via":
            lines.append(line if via_stamped else stamped_via_line(line, request.via, request.source))
            via_stamped = True
            continue
        if name == b"max-forwards":
            has_max_forwards = True
            lines.append(b"%s: %d" % (line.partition(b":")[0], request.max_forwards - 1))
        elif name == b"route" and in_own_routes:
            remaining = _without_own_routes(line, proxy)
            in_own_routes = remaining is None
            if remaining is not None:
                lines.append(remaining)
        else:
            lines.append(line)
    if not has_max_forwards:
        lines.insert(2, b"Max-Forwards: 70")
    return _assembled(lines, request.message, next_hop)


def forwarded_uri(request: Request, proxy: ProxyAddress, contact: bytes) -> bytes:
    """The Request-URI of a new call that is forwarded; empty when it keeps its own.

    A client gets its `contact` (§16.5). A worker, which knows nothing of TLS, gets the URI as it is without TLS.
    """
    return contact or (proxy.uri_without_tls(request.uri) if request.source.tls else b"")


def forwarded_response(response: Response, next_hop: Hop) -> bytes:
    """The response as it is sent to `next_hop`."""
    lines = [response.message.start]
    via_removed = False
    for name, line in response.message.fields:
        if name == b"via" and not via_removed:
            via_removed = True
            other_vias = split_list(value_of(line))[1:]
            if other_vias:
                lines.append(line.partition(b":")[0] + b": " + b",".join(other_vias).strip())
        else:
            lines.append(line)
    return _assembled(lines, response.message, next_hop)


def _assembled(lines: list[bytes], message: Message, next_hop: Hop) -> bytes:
    """Start line and header lines with the body of `message`.

    On a stream a message needs a Content-Length, so one is added if it is missing (RFC 3261 §18.3).
    """
    if next_hop.connection is not None and not message.lines(b"content-length"):
        lines = [*lines, b"Content-Length: %d" % len(message.body)]
    return b"\r\n".join([*lines, b"", message.body])


def _without_own_routes(line: bytes, proxy: ProxyAddress) -> bytes | None:
    """A Route line without its leading values that name the front door; None when no value remains."""
    values = split_list(value_of(line))
    remaining = values
    while remaining:
        address = Address.parse(remaining[0])
        if address is None or not proxy.is_own_uri(address.uri):
            break
        remaining = remaining[1:]
    if len(remaining) == len(values):
        return line
    return line.partition(b":")[0] + b": " + b",".join(remaining).strip() if remaining else None
