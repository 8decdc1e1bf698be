"""A SIP peer made of a UDP socket and text, for messages that PJSIP would never send."""

from __future__ import annotations

import asyncio
import re
import socket
from uuid import uuid4

from simulator.useragent.sip_text import SipMessage

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class RawPeer:
    """One dialog with a user agent at `target` (`host:port`)."""

    def __init__(self, target: str) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        host, _, port = target.partition(":")
        self.target = (host, int(port))
        self.address = "{}:{}".format(*self.sock.getsockname())
        self.call_id = uuid4().hex
        self.tag = uuid4().hex[:8]
        self.to_tag = ""
        self.cseq = 0

    def __enter__(self) -> RawPeer:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def request(self, method: str, body: str = "", *, content_type: str = "application/sdp", extra: str = "") -> None:
        if method != "ACK":
            self.cseq += 1
        to = f"<sip:x@{self.target[0]}:{self.target[1]}>" + (f";tag={self.to_tag}" if self.to_tag else "")
        lines = [
            f"{method} sip:x@{self.target[0]}:{self.target[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{uuid4().hex};rport",
            "Max-Forwards: 70",
            f"From: <sip:raw@{self.address}>;tag={self.tag}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} {method}",
            f"Contact: <sip:raw@{self.address}>",
        ]
        if body:
            lines.append(f"Content-Type: {content_type}")
        if extra:
            lines.append(extra)
        lines.append(f"Content-Length: {len(body.encode())}")
        self.send("\r\n".join(lines) + "\r\n\r\n" + body)

    def send(self, text: str) -> None:
        self.sock.sendto(text.encode(), self.target)

    async def receive(self, *starts: str, within: float = 4) -> SipMessage:
        """Wait for the next message whose start line begins with one of `starts`; skip others."""
        loop = asyncio.get_running_loop()
        seen = []
        try:
            async with asyncio.timeout(within):
                while True:
                    message = SipMessage.parse((await loop.sock_recv(self.sock, 65535)).decode())
                    seen.append(message.start)
                    tag = re.search(r";tag=([^;]+)", message.header("To") or "")
                    if message.start.startswith("SIP/2.0 2") and tag:
                        self.to_tag = tag[1]
                    if message.start.startswith(starts):
                        return message
        except TimeoutError:
            raise AssertionError(f"no {' or '.join(starts)} within {within} s, but {seen}") from None

    def reply(self, request: SipMessage, status: str, body: str = "", extra: str = "") -> None:
        """Send a response with the headers that it must copy from the request (RFC 3261 §8.2.6.2)."""
        copied = [f"{n}: {v}" for n, v in request.headers if n in ("Via", "From", "Call-ID", "CSeq")]
        to = request.header("To") or ""
        to += "" if ";tag=" in to else f";tag={self.tag}"
        lines = [f"SIP/2.0 {status}", *copied, f"To: {to}", f"Contact: <sip:raw@{self.address}>"]
        lines += ["Content-Type: application/sdp"] if body else []
        lines += [extra] if extra else []
        lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines) + "\r\n\r\n" + body)
