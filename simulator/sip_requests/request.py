"""A valid request as the proxy works with it; `screening` makes it from a message."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.sip_bytes import Message, Via, split_list
from simulator.sip_requests.hop import Hop


@dataclass(slots=True)
class Request:
    """A request that has passed screening, with the parts that the proxy decides by."""

    message: Message
    source: Hop
    method: bytes
    uri: bytes
    """The Request-URI."""
    via: Via
    """The top one."""
    call_id: str
    cseq: int
    from_tag: bytes | None
    to_tag: bytes | None
    max_forwards: int
    """70 when the header is absent."""
    from_client: bool = False
    """Whether its sender has proved to be a SIP client, whose Contact need not be reachable."""


def top_via(message: Message) -> Via | None:
    """The first Via value; None when there is none or it cannot be parsed."""
    value = message.value(b"via")
    return None if value is None else Via.parse(split_list(value)[0])
