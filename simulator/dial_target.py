"""The destination of the INVITE for a dialled number or SIP URI."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.destinations import Destinations
from simulator.errors import HostNotAllowed
from simulator.front_door.hop import is_loopback
from simulator.useragent.messages import Headers


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
