"""A front door proxy without sockets for tests: its clock is set by hand, its workers are only addresses."""

from __future__ import annotations

from typing import Any

from simulator.destinations import Destinations
from simulator.front_door import Destination, DestinationGroup, FinalResponse, Invite
from simulator.front_door.proxy import Proxy
from simulator.front_door.proxy_address import ProxyAddress
from simulator.front_door.sip_clients import SipClients
from simulator.sip_bytes import Message, read
from simulator.sip_requests.hop import Hop, Outgoing
from simulator.timeline import Timeline

FRONT_DOOR = ProxyAddress("127.0.0.1", 5060)
PEER = Hop("127.0.0.1", 5980)
TCP_PEER = Hop("127.0.0.1", 43210, 7)
SDP = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


class ProxyBench:
    """A proxy in front of `workers` workers on ports 6000, 6001, …, all in one group."""

    def __init__(self, workers: int = 1, **group: Any) -> None:
        self.now = 1000.0
        self.records: list[dict[str, Any]] = []
        self.timeline = Timeline()
        """Has the records of refused destinations."""
        self.grown: list[DestinationGroup] = []
        """Groups for which another worker was requested."""
        self.wake_count = 0
        self.from_workers = False
        """Whether INVITEs in the name of SIP clients are taken for those of workers."""
        self.invites: list[Invite] = []
        """What the router was asked about."""
        self.workers = [Destination(f"127.0.0.1:{6000 + number}") for number in range(workers)]
        self.group = DestinationGroup(*self.workers, name="bench", clock=lambda: self.now, **group)
        self.route: DestinationGroup | FinalResponse | Exception = self.group
        """What the router returns or raises."""
        self.clients = SipClients(self.records.append, lambda _: self.from_workers)
        self.proxy = Proxy(
            FRONT_DOOR,
            self._router,
            self.clients,
            destinations=Destinations(timeline=self.timeline),
            record=self.records.append,
            grow=self.grown.append,
            wake=self._wake,
        )

    def _router(self, invite: Invite) -> DestinationGroup | FinalResponse:
        self.invites.append(invite)
        if isinstance(self.route, Exception):
            raise self.route
        return self.route

    def _wake(self) -> None:
        self.wake_count += 1

    def send(self, data: bytes, source: Hop = PEER) -> list[Outgoing]:
        """What the proxy sends when it receives a message from `source` now."""
        return self.proxy.receive(data, source, self.now)

    def pass_time(self, seconds: float) -> list[Outgoing]:
        """Advance the clock and call `tick` whenever it is due."""
        end = self.now + seconds
        out: list[Outgoing] = []
        while (due := self.proxy.next_deadline(self.now)) is not None and due <= end:
            self.now = max(self.now, due)
            out += self.proxy.tick(self.now)
        self.now = end
        return out + self.proxy.tick(end)

    def reply(
        self, forwarded: bytes, status: int, *, to_tag: str = "worker", source: Hop | None = None
    ) -> list[Outgoing]:
        """What the proxy sends when a worker responds to a request that it got."""
        return self.send(response_to(forwarded, status, to_tag=to_tag), source or hop(self.workers[0]))

    def last_record(self, field: str) -> dict[str, Any]:
        """The newest record that has a field of this name."""
        return next(record for record in reversed(self.records) if field in record)


def hop(worker: Destination) -> Hop:
    return Hop(worker.host, worker.port)


def only(out: list[Outgoing]) -> tuple[Message, Hop]:
    """The one message that was sent, parsed; it must be well-formed."""
    assert len(out) == 1, out
    return well_formed(out[0][0]), out[0][1]


def well_formed(data: bytes) -> Message:
    message = read(data)
    assert message.flaw is None, (message.flaw, data)
    return message


def status(message: Message) -> int:
    assert message.is_response, message.start
    return int(message.start.split(b" ")[1])


def request(
    method: str = "INVITE",
    uri: str = "sip:+12065550142@127.0.0.1:5060",
    *,
    via: str = "SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-peer-1",
    call_id: str = "call-1",
    from_tag: str | None = "caller",
    to_tag: str | None = None,
    cseq: int = 1,
    max_forwards: str | None = "70",
    headers: tuple[str, ...] = (),
    body: bytes | None = None,
) -> bytes:
    """A request as a peer would send it."""
    body = (SDP if method == "INVITE" else b"") if body is None else body
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: {via}",
        f"From: <sip:peer@127.0.0.1:5980>{tag(from_tag)}",
        f"To: <sip:+12065550142@127.0.0.1>{tag(to_tag)}",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        *([] if max_forwards is None else [f"Max-Forwards: {max_forwards}"]),
        "Contact: <sip:peer@127.0.0.1:5980>",
        *headers,
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def tag(text: str | None) -> str:
    return "" if text is None else f";tag={text}"


def response_to(data: bytes, code: int, *, to_tag: str = "worker", contact: str = "sip:127.0.0.1:6000") -> bytes:
    """A user agent's response to a request."""
    message = read(data)
    lines = [b"SIP/2.0 %d Whatever" % code]
    for name, line in message.fields:
        if name in (b"via", b"from", b"call-id", b"cseq", b"record-route"):
            lines.append(line)
        elif name == b"to":
            lines.append(line if b";tag=" in line or code == 100 else line + b";tag=" + to_tag.encode())
    lines += [b"Contact: <" + contact.encode() + b">", b"Content-Length: 0", b"", b""]
    return b"\r\n".join(lines)
