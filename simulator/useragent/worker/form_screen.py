"""PJSIP module below its transactions: refuses requests whose form is invalid, although PJSIP can parse them.

PJSIP takes methods in any case (they are case-sensitive, RFC 3261 §7.1), tabs and several spaces in the start line, a
CSeq with the name of another method, header fields twice that may be there once (§7.3.1), and a body that is shorter
than its Content-Length. The front door refuses these; a worker's own port answers them alike.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.sip_requests.request import Request
from simulator.useragent.messages import LogLevel
from simulator.useragent.worker.pjsip import register_module
from simulator.useragent.worker.received_form import Rejections, Source, screen_bytes
from simulator.useragent.worker.rx_data import hide_method, text_of

_BELOW_TRANSACTIONS = 13
"""Module priority below the transaction layer (16), which finds the transaction of a request by its method."""
_PASS_ON, _HANDLED = 0, 1
_KNOWN_TO_PJSIP = (b"INVITE", b"CANCEL", b"ACK", b"BYE", b"REGISTER", b"OPTIONS")
"""The methods that PJSIP compares without regard to case."""


class FormScreen:
    """Refuses requests that PJSIP would take. Keep this object as long as the endpoint lives, which calls into it."""

    def __init__(self, rejections: Rejections, log: Callable[[LogLevel, str], None]) -> None:
        self._rejections = rejections
        self._log = log
        self._module = register_module(b"mod-form", _BELOW_TRANSACTIONS, on_request=self._received)

    def _received(self, rdata: int) -> int:
        try:
            return self._screen(rdata, text_of(rdata))
        except Exception as error:  # noqa: BLE001  # PJSIP is the caller
            self._log("error", f"the form of a request could not be screened: {error!r}")
            return _PASS_ON

    def _screen(self, rdata: int, text: bytes) -> int:
        source = Source.of_rx_data(rdata)
        request = screen_bytes(text, source)
        if not isinstance(request, Request):
            self._rejections.reject(request, text, source)
            return _HANDLED
        if request.method not in _KNOWN_TO_PJSIP and request.method.upper() in _KNOWN_TO_PJSIP:
            hide_method(rdata, len(request.method))
        return _PASS_ON
