"""Where the INVITE for a dialled number or SIP URI goes."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.useragent.messages import Headers


@dataclass(frozen=True, slots=True)
class DialTarget:
    """The result of `Network.resolve`."""

    uri: str
    """The Request-URI."""
    via_proxy: bool
    """Whether to send the INVITE to the network's own address, because the host of `uri` is only simulated."""
    headers: Headers
    """The header fields that the dialled URI asks for (RFC 3261 §19.1.1)."""
