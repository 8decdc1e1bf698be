"""The side of the fuzzer that behaves: it answers what it is asked, and ends the calls that mutated messages set up."""

from __future__ import annotations

import asyncio
import re
from typing import Self
from uuid import uuid4

from simulator.useragent.sip_text import SipMessage
from tests.hostile.sip_fuzzer.seeds import filled, seed

Place = tuple[str, int]
_REQUEST = """\
{method} {uri} SIP/2.0
Via: SIP/2.0/UDP {peer};branch={branch};rport
Max-Forwards: 70
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq} {method}
Contact: <sip:raw@{peer}>
Content-Length: {length}

"""


class Dialog:
    """A confirmed dialog with a worker, or one that is to be set up, if it has no `worker` yet."""

    def __init__(self, peer: FuzzPeer, uri: str) -> None:
        self._peer = peer
        self.uri = uri
        self.call_id = uuid4().hex
        self.local = f"<sip:raw@{peer.address}>;tag={uuid4().hex[:8]}"
        self.remote = f"<{uri}>"
        self.cseq = 0
        self.worker: Place | None = None

    def values(self) -> dict[str, object]:
        """What the next request of the dialog needs, for `filled`."""
        self.cseq += 1
        return {
            "uri": self.uri,
            "peer": self._peer.address,
            "branch": uuid4().hex,
            "from": self.local,
            "to": self.remote,
            "call_id": self.call_id,
            "cseq": self.cseq,
            "rtp": self._peer.rtp_port,
        }


