"""Checks PJSIP's structures with a message that the worker sends to itself.

Everything about it is known beforehand: the URI it goes to, the addresses that it is given, and where it comes from.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from simulator.useragent.worker.exits.layout import (
    NOT_RESOLVED,
    RESOLVE,
    SOCKET_ADDRESS_BYTES,
    UDP,
    ExternalResolver,
    LayoutMismatch,
    RxData,
    SendState,
    ServerAddress,
    ServerAddresses,
    SocketAddress,
    TxData,
)
from simulator.useragent.worker.pjsip import LIBRARY, PjStr, register_module, unregister_module

KNOWN_VERSIONS = ("2.15.1",)
"""Versions of PJSIP whose structures are those of `layout`."""
_AFTER_TRANSPORTS = 9
_POLLS = 50


def check_layout(host: str, port: int, poll: Callable[[], None]) -> None:
    """Send a message to the UDP port of this worker, and follow it. Raises LayoutMismatch.

    `poll` lets PJSIP read what has arrived.
    """
    LIBRARY.pj_get_version.restype = ctypes.c_char_p
    version = LIBRARY.pj_get_version().decode()
    if version not in KNOWN_VERSIONS:
        raise LayoutMismatch(f"version {version} (known: {', '.join(KNOWN_VERSIONS)})")
    check = _Check(host, port)
    try:
        check.send()
        for _ in range(_POLLS):
            if "pjsip_rx_data" in check.seen:
                break
            poll()
    finally:
        check.close()
    for structure in ("pjsip_host_info", "pjsip_tx_data", "pjsip_rx_data"):
        wrong = check.seen.get(structure, "it was not seen")
        if wrong:
            raise LayoutMismatch(f"{structure} ({wrong})")


class _Check:
    """One message, and what was found in the structures that lead it. `seen` has "" for a structure that is right."""

    def __init__(self, host: str, port: int) -> None:
        self.seen: dict[str, str] = {}
        self._host = host
        self._port = port
        self._call_id = f"layout-{uuid4().hex}"
        self._tx_data = 0
        self._endpoint = LIBRARY.pjsua_get_pjsip_endpt()
        self._resolver = ExternalResolver(RESOLVE(self._resolve))
        LIBRARY.pjsip_endpt_set_ext_resolver.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        LIBRARY.pjsip_endpt_set_ext_resolver(self._endpoint, ctypes.byref(self._resolver))
        self._module = register_module(
            b"mod-layout-check", _AFTER_TRANSPORTS, on_request=self._received, on_tx_request=self._sending
        )

    def close(self) -> None:
        unregister_module(self._module)
        LIBRARY.pjsip_endpt_set_ext_resolver(self._endpoint, None)

    def send(self) -> None:
        LIBRARY.pjsip_get_options_method.restype = ctypes.c_void_p
        LIBRARY.pjsip_endpt_create_request.argtypes = (
            ctypes.c_void_p, ctypes.c_void_p, *(ctypes.POINTER(PjStr),) * 5,
            ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
        )  # fmt: skip
        LIBRARY.pjsip_endpt_send_request_stateless.argtypes = (ctypes.c_void_p,) * 4
        uri = f"sip:layout@{self._host}:{self._port}".encode()
        uri_text, call_id = PjStr(uri, len(uri)), PjStr(self._call_id.encode(), len(self._call_id))
        made = ctypes.c_void_p()
        status = LIBRARY.pjsip_endpt_create_request(
            self._endpoint, LIBRARY.pjsip_get_options_method(), uri_text, uri_text, uri_text, None, call_id, 7, None,
            ctypes.byref(made),
        )  # fmt: skip
        if status != 0 or made.value is None:
            raise LayoutMismatch(f"pjsip_endpt_create_request (it failed with {status})")
        self._tx_data = made.value
        LIBRARY.pjsip_endpt_send_request_stateless(self._endpoint, self._tx_data, None, None)

    def _resolve(self, resolver: int, pool: int, target: Any, token: int, resolved: Any) -> None:
        info = target.contents
        found = (info.flag, info.type, info.host.length, info.port, SendState.from_address(token).tx_data)
        wrong = _difference(found, (0, 0, len(self._host), self._port, self._tx_data))
        wrong = wrong or _difference((str(info.host),), (self._host,))
        self.seen["pjsip_host_info"] = wrong
        address = SocketAddress.of(self._host, self._port)
        entry = ServerAddress(UDP, 0, 0, address, SOCKET_ADDRESS_BYTES)
        answer = ServerAddresses(1, (ServerAddress * 16)(entry))
        resolved(NOT_RESOLVED if wrong else 0, token, None if wrong else ctypes.addressof(answer))

    def _sending(self, tx_data: int) -> int:
        if tx_data != self._tx_data:
            return 0
        sent = TxData.from_address(tx_data)
        to = sent.destinations.entries[0]
        found = (
            sent.destination_name.length, sent.destinations.count, to.type, to.address.host, to.address.port_number,
            to.length, sent.current_destination, sent.address.host, sent.address.port_number, sent.address_length,
            sent.host.decode("latin-1"), sent.port,
        )  # fmt: skip
        host, port, length = self._host, self._port, SOCKET_ADDRESS_BYTES
        expected = (len(host), 1, UDP, host, port, length, 0, host, port, length, host, port)
        # pointers only when all else is right: a wrong one would end the process
        wrong = _difference(found, expected) or _difference((str(sent.destination_name),), (host,))
        self.seen["pjsip_tx_data"] = wrong
        return NOT_RESOLVED if wrong else 0

    def _received(self, rx_data: int) -> int:
        received = RxData.from_address(rx_data)
        if self._call_id.encode() not in bytes(received.packet):
            return 0
        found = (
            received.address.host, received.address.port_number, received.address_length,
            received.host.decode("latin-1"), received.port, received.text_length,
        )  # fmt: skip
        host, port = self._host, self._port
        wrong = _difference(found, (host, port, SOCKET_ADDRESS_BYTES, host, port, received.length))
        if not wrong and received.text != rx_data + RxData.packet.offset:
            wrong = "the text of the message is not in its packet"
        wrong = wrong or _difference((received.transport.contents.type,), (UDP,))
        self.seen["pjsip_rx_data"] = wrong
        return 1


def _difference(found: tuple[Any, ...], expected: tuple[Any, ...]) -> str:
    return "" if found == expected else f"found {found}, expected {expected}"
