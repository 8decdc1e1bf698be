"""PJSIP module below its transactions: requests whose start line or CSeq PJSIP reads otherwise than RFC 3261 does.

PJSIP takes methods in any case (they are case-sensitive, §7.1), takes tabs and several spaces in the start line, and a
CSeq with the name of another method. The front door refuses these; a worker's own port answers them alike.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.request_line import RequestLineError, check_request_uri, parse_request_line
from simulator.sip_bytes import read, shown
from simulator.useragent.messages import LogLevel
from simulator.useragent.worker.pjsip import register_module
from simulator.useragent.worker.rx_data import hide_method, is_ack, text_of
from simulator.useragent.worker.stateless import respond_stateless

_BELOW_TRANSACTIONS = 13
"""Module priority below the transaction layer (16), which finds the transaction of a request by its method."""
_PASS_ON, _HANDLED = 0, 1
_KNOWN_TO_PJSIP = (b"INVITE", b"CANCEL", b"ACK", b"BYE", b"REGISTER", b"OPTIONS")
"""The methods that PJSIP compares without regard to case."""


class RequestLineScreen:
    """Refuses requests that PJSIP would take. Keep this object as long as the endpoint lives, which calls into it."""

    def __init__(self, log: Callable[[LogLevel, str], None]) -> None:
        self._log = log
        self._module = register_module(b"mod-request-lines", _BELOW_TRANSACTIONS, on_request=self._received)

    def _received(self, rdata: int) -> int:
        try:
            return self._screen(rdata, text_of(rdata))
        except Exception as error:  # noqa: BLE001  # PJSIP is the caller
            self._log("error", f"the start line of a request could not be read: {error!r}")
            return _PASS_ON

    def _screen(self, rdata: int, text: bytes) -> int:
        try:
            method, uri = parse_request_line(text.partition(b"\r\n")[0])
            check_request_uri(uri)
            _check_cseq(method, text)
        except RequestLineError as invalid:
            if not is_ack(rdata):
                respond_stateless(rdata, invalid.status, invalid.reason)
            return _HANDLED
        if method not in _KNOWN_TO_PJSIP and method.upper() in _KNOWN_TO_PJSIP:
            hide_method(rdata, len(method))
        return _PASS_ON


def _check_cseq(method: bytes, text: bytes) -> None:
    cseq = read(text).value(b"cseq") or b""
    if cseq.split()[1:] != [method]:
        raise RequestLineError(400, f"Bad Request: CSeq {shown(cseq)} does not name the method {shown(method)}")
