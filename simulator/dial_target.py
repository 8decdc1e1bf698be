"""The destination of the INVITE for a dialled number or SIP URI."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.destinations import Destinations, is_ipv6
from simulator.errors import ConfigurationError, HostNotAllowed
from simulator.numbers import SipAddress
from simulator.sip_requests.hop import is_loopback
from simulator.useragent.messages import Headers
from simulator.useragent.sip_text import check_headers, check_uri


@dataclass(frozen=True, slots=True)
class DialTarget:
    """The destination of an INVITE, as determined by `Network.resolve`."""

    uri: str
    """The Request-URI."""
    via_proxy: bool
    """Whether to send the INVITE to the network's own address, because the host of `uri` is only simulated."""
    headers: Headers
    """The header fields given in the dialled URI (RFC 3261 §19.1.1)."""


def check_reachable(target: str, host: str, destinations: Destinations, *, sip_host: str) -> None:
    """Raise HostNotAllowed if SIP from `sip_host` may not go to `host`, or cannot."""
    if destinations.is_this_machine(host):
        return
    if not destinations.is_allowed(host):
        raise HostNotAllowed(
            target,
            f"no phone has this URI, and the host {host!r} is outside this machine; "
            f"make a phone with this uri, or add the host to allow_hosts",
        )
    if is_loopback(sip_host):
        raise HostNotAllowed(
            target,
            f"the host {host!r} is allowed, but SIP and RTP of this network use {sip_host}, from where nothing reaches "
            f"another machine; start it with host= an address of this machine",
        )


def check_usable(target: str, where: SipAddress, *, is_simulated: bool) -> None:
    """Raise ConfigurationError if no INVITE can have the URI `where`, or none can be sent to it; `target` is its text.

    With `is_simulated` it goes to this network's own address, so host and transport may be any.
    """
    check_uri("to", str(where))
    check_headers(where.headers)
    if is_simulated:
        return
    if is_ipv6(where.destination):
        raise ConfigurationError("to", target, "a host that is a name or an IPv4 address; SIP here has no IPv6")
    if where.transport not in ("udp", "tcp"):
        raise ConfigurationError("to", target, f"the transport udp or tcp; SIP here has no {where.transport}")
