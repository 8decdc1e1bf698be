"""The PJSIP library of this process: its Python binding, and the C functions that the binding lacks.

Imported by worker-side modules only. All of PJSIP's asserts are on: misuse aborts the process.
"""

from __future__ import annotations

import ctypes
import importlib
from typing import Any

pj: Any = importlib.import_module("pjsua2.pjsua2")
"""The SWIG module; it has no types."""


class _Str(ctypes.Structure):
    """`pj_str_t`."""

    _fields_ = (("ptr", ctypes.c_char_p), ("slen", ctypes.c_ssize_t))


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(importlib.import_module("pjsua2._pjsua2").__file__)
    library.pjsip_tsx_get_dlg.restype = ctypes.c_void_p
    library.pjsip_tsx_get_dlg.argtypes = (ctypes.c_void_p,)
    library.pjsip_dlg_respond.argtypes = (
        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Str), ctypes.c_void_p, ctypes.c_void_p,
    )  # fmt: skip
    library.pjsip_tsx_set_timers.argtypes = (ctypes.c_uint,) * 4
    library.pjsip_tsx_set_timers.restype = None
    library.pjsip_transport_shutdown2.argtypes = (ctypes.c_void_p, ctypes.c_int)
    return library


_LIBRARY = _library()
_LIBC = ctypes.CDLL(None)


def set_transaction_timeout(milliseconds: int) -> None:
    """Timers B, F and the like (RFC 3261 §17); T1, T2 and T4 keep the RFC's values."""
    _LIBRARY.pjsip_tsx_set_timers(500, 4000, 5000, milliseconds)


def seed(value: int) -> None:
    """Seed PJSIP's random numbers (Call-IDs, tags, branches), which are those of libc."""
    _LIBC.srand(value & 0xFFFFFFFF)


def respond(tsx: Any, rdata: Any, status: int) -> bool:
    """Answer an in-dialog request within its transaction; False when PJSIP would not."""
    dialog = _LIBRARY.pjsip_tsx_get_dlg(int(tsx.pjTransaction))
    if not dialog:
        return False
    return bool(_LIBRARY.pjsip_dlg_respond(dialog, int(rdata.pjRxData), status, None, None, None) == 0)


def shut_transport(handle: Any) -> None:
    """Close a connection now, whatever still refers to it."""
    _LIBRARY.pjsip_transport_shutdown2(int(handle), 1)


def set_log_level(level: int) -> None:
    """How much PJSIP prints; it would begin at 5, before its configuration is read."""
    _LIBRARY.pj_log_set_level(level)
