"""PJSIP modules between its transactions and its dialogs: requests get there without retransmissions."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from simulator.sip_bytes import Address, Message, Via, read, split_list
from simulator.useragent.messages import LogLevel
from simulator.useragent.worker.dialog_requests import own_response
from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.pjsip import LIBRARY, register_module
from simulator.useragent.worker.remote_target import shown_name, unusable_target_fields
from simulator.useragent.worker.rx_data import remove_header, set_status, text_of
from simulator.useragent.worker.screened_call import ScreenedCall
from simulator.useragent.worker.stateless import respond_stateless

_BETWEEN_TRANSACTIONS_AND_DIALOGS = 24
"""Module priority between PJSIP's transaction layer (16) and its user agent layer (32), which has the dialogs."""
_BELOW_TRANSACTIONS = 14
"""Module priority just below the transaction layer."""
_PASS_ON, _HANDLED = 0, 1
_ENDS_PJSIPS_DIALOG = b"481"
_HARMLESS = 500


class RequestScreen:
    """Answers requests in PJSIP's place, and takes out of others what PJSIP must not act on.

    `find` returns the call with a Call-ID, also for some time after its end. PJSIP does not see Replaces: it would
    answer such an INVITE itself, with media that do not pass the relay. Keep this object as long as the endpoint lives,
    which calls into it.
    """

    def __init__(
        self,
        find: Callable[[str], ScreenedCall | None],
        log: Callable[[LogLevel, str], None],
    ) -> None:
        LIBRARY.pjsip_ua_find_dialog.restype = ctypes.c_void_p
        LIBRARY.pjsip_ua_find_dialog.argtypes = (ctypes.c_void_p,) * 3 + (ctypes.c_int,)
        self._find = find
        self._log = log
        self._modules = (
            register_module(b"mod-screen", _BETWEEN_TRANSACTIONS_AND_DIALOGS, on_request=self._request_received),
            register_module(b"mod-screen-responses", _BELOW_TRANSACTIONS, on_response=self._response_received),
        )

    def _request_received(self, rdata: int) -> int:
        text = text_of(rdata)
        if text.startswith(b"ACK "):
            return _PASS_ON
        try:
            return _PASS_ON if text.startswith(b"CANCEL ") else self._screen(rdata, read(text))
        except Exception as error:  # noqa: BLE001  # PJSIP is the caller
            self._log("error", f"a request could not be screened: {error!r}")
            return _PASS_ON

    def _screen(self, rdata: int, request: Message) -> int:
        unusable = _target_refusal(request)
        if unusable is not None:
            respond_stateless(rdata, 400, f"Bad Request: {unusable}")
            return _HANDLED
        to_tag, from_tag = _tag(request, b"to"), _tag(request, b"from")
        call_id = (request.value(b"call-id") or b"").decode("utf-8", "replace")
        if to_tag is None:
            remove_header(rdata, b"Replaces")
            return _PASS_ON
        call = self._find(call_id)
        if call is None or not _dialog_exists(call_id, to_tag, from_tag or b""):
            return _PASS_ON  # PJSIP answers 481
        response = own_response(request, call.state, awaits_notify=call.awaits_notify)
        if response is not None:
            respond_stateless(rdata, response.status, response.reason, response.headers)
            return _HANDLED
        if request.start.startswith(b"INVITE ") and not call.is_new_reinvite(_transaction(request)):
            return _HANDLED  # a retransmission after its 200 is absorbed (RFC 6026 §7.1)
        return _PASS_ON

    def _response_received(self, rdata: int) -> int:
        """Take out of a response what PJSIP must not act on."""
        try:
            text = text_of(rdata)
            status = text.split(b" ", 2)[1:2]
            if status == [_ENDS_PJSIPS_DIALOG]:
                self._soften_481(rdata, read(text))
            elif status and status[0].startswith((b"1", b"2")):
                self._hide_targets(rdata, read(text))
        except Exception as error:  # noqa: BLE001  # PJSIP is the caller
            self._log("error", f"a response could not be screened: {error!r}")
        return _PASS_ON

    def _soften_481(self, rdata: int, response: Message) -> None:
        """Turn a 481 to a request within a dialog into 500, for which PJSIP does nothing.

        PJSIP would send a BYE after each of them, also when it has sent one already, and within an early dialog after
        the 481 to that BYE another one, without end. `SipCall` ends the call instead.
        """
        method = (response.value(b"cseq") or b"").rpartition(b" ")[2]
        if method not in (b"CANCEL", b"BYE"):
            call = self._find((response.value(b"call-id") or b"").decode("utf-8", "replace"))
            if call is not None and call.is_within(method):
                set_status(rdata, _HARMLESS)

    def _hide_targets(self, rdata: int, response: Message) -> None:
        """Hide a Contact and a Record-Route to which PJSIP cannot send."""
        for name in unusable_target_fields(response):
            self._log("info", f"{shown_name(name)} of a response is not a SIP URI and is ignored")
            remove_header(rdata, name)


def _target_refusal(request: Message) -> str | None:
    """Why a request is refused whose peer could not be sent anything; None when it could."""
    unusable = [shown_name(name) for name in unusable_target_fields(request)]
    return f"{unusable[0]} is not a SIP URI" if unusable else None


def _tag(request: Message, name: bytes) -> bytes | None:
    address = Address.parse(request.value(name) or b"")
    return address.tag if address else None


def _transaction(request: Message) -> bytes:
    """What retransmissions have in common: branch and sent-by of the top Via (RFC 3261 §17.2.3)."""
    via = Via.parse(split_list(request.value(b"via") or b"")[0])
    return b"" if via is None else (via.get(b"branch") or b"") + b" " + via.sent_by


def _dialog_exists(call_id: str, to_tag: bytes, from_tag: bytes) -> bool:
    ids = (PjStr.of(part) for part in (call_id, to_tag, from_tag))
    return bool(LIBRARY.pjsip_ua_find_dialog(*(ctypes.byref(part) for part in ids), 0))