class FuzzPeer(asyncio.DatagramProtocol):
    """A UDP socket at `host` that hangs up what is answered, and answers every request but an INVITE with 200."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._transport: asyncio.DatagramTransport
        self._waiting: dict[tuple[str, str], asyncio.Future[SipMessage]] = {}
        self._dialogs: dict[str, Dialog] = {}
        self._invites: dict[str, asyncio.Future[tuple[SipMessage, Place]]] = {}
        self.rtp_port = 41000

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self._host, 0))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()

    @property
    def address(self) -> str:
        host, port = self._transport.get_extra_info("sockname")
        return f"{host}:{port}"

    def send(self, data: bytes, to: Place) -> None:
        self._transport.sendto(data, to)

    async def final_response(self, call_id: str, method: str, *, within: float) -> SipMessage:
        """Wait for the final response to a request with this Call-ID. TimeoutError."""
        waiting = self._waiting[(call_id, method)] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(waiting, within)
        finally:
            del self._waiting[(call_id, method)]

    async def invited(self, call_id: str, *, within: float) -> tuple[SipMessage, Place]:
        """Wait for an INVITE with this Call-ID, and where it came from. TimeoutError."""
        waiting = self._invites.setdefault(call_id, asyncio.get_running_loop().create_future())
        return await asyncio.wait_for(waiting, within)

    async def call(self, uri: str, door: Place) -> tuple[Dialog, int]:
        """Set up a call; the dialog, and the status of the final response."""
        dialog = Dialog(self, uri)
        self._dialogs[dialog.call_id] = dialog
        self.send(filled(seed("invite_offer"), **dialog.values()), door)
        response = await self.final_response(dialog.call_id, "INVITE", within=8)
        if response.status[0] >= 300:
            del self._dialogs[dialog.call_id]
            return dialog, response.status[0]
        dialog.remote, dialog.worker = response.header("To") or "", _place(response.header("Contact") or "")
        dialog.uri = _uri(response.header("Contact") or "")
        self.send(self._request("ACK", {**dialog.values(), "cseq": 1}), dialog.worker)
        dialog.cseq = 1
        return dialog, 200

    async def hang_up(self, dialog: Dialog) -> int:
        """BYE; the status of the response, 481 when a mutated message has ended the call before."""
        assert dialog.worker is not None
        dialog.cseq = 2**31 - 2  # beyond what mutated messages can have had (RFC 3261 §8.1.1.5)
        self.send(self._request("BYE", dialog.values()), dialog.worker)
        response = await self.final_response(dialog.call_id, "BYE", within=5)
        self._dialogs.pop(dialog.call_id, None)
        return response.status[0]

    async def ping(self, worker: Place) -> None:
        """Wait until a worker has answered an OPTIONS, and so has read all that was sent to it before. TimeoutError."""
        asked = Dialog(self, f"sip:{worker[0]}:{worker[1]}")
        self.send(self._request("OPTIONS", asked.values()), worker)
        await self.final_response(asked.call_id, "OPTIONS", within=5)

    def datagram_received(self, data: bytes, addr: Place) -> None:
        message = SipMessage.parse(data.decode("utf-8", "replace"))
        if message.start.startswith("SIP/2.0 "):
            self._take_response(message, addr)
        else:
            self._take_request(message, addr)

    def _take_response(self, message: SipMessage, source: Place) -> None:
        status = message.status[0]
        call_id = message.header("Call-ID") or ""
        method = (message.header("CSeq") or "").rpartition(" ")[2]
        if status < 200:
            return
        dialog = self._dialogs.get(call_id)
        if method == "INVITE":
            self._acknowledge(message, source, hang_up=dialog is None)
        waiting = self._waiting.get((call_id, method))
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def _acknowledge(self, message: SipMessage, source: Place, *, hang_up: bool) -> None:
        """ACK a final response to an INVITE, and end the call that it has set up unless it is in a dialog of ours."""
        number = re.match(r"\d+", message.header("CSeq") or "")
        values: dict[str, object] = {
            "peer": self.address,
            "from": message.header("From") or "",
            "to": message.header("To") or "",
            "call_id": message.header("Call-ID") or "",
            "cseq": number[0] if number else "1",
        }
        if message.status[0] >= 300:
            branch = re.search(r";branch=([^;,\s]+)", message.header("Via") or "")
            values |= {"uri": f"sip:{source[0]}:{source[1]}", "branch": branch[1] if branch else ""}
            self.send(self._request("ACK", values), source)
            return
        contact = message.header("Contact") or ""
        values |= {"uri": _uri(contact), "branch": f"z9hG4bK{uuid4().hex}"}
        worker = _place(contact)
        self.send(self._request("ACK", values), worker)
        if hang_up:
            values |= {"branch": f"z9hG4bK{uuid4().hex}", "cseq": int(str(values["cseq"])[:9]) + 1}
            self.send(self._request("BYE", values), worker)

    def _take_request(self, message: SipMessage, source: Place) -> None:
        method = message.start.partition(" ")[0]
        if method == "ACK":
            return
        if method == "INVITE":
            call_id = message.header("Call-ID") or ""
            waiting = self._invites.setdefault(call_id, asyncio.get_running_loop().create_future())
            if not waiting.done():
                waiting.set_result((message, source))
            elif ";tag=" in (message.header("To") or ""):
                self.answer(message, "488 Not Acceptable Here", source)
            return
        if method == "CANCEL" and (invited := self._invites.get(message.header("Call-ID") or "")) and invited.done():
            self.answer(invited.result()[0], "487 Request Terminated", source)
        self.answer(message, "200 OK", source)

    def answer(self, request: SipMessage, status: str, source: Place) -> None:
        """Answer a request properly."""
        copied = [f"{name}: {value}" for name, value in request.headers if name in ("Via", "From", "Call-ID", "CSeq")]
        to = request.header("To") or ""
        to += "" if ";tag=" in to else ";tag=fuzz"
        lines = [f"SIP/2.0 {status}", *copied, f"To: {to}", f"Contact: <sip:raw@{self.address}>", "Content-Length: 0"]
        self.send("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape"), source)

    def _request(self, method: str, values: dict[str, object]) -> bytes:
        branch = str(values["branch"])
        branch = branch if branch.startswith("z9hG4bK") else f"z9hG4bK{branch}"
        return filled(_REQUEST.replace("{method}", method), **{**values, "branch": branch})


def _uri(name_addr: str) -> str:
    found = re.search(r"<([^>]+)>", name_addr)
    return found[1] if found else name_addr.partition(";")[0].strip()


def _place(contact: str) -> Place:
    found = re.match(r"sips?:(?:[^@]*@)?([^:;?>]+)(?::(\d+))?", _uri(contact))
    assert found, contact
    return found[1], int(found[2] or 5060)
