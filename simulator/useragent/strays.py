"""Requests that nothing in PJSIP claims: a stray ACK is dropped, anything else is answered 405.

PJSIP alone answers an ACK that belongs to no transaction, which trips an assertion and kills the process, and
leaves other requests outside of dialogs without any response.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from simulator.useragent.pjsip import LIBRARY, Str

_AFTER_DIALOGS = 33
"""Just behind PJSIP's user agent layer (32), which has claimed all ACKs that belong to a dialog."""
_LAST = 120

_ON_REQUEST = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class _Module(ctypes.Structure):
    """`pjsip_module`."""

    _fields_ = (
        ("prev", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("name", Str),
        ("id", ctypes.c_int),
        ("priority", ctypes.c_int),
        ("load_start_stop_unload", ctypes.c_void_p * 4),
        ("on_rx_request", _ON_REQUEST),
        ("on_rx_response", ctypes.c_void_p),
        ("on_tx", ctypes.c_void_p * 2),
        ("on_tsx_state", ctypes.c_void_p),
    )


class StrayRequests:
    """Two PJSIP modules; keep this object as long as the endpoint lives, which calls into it."""

    def __init__(self) -> None:
        LIBRARY.pjsua_get_pjsip_endpt.restype = ctypes.c_void_p
        LIBRARY.pjsip_rx_data_get_info.restype = ctypes.c_char_p
        LIBRARY.pjsip_rx_data_get_info.argtypes = (ctypes.c_void_p,)
        LIBRARY.pjsip_endpt_register_module.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        LIBRARY.pjsip_endpt_respond_stateless.argtypes = (
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
        )  # fmt: skip
        self._endpoint = LIBRARY.pjsua_get_pjsip_endpt()
        self._modules = (
            self._register(b"mod-stray-acks", _AFTER_DIALOGS, self._drop_ack),
            self._register(b"mod-strays", _LAST, self._refuse),
        )

    def _register(self, name: bytes, priority: int, on_request: Callable[[int], int]) -> _Module:
        module = _Module(name=Str(name, len(name)), id=-1, priority=priority, on_rx_request=_ON_REQUEST(on_request))
        status = LIBRARY.pjsip_endpt_register_module(self._endpoint, ctypes.byref(module))
        if status != 0:
            raise RuntimeError(f"PJSIP refused the module {name.decode()}: {status}")
        return module

    def _drop_ack(self, rdata: int) -> int:
        return int(_is_ack(rdata))

    def _refuse(self, rdata: int) -> int:
        if not _is_ack(rdata):
            LIBRARY.pjsip_endpt_respond_stateless(self._endpoint, rdata, 405, None, None, None)
        return 1


def _is_ack(rdata: int) -> bool:
    return bytes(LIBRARY.pjsip_rx_data_get_info(rdata)).startswith(b"Request msg ACK/")
