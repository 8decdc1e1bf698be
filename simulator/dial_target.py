"""The destination of the INVITE for a dialled number or SIP URI."""

from __future__ import annotations

from dataclasses import dataclass

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
