"""Tells the parent of the SIP messages that a worker receives and sends: as they are on the wire, and in full."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulator.useragent.messages import LogLevel, Traced
from simulator.useragent.worker.layout.messages import TCP, RxData, Transport, TxData
from simulator.useragent.worker.pjsip import register_module
from simulator.useragent.worker.rx_data import text_of

_BELOW_TRANSPORTS = 7
"""Module priority below PJSIP's transports (8), which print a message before they send it."""


@dataclass(frozen=True, slots=True)
class ObservedMessage:
    """One message, sent to or received from `peer` (`host:port`)."""

    sent: bool
    transport: Literal["UDP", "TCP"]
    peer: str
    data: bytes


class SipObserver:
    """A PJSIP module. Keep this object as long as PJSIP runs, which calls into it.

    `tell` gets the messages that `traced` chooses; `proxy` is the `host:port` whose messages are not direct ones.
    """

    def __init__(
        self,
        traced: Traced,
        *,
        proxy: str | None,
        tell: Callable[[ObservedMessage], None],
        log: Callable[[LogLevel, str], None],
    ) -> None:
        self.traced = traced
        self._proxy = proxy
        self._tell = tell
        self._log = log
        self._module = register_module(
            b"mod-observer",
            _BELOW_TRANSPORTS,
            on_request=self._received,
            on_response=self._received,
            on_tx_request=self._sending,
            on_tx_response=self._sending,
        )

    def observe(self, sent: bool, transport: Literal["UDP", "TCP"], peer: str, data: bytes) -> None:
        """Tell of a message that PJSIP's modules do not see."""
        if self.traced != "none" and self._is_wanted(peer):
            self._tell(ObservedMessage(sent, transport, peer, data))

    def _received(self, rdata: int) -> int:
        if self.traced != "none":
            try:
                self._tell_received(rdata)
            except Exception as error:  # noqa: BLE001  # nothing may leave a callback of PJSIP
                self._log("error", f"a received message could not be traced: {error!r}")
        return 0

    def _sending(self, tx_data: int) -> int:
        if self.traced != "none":
            try:
                self._tell_sent(TxData.from_address(tx_data))
            except Exception as error:  # noqa: BLE001  # nothing may leave a callback of PJSIP
                self._log("error", f"a sent message could not be traced: {error!r}")
        return 0

    def _tell_received(self, rdata: int) -> None:
        received = RxData.from_address(rdata)
        peer = f"{received.host.decode('latin-1')}:{received.port}"
        if self._is_wanted(peer):
            transport = _name_of(received.transport.contents)
            self._tell(ObservedMessage(False, transport, peer, text_of(rdata)))

    def _tell_sent(self, sent: TxData) -> None:
        peer = f"{sent.host.decode('latin-1')}:{sent.port}"
        if self._is_wanted(peer):
            start, end = sent.buffer[0], sent.buffer[1]
            data = ctypes.string_at(start, end - start)
            self._tell(ObservedMessage(True, _name_of(Transport.from_address(sent.transport)), peer, data))

    def _is_wanted(self, peer: str) -> bool:
        return self.traced == "all" or peer != self._proxy


def _name_of(transport: Transport) -> Literal["UDP", "TCP"]:
    return "TCP" if transport.type == TCP else "UDP"
