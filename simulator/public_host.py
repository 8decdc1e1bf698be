"""The address by which others reach this machine, where that is another one than SIP and RTP are bound to.

Behind a router or in a container with published ports, peers get the public address in Via, Contact, Record-Route and
session descriptions, and what this machine sends to it stays here.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

from simulator.host_name import check_host
from simulator.sdp.body import MessageBody
from simulator.sip_requests.hop import is_loopback


@dataclass(frozen=True, slots=True)
class PublicHost:
    """`name` is how others reach `host`: a name, which only URIs have, or an IPv4 address."""

    name: str
    host: str

    @classmethod
    def of(cls, name: str | None, host: str) -> PublicHost:
        """The public host of a network that is bound to `host`; without a name, others use that, too.

        Raises ConfigurationError for a name that is no host.
        """
        bound = "127.0.0.1" if host == "localhost" else host
        return cls(bound if name is None else check_host(name, name="public_address"), bound)

    @property
    def differs(self) -> bool:
        """Whether others use another name than the address that is bound."""
        return self.name != self.host

    @property
    def sip_host(self) -> str:
        """The host in Via, Contact, Record-Route and session descriptions, which need an address."""
        return self.name if _is_ipv4(self.name) else self.host

    def hosts(self, bound: str) -> frozenset[str]:
        """The hosts by which SIP URIs name a network that is bound to an address, in lower case."""
        local = {"localhost"} if is_loopback(bound) else set()
        return frozenset({bound, self.name.lower(), self.sip_host, *local})

    def is_named(self, host: str) -> bool:
        """Whether a host is the public one."""
        return host.lower() == self.name.lower()

    def inside(self, body: MessageBody) -> MessageBody:
        """The body with this machine's own address in place of the public one, where its description has that."""
        if body.sdp is None or self.sip_host == self.host:
            return body
        public = rf"^((?:c=|a=rtcp:\d+ )IN IP4 ){re.escape(self.sip_host)}(?=[/\s]|$)"
        return replace(body, sdp=re.sub(public, rf"\g<1>{self.host}", body.sdp, flags=re.MULTILINE))


LOOPBACK = PublicHost("127.0.0.1", "127.0.0.1")


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
