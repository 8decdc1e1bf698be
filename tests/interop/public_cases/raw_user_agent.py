"""A SIP user agent made of sockets and text, which sends exactly what a test writes and keeps what it receives.

It calls and is called, over UDP or TCP; `raw_rtp` has its RTP. Nothing is retransmitted, nothing is answered by itself:
whatever a peer may get wrong can be written here.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from simulator.useragent.sip_text import SipMessage
from tests.interop.public_cases.raw_rtp import HOST, WITHIN_S

Transport = Literal["udp", "tcp"]


def audio_sdp(port: int, formats: str = "0 101", attributes: str = "a=rtpmap:101 telephone-event/8000\r\n") -> str:
    """An ordinary description: one audio section at `port` of this host."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {formats}\r\n{attributes}"
    )


@dataclass
class RawUserAgent:
    """`async with RawUserAgent() as agent:` has a UDP port; `transport="tcp"` connects to the first target instead.

    `messages` are all that were received, oldest first.
    """

    transport: Transport = "udp"
    messages: list[SipMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    """The same messages as bytes."""

    async def __aenter__(self) -> RawUserAgent:
        self._arrived = asyncio.Event()
        self._taken = 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._reader: asyncio.Task[None] | None = None
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((HOST, 0))
        self.host, self.port = sock.getsockname()
        self._udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Datagrams(self), sock=sock)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._udp.close()
        if self._reader is not None:
            self._reader.cancel()
        if self._streams is not None:
            self._streams[1].close()

    @property
    def address(self) -> str:
        """`host:port` of the UDP socket, for Via and Contact."""
        return f"{self.host}:{self.port}"

    @property
    def uri(self) -> str:
        """What a room can dial: `sip:raw@host:port`."""
        return f"sip:raw@{self.address}"

    # --- sending ---------------------------------------------------------------------------------------------

    async def send(self, text: str | bytes, to: tuple[str, int]) -> None:
        """Send these bytes as they are."""
        data = text if isinstance(text, bytes) else text.encode()
        if self.transport == "udp":
            self._udp.sendto(data, to)
            return
        if self._streams is None:
            self._streams = await asyncio.open_connection(*to)
            self._reader = asyncio.create_task(self._read_stream(self._streams[0]))
        self._streams[1].write(data)
        await self._streams[1].drain()

    # --- receiving -------------------------------------------------------------------------------------------

    async def receive(self, *starts: str, within: float = WITHIN_S) -> SipMessage:
        """The next message whose start line begins with one of `starts`; others before it are passed over."""
        passed: list[str] = []
        try:
            async with asyncio.timeout(within):
                while True:
                    while self._taken < len(self.messages):
                        message = self.messages[self._taken]
                        self._taken += 1
                        if message.start.startswith(starts):
                            return message
                        passed.append(message.start)
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise AssertionError(f"no {' or '.join(starts)} within {within:g} s, but {passed}") from None

    async def final_response(self, cseq: str, *, within: float = WITHIN_S) -> SipMessage:
        """The final response with this CSeq, whether it has come before or comes now."""

        def found() -> SipMessage | None:
            responses = (message for message in self.messages if message.header("CSeq") == cseq)
            return next((message for message in responses if message.status[0] >= 200), None)

        return await self._until(found, f"final response to {cseq}", within)

    async def request(self, method: str, *, number: int = 1, within: float = WITHIN_S) -> SipMessage:
        """The nth request with this method, without retransmissions, whether it has come before or comes now."""

        def found() -> SipMessage | None:
            requests = self.requests(method)
            return requests[number - 1] if len(requests) >= number else None

        return await self._until(found, f"{method} number {number}", within)

    def requests(self, method: str) -> list[SipMessage]:
        """The received requests with this method, without retransmissions."""
        by_cseq = {
            message.header("CSeq"): message for message in self.messages if message.start.startswith(f"{method} ")
        }
        return list(by_cseq.values())

    async def _until(self, found: Callable[[], SipMessage | None], what: str, within: float) -> SipMessage:
        try:
            async with asyncio.timeout(within):
                while (message := found()) is None:
                    self._arrived.clear()
                    await self._arrived.wait()
                return message
        except TimeoutError:
            shown = [message.start for message in self.messages]
            raise AssertionError(f"no {what} within {within:g} s, but {shown}") from None

    async def is_closed(self, *, within: float) -> bool:
        """Whether the other side has closed the TCP connection, now or within so many seconds."""
        assert self._reader is not None
        done, _ = await asyncio.wait([self._reader], timeout=within)
        return bool(done)

    async def receives_nothing(self, *starts: str, for_s: float) -> None:
        """Fail if a message with one of these starts comes in the next `for_s` seconds.

        Retransmissions of requests do not count: a busy machine may have sent some before the response came.
        """
        before = list(self.raw)
        await asyncio.sleep(for_s)
        arrived = zip(self.messages[len(before) :], self.raw[len(before) :], strict=True)
        repeated = {data for data in before if not data.startswith(b"SIP/")}
        assert [
            message.start for message, data in arrived if message.start.startswith(starts) and data not in repeated
        ] == []

    def count(self, start: str) -> int:
        """How many messages with this start have been received in all."""
        return sum(message.start.startswith(start) for message in self.messages)

    def take(self, data: bytes) -> None:
        """Keep a message."""
        self.raw.append(data)
        self.messages.append(SipMessage.parse(data.decode("utf-8", "replace")))
        self._arrived.set()

    async def _read_stream(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)", head)
                self.take(head + await reader.readexactly(int(length[1]) if length else 0))
        except (asyncio.IncompleteReadError, ConnectionError):
            return


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, agent: RawUserAgent) -> None:
        self._agent = agent

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._agent.take(data)


