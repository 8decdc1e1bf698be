"""Received messages whose form is invalid: requests are answered as the front door does, everything else is ignored.

The response is made of the bytes of the request, because PJSIP may have parsed none of them.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulator.sip_bytes import read
from simulator.sip_requests.hop import Hop
from simulator.sip_requests.request import Request, top_via
from simulator.sip_requests.screening import Drop, InvalidRequest, refused, screen
from simulator.sip_requests.stateless_response import response_to_invalid
from simulator.useragent.messages import MessageRefused
from simulator.useragent.worker.layout.addresses import SOCKET_ADDRESS_BYTES, SocketAddress
from simulator.useragent.worker.layout.messages import TCP, UDP, RxData, Transport
from simulator.useragent.worker.pjsip import LIBRARY
from simulator.useragent.worker.sip_observer import SipObserver

_CONNECTION = 0
"""Stands for the connection that a message came from."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a message came from."""

    host: str
    port: int
    transport: Literal["UDP", "TCP"]

    @classmethod
    def of_rx_data(cls, rx_data: int) -> Source:
        """The source of a message that PJSIP has parsed, by the address of its `pjsip_rx_data`."""
        received = RxData.from_address(rx_data)
        by_tcp = received.transport.contents.type == TCP
        return cls(received.host.decode("latin-1"), received.port, "TCP" if by_tcp else "UDP")

    @classmethod
    def of_connection(cls, transport: Transport) -> Source:
        """The peer of a TCP connection."""
        return cls(transport.remote.host, transport.remote.port_number, "TCP")

    @property
    def hop(self) -> Hop:
        """The same for the screening."""
        return Hop(self.host, self.port, _CONNECTION if self.transport == "TCP" else None)


Rejected = InvalidRequest | Drop


def screen_bytes(data: bytes, source: Source) -> Request | Rejected:
    """Validate a request as the front door does."""
    return screen(read(data), len(data), source.hop, at_worker=True)


def unusable(data: bytes, why: str) -> Rejected:
    """What becomes of a message of valid form that PJSIP cannot use: 400, unless it is a response or an ACK."""
    message = read(data)
    via = top_via(message)
    if message.is_response:
        return Drop("malformed response")
    return Drop("no usable Via") if via is None else refused(message, via, 400, f"Bad Request: {why}")


class Rejections:
    """Answers invalid requests. `report` gets a notice of each message that is refused or ignored."""

    def __init__(self, observer: SipObserver, report: Callable[[MessageRefused], None]) -> None:
        self._observer = observer
        self._report = report
        LIBRARY.pjsip_endpt_send_raw.argtypes = (
            ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p,
            ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
        )  # fmt: skip

    def received(self, data: bytes, source: Source) -> None:
        """Trace a message that PJSIP's modules do not see."""
        self._observer.observe(False, source.transport, f"{source.host}:{source.port}", data)

    def reject(self, rejected: Rejected, data: bytes, source: Source) -> None:
        """Answer a request, or ignore a message."""
        if isinstance(rejected, Drop):
            self._tell(None, rejected.why, data, source)
            return
        self._tell(rejected.status, rejected.reason, data, source)
        response, hop = response_to_invalid(rejected, source.hop)
        port = source.port if source.transport == "TCP" else hop.port
        _send(response, source.host, port, source.transport)
        self._observer.observe(True, source.transport, f"{source.host}:{port}", response)

    def _tell(self, status: int | None, why: str, data: bytes, source: Source) -> None:
        self._report(
            MessageRefused(
                at=time.monotonic(),
                status=status,
                why=why,
                peer=(source.host, source.port),
                transport=source.transport,
                text=data.decode("latin-1"),
            )
        )


def _send(data: bytes, host: str, port: int, transport: str) -> None:
    """Send bytes with PJSIP's UDP transport, or with the TCP connection to that peer."""
    address = SocketAddress.of(host, port)
    LIBRARY.pjsip_endpt_send_raw(
        LIBRARY.pjsua_get_pjsip_endpt(), TCP if transport == "TCP" else UDP, None, data, len(data),
        ctypes.byref(address), SOCKET_ADDRESS_BYTES, None, None,
    )  # fmt: skip
