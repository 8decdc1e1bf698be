"""A SIP client made of a UDP, TCP or TLS socket and text, whose Contact names a host that nothing here can reach."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from uuid import uuid4

from simulator.front_door.framing import StreamFramer
from simulator.useragent.sip_text import SipMessage
from tests.unit.registrar.registering import authorization

Transport = Literal["udp", "tcp", "tls"]
UNREACHABLE = "192.0.2.9:5080"
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class RawClient(asyncio.Protocol):
    """One user agent of the client `user` at the front door `address` (`host:port`)."""

    def __init__(
        self,
        address: str,
        user: str,
        password: str,
        *,
        transport: Transport = "udp",
        contact: str = UNREACHABLE,
        source: str = "127.0.0.1",
        authority: Path | None = None,
    ) -> None:
        """`source` is where it sends from over UDP; `authority` is the file by which TLS verifies the front door."""
        host, _, port = address.partition(":")
        self._tls = None if authority is None else ssl.create_default_context(cafile=authority)
        self.address, self._place = address, (host, int(port))
        self.user, self._password, self._transport = user, password, transport
        self.contact = f"sip:{user}-ua@{contact};transport={transport}"
        self.call_id, self.tag, self.cseq = uuid4().hex, uuid4().hex[:8], 0
        self._source = source
        self._framer = StreamFramer()
        self._received: asyncio.Queue[SipMessage] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        if self._transport != "udp":
            self._stream, _ = await loop.create_connection(lambda: self, *self._place, ssl=self._tls)
        else:
            self._datagrams, _ = await loop.create_datagram_endpoint(
                lambda: self, local_addr=(self._source, 0), remote_addr=self._place
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        (self._stream if self._transport != "udp" else self._datagrams).close()

    # --- the socket ------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        for message in self._framer.feed(data):
            self.datagram_received(message)

    def datagram_received(self, data: bytes, _address: object = None) -> None:
        self._received.put_nowait(SipMessage.parse(data.decode()))

    def error_received(self, error: Exception) -> None:
        raise AssertionError(f"the front door's socket is closed: {error}")

    def send(self, lines: list[str], body: str = "") -> None:
        text = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()
        if self._transport != "udp":
            self._stream.write(text)
        else:
            self._datagrams.sendto(text)

    async def receive(self, *starts: str, within: float = 5) -> SipMessage:
        """Wait for the next message whose start line begins with one of `starts`; skip others."""
        seen = []
        try:
            async with asyncio.timeout(within):
                while True:
                    message = await self._received.get()
                    seen.append(message.start)
                    if message.start.startswith(starts):
                        return message
        except TimeoutError:
            raise AssertionError(f"no {' or '.join(starts)} within {within} s, but {seen}") from None

    # --- requests --------------------------------------------------------------------------------------------

    def request(self, method: str, uri: str, to: str, *lines: str, body: str = "", call_id: str = "") -> None:
        self.cseq += method != "ACK"
        head = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self._transport.upper()} {UNREACHABLE};branch=z9hG4bK{uuid4().hex};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.user}@{self.address}>;tag={self.tag}",
            f"To: {to}",
            f"Call-ID: {call_id or self.call_id}",
            f"CSeq: {self.cseq} {method}",
            *lines,
            *(["Content-Type: application/sdp"] if body else []),
        ]
        self.send(head, body)

    async def register(self, *lines: str, password: str | None = None) -> SipMessage:
        """Register with these header lines instead of a Contact for 600 s; the final response."""
        asked = lines or (f"Contact: <{self.contact}>", "Expires: 600")
        uri, to = f"sip:{self.address}", f"<sip:{self.user}@{self.address}>"
        self.request("REGISTER", uri, to, *asked)
        challenge = await self.receive("SIP/2.0")
        if not challenge.start.startswith("SIP/2.0 401"):
            return challenge
        value = challenge.header("WWW-Authenticate") or ""
        secret = self._password if password is None else password
        self.request("REGISTER", uri, to, authorization(value, user=self.user, password=secret, uri=uri), *asked)
        return await self.receive("SIP/2.0")

    async def call(self, uri: str) -> SipMessage:
        """Call a SIP URI with the proof of the password; the 200, which is acknowledged, or another final response."""
        call_id, to = uuid4().hex, f"<{uri}>"
        contact = f"Contact: <{self.contact}>"
        self.request("INVITE", uri, to, contact, body=SDP, call_id=call_id)
        challenge = await self.receive("SIP/2.0 407")
        value = challenge.header("Proxy-Authenticate") or ""
        line = authorization(
            value, user=self.user, password=self._password, method="INVITE", uri=uri, name="Proxy-Authorization"
        )
        self.request("INVITE", uri, to, line, contact, body=SDP, call_id=call_id)
        final = await self.receive(*(f"SIP/2.0 {digit}" for digit in "23456"))
        if final.start.startswith("SIP/2.0 200"):
            self.within(final, "ACK")
        return final

    def within(self, answer: SipMessage, method: str) -> None:
        """Send a request within the dialog that a 200 has set up."""
        target = (answer.header("Contact") or "").partition("<")[2].partition(">")[0]
        routes = [f"Route: {value}" for name, value in answer.headers if name == "Record-Route"]
        self.request(method, target, answer.header("To") or "", *routes[::-1], call_id=answer.header("Call-ID") or "")

    # --- responses -------------------------------------------------------------------------------------------

    def respond(self, request: SipMessage, status: str, body: str = "") -> None:
        """Send a response with what it must copy from the request (RFC 3261 §8.2.6.2)."""
        copied = [
            f"{name}: {value}"
            for name, value in request.headers
            if name in ("Via", "From", "Call-ID", "CSeq", "Record-Route")
        ]
        to = request.header("To") or ""
        to += "" if ";tag=" in to else f";tag={self.tag}"
        lines = [f"SIP/2.0 {status}", *copied, f"To: {to}", f"Contact: <{self.contact}>"]
        self.send([*lines, *(["Content-Type: application/sdp"] if body else [])], body)

    async def answer(self) -> SipMessage:
        """Answer the next call; its INVITE."""
        invite = await self.receive("INVITE")
        self.respond(invite, "180 Ringing")
        self.respond(invite, "200 OK", SDP)
        await self.receive("ACK")
        return invite