class RawDialog:
    """One dialog of a raw user agent, as caller (`RawDialog.calling`) or as callee (`await RawDialog.called`).

    `request` and `answer` fill in what RFC 3261 §12 wants; `headers` replace or add header fields (None leaves one
    out), and `body` may be any text.
    """

    def __init__(self, agent: RawUserAgent, *, peer: tuple[str, int], request_uri: str) -> None:
        self.agent = agent
        self.peer = peer
        self.request_uri = request_uri
        self.call_id = f"{uuid4().hex}@raw"
        self.local, self.remote = f"<sip:raw@{agent.address}>;tag={uuid4().hex[:8]}", f"<{request_uri}>"
        self.cseq = 0
        self.invite: SipMessage | None = None
        """The INVITE that was received."""

    @classmethod
    def calling(cls, agent: RawUserAgent, target: str, *, through: tuple[str, int]) -> RawDialog:
        """A dialog that will call the SIP URI `target`; everything is sent to the address `through`."""
        return cls(agent, peer=through, request_uri=target)

    @classmethod
    async def called(cls, agent: RawUserAgent, *, within: float = WITHIN_S) -> RawDialog:
        """Wait for an INVITE; the dialog of the callee. Requests go to the Contact of the INVITE."""
        invite = await agent.receive("INVITE ", within=within)
        contact = _uri(invite.header("Contact") or "")
        dialog = cls(agent, peer=_host_port(contact), request_uri=contact)
        dialog.invite = invite
        dialog.call_id = invite.header("Call-ID") or ""
        dialog.local = f"{invite.header('To')};tag={uuid4().hex[:8]}"
        dialog.remote = invite.header("From") or ""
        return dialog

    # --- requests --------------------------------------------------------------------------------------------

    def text(
        self,
        method: str,
        body: str = "",
        *,
        content_type: str = "application/sdp",
        headers: Mapping[str, str | None] | None = None,
        cseq: int | None = None,
    ) -> str:
        """The next request of this dialog as text."""
        if cseq is None and method not in ("ACK", "CANCEL"):
            self.cseq += 1
        transport = self.agent.transport.upper()
        fields: dict[str, str | None] = {
            "Via": f"SIP/2.0/{transport} {self.agent.address};branch=z9hG4bK{uuid4().hex};rport",
            "Max-Forwards": "70",
            "From": self.local,
            "To": self.remote,
            "Call-ID": self.call_id,
            "CSeq": f"{self.cseq if cseq is None else cseq} {method}",
            "Contact": f"<sip:raw@{self.agent.address}>",
            **({"Content-Type": content_type} if body else {}),
            "Content-Length": str(len(body.encode())),
            **(headers or {}),
        }
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        return "\r\n".join([f"{method} {self.request_uri} SIP/2.0", *lines]) + "\r\n\r\n" + body

    async def request(self, method: str, body: str = "", **how: object) -> None:
        """Send the next request; see `text` for the keywords."""
        await self.agent.send(self.text(method, body, **how), self.peer)  # type: ignore[arg-type]

    async def call(self, sdp: str, **how: object) -> SipMessage:
        """INVITE, wait for the final response, learn tag and Contact, and ACK a 200. Returns the response."""
        await self.request("INVITE", sdp, **how)
        response = await self.agent.receive("SIP/2.0 2", "SIP/2.0 3", "SIP/2.0 4", "SIP/2.0 5", "SIP/2.0 6")
        self.established(response)
        await self.request("ACK")
        return response

    async def final_response(self) -> SipMessage:
        """Wait for the final response to the newest request; retransmissions of earlier ones are passed over."""
        while True:
            response = await self.agent.receive(*(f"SIP/2.0 {digit}" for digit in "23456"))
            if (response.header("CSeq") or "").partition(" ")[0] == str(self.cseq):
                return response

    async def reinvite(self, sdp: str, **how: object) -> SipMessage:
        """INVITE within the dialog, and ACK; returns the final response."""
        await self.request("INVITE", sdp, **how)
        response = await self.final_response()
        await self.request("ACK")
        return response

    def established(self, response: SipMessage) -> None:
        """Learn the peer's tag, and for a 2xx its Contact, from a response (RFC 3261 §12.1.2)."""
        self.remote = response.header("To") or self.remote
        if response.start.startswith("SIP/2.0 2") and (contact := response.header("Contact")):
            self.request_uri = _uri(contact)

    # --- responses -------------------------------------------------------------------------------------------

    async def answer(
        self,
        status: str,
        body: str = "",
        *,
        to: SipMessage | None = None,
        content_type: str = "application/sdp",
        headers: Mapping[str, str | None] | None = None,
    ) -> None:
        """Answer a request (the INVITE, unless `to` names another) with the fields of RFC 3261 §8.2.6.2."""
        request = to or self.invite
        assert request is not None
        copied = [f"{name}: {value}" for name, value in request.headers if name in ("Via", "From", "Call-ID", "CSeq")]
        tagged = request.header("To") or ""
        fields: dict[str, str | None] = {
            "To": tagged if ";tag=" in tagged else self.local,
            "Contact": f"<sip:raw@{self.agent.address}>",
            **({"Content-Type": content_type} if body else {}),
            "Content-Length": str(len(body.encode())),
            **(headers or {}),
        }
        lines = [*copied, *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
        top_via = next(value for name, value in request.headers if name == "Via")
        await self.agent.send(
            "\r\n".join([f"SIP/2.0 {status}", *lines]) + "\r\n\r\n" + body, _via_address(top_via, self.peer)
        )


def _uri(name_addr: str) -> str:
    found = re.search(r"<([^>]+)>", name_addr)
    return found[1] if found else name_addr.partition(";")[0].strip()


def _host_port(uri: str) -> tuple[str, int]:
    found = re.match(r"sips?:(?:[^@]*@)?([^:;?>]+)(?::(\d+))?", uri)
    assert found, uri
    return found[1], int(found[2] or 5060)


def _via_address(via: str, otherwise: tuple[str, int]) -> tuple[str, int]:
    found = re.match(r"SIP/2.0/\w+\s+([^:;]+)(?::(\d+))?", via)
    return (found[1], int(found[2] or 5060)) if found else otherwise


def rtp_address(sdp: str) -> tuple[str, int]:
    """Where the first audio section of a description wants its RTP."""
    host = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", sdp, re.MULTILINE)
    assert host
    assert port
    return host[1], int(port[1])
