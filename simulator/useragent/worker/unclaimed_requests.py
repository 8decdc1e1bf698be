"""Requests that no layer of PJSIP handles: an ACK is dropped, any other is answered 405.

Without this, PJSIP leaves requests outside of dialogs unanswered, and answers an ACK that belongs to no transaction,
which trips an assertion and aborts the process.
"""

from __future__ import annotations

import ctypes

from simulator.useragent.worker.pjsip import LIBRARY, register_module

_AFTER_DIALOGS = 33
"""Module priority just after PJSIP's user agent layer (32), which has handled all ACKs that belong to a dialog."""
_LAST = 120
"""Module priority after all of PJSIP's own modules."""


class UnclaimedRequests:
    """Two PJSIP modules. Keep this object as long as the endpoint lives, which calls into it."""

    def __init__(self) -> None:
        LIBRARY.pjsip_rx_data_get_info.restype = ctypes.c_char_p
        LIBRARY.pjsip_rx_data_get_info.argtypes = (ctypes.c_void_p,)
        LIBRARY.pjsip_endpt_respond_stateless.argtypes = (
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
        )  # fmt: skip
        self._endpoint = LIBRARY.pjsua_get_pjsip_endpt()
        self._modules = (
            register_module(b"mod-unclaimed-acks", _AFTER_DIALOGS, on_request=self._drop_ack),
            register_module(b"mod-unclaimed", _LAST, on_request=self._refuse),
        )

    def _drop_ack(self, rdata: int) -> int:
        return int(_is_ack(rdata))

    def _refuse(self, rdata: int) -> int:
        if not _is_ack(rdata):
            LIBRARY.pjsip_endpt_respond_stateless(self._endpoint, rdata, 405, None, None, None)
        return 1


def _is_ack(rdata: int) -> bool:
    return bytes(LIBRARY.pjsip_rx_data_get_info(rdata)).startswith(b"Request msg ACK/")
