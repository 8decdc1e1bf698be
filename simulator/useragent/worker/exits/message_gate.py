"""The exit of SIP: asks whether a message may be sent to its host, before PJSIP resolves the host or connects to it.

PJSIP gets each destination from this resolver, which takes literal addresses and looks up nothing. A request inside a
dialog whose destination is refused goes to where the messages of its call come from, with its Request-URI unchanged: a
peer whose Contact or Record-Route names another machine is reached all the same. Any other message is not sent. A
module that PJSIP calls last, just before it sends, asks again about the address itself.
"""

from __future__ import annotations

import ctypes
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from simulator.destinations import Destinations
from simulator.useragent.sip_text import SipMessage
from simulator.useragent.worker.layout.addresses import SOCKET_ADDRESS_BYTES, SocketAddress
from simulator.useragent.worker.layout.messages import (
    NOT_RESOLVED,
    RELIABLE,
    RESOLVE,
    SECURE,
    TCP,
    TLS,
    UDP,
    ExternalResolver,
    HostInfo,
    RxData,
    SendState,
    ServerAddress,
    ServerAddresses,
    TxData,
)
from simulator.useragent.worker.pjsip import LIBRARY, register_module

_AFTER_TRANSPORTS = 9
"""Module priority just above PJSIP's transports (8): the first to see what came in, the last to see what goes out."""
_CALL_ID = re.compile(rb"\n(?:Call-ID|i)[ \t]*:[ \t]*([^\s]+)", re.IGNORECASE)
_KEPT_CALLS = 256
_MESSAGE_BYTES = 16_384


class Hop(NamedTuple):
    """An address that a message is sent to or comes from; `transport` as `pjsip_transport_type_e`."""

    host: str
    port: int
    transport: int


class Refusal(NamedTuple):
    """A message that was not sent to where it was to go; `sent_to` where it went instead."""

    host: str
    port: int
    because: str
    sip_call_id: str | None
    sent_to: str | None = None


class MessageGate:
    """Asks `destinations` about every message that is sent, and reports each refusal.

    Keep this object as long as PJSIP runs, which calls into it.
    """

    def __init__(self, destinations: Destinations, refused: Callable[[Refusal], None]) -> None:
        self._destinations = destinations
        self._refused = refused
        self._sources: OrderedDict[str, Hop] = OrderedDict()
        """Where the latest message of each call came from, by Call-ID."""
        self._last_refusals: OrderedDict[str, Refusal] = OrderedDict()
        LIBRARY.pjsip_msg_print.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
        LIBRARY.pjsip_msg_print.restype = ctypes.c_ssize_t
        self._resolver = ExternalResolver(RESOLVE(self._resolve))
        LIBRARY.pjsip_endpt_set_ext_resolver(LIBRARY.pjsua_get_pjsip_endpt(), ctypes.byref(self._resolver))
        self._module = register_module(
            b"mod-destinations",
            _AFTER_TRANSPORTS,
            on_request=self._received,
            on_response=self._received,
            on_tx_request=self._sending,
            on_tx_response=self._sending,
        )

    def refusal_of(self, sip_call_id: str) -> str | None:
        """What could not be sent in a call, in words; None when everything was sent."""
        refusal = self._last_refusals.get(sip_call_id)
        return None if refusal is None else f"nothing was sent to {refusal.host}: {refusal.because}"

    def accepts(self, host: str, port: int) -> bool:
        """Whether messages from a host are handled: only when they may be answered. What is not is reported."""
        because = self._destinations.refusal(host)
        if because is not None:
            self._refused(Refusal(host, port, f"its messages are ignored: {because}", None))
        return because is None

    # --- PJSIP's callbacks -----------------------------------------------------------------------------------

    def _resolve(self, resolver: int, pool: int, target: Any, token: int, resolved: Any) -> None:
        try:
            hop = self._hop_of(target.contents, SendState.from_address(token).tx_data)
        except Exception:  # noqa: BLE001  # PJSIP waits for its callback, and nothing may be sent unasked
            hop = None
        if hop is None:
            resolved(NOT_RESOLVED, token, None)
            return
        address = ServerAddress(hop.transport, 0, 0, SocketAddress.of(hop.host, hop.port), SOCKET_ADDRESS_BYTES)
        addresses = ServerAddresses(1, (ServerAddress * 16)(address))  # in a variable: PJSIP copies it
        resolved(0, token, ctypes.addressof(addresses))

    def _sending(self, tx_data: int) -> int:
        try:
            sent = TxData.from_address(tx_data)
            host = sent.host.decode("latin-1")
            because = self._destinations.refusal(host)
            if because is None:
                return 0
            message = _message_of(sent.message)
            self._report(Refusal(host, sent.port, because, message.header("Call-ID")))
        except Exception:  # noqa: BLE001  # nothing may be sent when the policy could not be asked
            return NOT_RESOLVED
        return NOT_RESOLVED

    def _received(self, rx_data: int) -> int:
        try:
            received = RxData.from_address(rx_data)
            host = received.host.decode("latin-1")
            if not self.accepts(host, received.port):
                return 1
            found = _CALL_ID.search(ctypes.string_at(received.text, received.text_length))
            if found is not None:
                source = Hop(host, received.port, received.transport.contents.type)
                _keep(self._sources, found[1].decode("latin-1"), source)
        except Exception:  # noqa: BLE001  # a message whose source is not known is not answered
            return 1
        return 0

    # --- decisions -------------------------------------------------------------------------------------------

    def _hop_of(self, target: HostInfo, tx_data: int) -> Hop | None:
        """Where a message goes; None when it is not sent."""
        host, transport = str(target.host), _transport_of(target)
        address = self._destinations.address_of(host)
        if address is not None:
            return Hop(address, target.port or (5061 if transport == TLS else 5060), transport)
        message = _message_of(TxData.from_address(tx_data).message)
        call_id = message.header("Call-ID") or ""
        source = self._sources.get(call_id) if _belongs_to_peer(message) else None
        because = self._destinations.refusal(host) or ""
        sent_to = None if source is None else f"{source.host}:{source.port}"
        self._report(Refusal(host, target.port, because, call_id, sent_to))
        return source

    def _report(self, refusal: Refusal) -> None:
        if refusal.sent_to is None and refusal.sip_call_id:
            _keep(self._last_refusals, refusal.sip_call_id, refusal)
        self._refused(refusal)


def _transport_of(target: HostInfo) -> int:
    """The transport of a target: as it says, else as its flags say (RFC 3263 §4.1)."""
    if target.type:
        return int(target.type) & 0x7F  # without the bit of IPv6
    if target.flag & SECURE:
        return TLS
    return TCP if target.flag & RELIABLE else UDP


def _message_of(message: int) -> SipMessage:
    buffer = ctypes.create_string_buffer(_MESSAGE_BYTES)
    length = LIBRARY.pjsip_msg_print(message, buffer, _MESSAGE_BYTES)
    return SipMessage.parse(buffer.raw[: max(0, length)].decode("latin-1"))


def _belongs_to_peer(message: SipMessage) -> bool:
    """Whether a message is for the peer whose messages have its Call-ID: a response, or a request in a dialog."""
    return message.start.startswith("SIP/2.0 ") or ";tag=" in (message.header("To") or "").rpartition(">")[2]


def _keep(kept: OrderedDict[str, Any], call_id: str, value: object) -> None:
    kept[call_id] = value
    kept.move_to_end(call_id)
    while len(kept) > _KEPT_CALLS:
        kept.popitem(last=False)
