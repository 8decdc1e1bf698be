"""The PJSIP library of this process: its Python binding, and the C functions that the binding lacks.

PJSIP is built with its assertions on, so that misuse aborts the process.
"""

from __future__ import annotations

import ctypes
import importlib
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from simulator.useragent.worker.layout.messages import Configuration
from simulator.useragent.worker.layout.text import PjStr

pj: Any = importlib.import_module("pjsua2.pjsua2")
"""The SWIG module, which has no types."""


def _load_library() -> ctypes.CDLL:
    library = ctypes.CDLL(importlib.import_module("pjsua2._pjsua2").__file__)
    library.pjsip_tsx_get_dlg.restype = ctypes.c_void_p
    library.pjsip_tsx_get_dlg.argtypes = (ctypes.c_void_p,)
    library.pjsip_dlg_respond.argtypes = (
        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(PjStr), ctypes.c_void_p, ctypes.c_void_p,
    )  # fmt: skip
    library.acquire_call.argtypes = (ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    library.pjsip_dlg_dec_lock.argtypes = (ctypes.c_void_p,)
    library.pjsip_dlg_dec_lock.restype = None
    library.pjsip_tsx_set_timers.argtypes = (ctypes.c_uint,) * 4
    library.pjsip_tsx_set_timers.restype = None
    library.pjsip_dlg_get_inv_session.restype = ctypes.c_void_p
    library.pjsip_dlg_get_inv_session.argtypes = (ctypes.c_void_p,)
    library.pjmedia_sdp_neg_get_state.argtypes = (ctypes.c_void_p,)
    library.pjmedia_sdp_neg_get_active_local.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.pjmedia_sdp_neg_get_active_remote.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.pjmedia_sdp_neg_set_answer_multiple_codecs.argtypes = (ctypes.c_void_p, ctypes.c_int)
    library.pjmedia_sdp_neg_get_neg_local.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.pjmedia_sdp_neg_get_neg_remote.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.pjmedia_sdp_parse.argtypes = (
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p,
    )  # fmt: skip
    library.pjmedia_sdp_print.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
    library.pjsua_pool_create.restype = ctypes.c_void_p
    library.pjsua_pool_create.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t)
    library.pj_pool_release.argtypes = (ctypes.c_void_p,)
    library.pj_pool_release.restype = None
    library.pj_pool_alloc.restype = ctypes.c_void_p
    library.pj_pool_alloc.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
    library.pj_list_erase.restype = None
    library.pj_list_erase.argtypes = (ctypes.c_void_p,)
    library.pjsip_msg_find_hdr_by_name.restype = ctypes.c_void_p
    library.pjsip_msg_find_hdr_by_name.argtypes = (ctypes.c_void_p,) * 3
    library.pjsip_msg_body_create.restype = ctypes.c_void_p
    library.pjsip_msg_body_create.argtypes = (ctypes.c_void_p,) * 4
    library.pjsip_rdata_get_sdp_info.restype = ctypes.c_void_p
    library.pjsip_rdata_get_sdp_info.argtypes = (ctypes.c_void_p,)
    library.pjsip_transport_shutdown2.argtypes = (ctypes.c_void_p, ctypes.c_int)
    library.pjsua_get_pjsip_endpt.restype = ctypes.c_void_p
    library.pjsip_endpt_register_module.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.pjsip_endpt_unregister_module.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    return library


LIBRARY = _load_library()
"""The loaded PJSIP with all its C functions."""
_LIBC = ctypes.CDLL(None)


def set_transaction_timers(timeout_ms: int, *, t4_ms: int) -> None:
    """Set the timers of 64*T1, such as B, F, H and J (RFC 3261 §17), and T4; T1 and T2 keep the RFC's values."""
    LIBRARY.pjsip_tsx_set_timers(500, 4000, t4_ms, timeout_ms)


def configuration() -> Configuration:
    """PJSIP's configuration of SIP, shared by everything in this process."""
    return Configuration.in_dll(LIBRARY, "pjsip_sip_cfg_var")


def leave_timeouts_to_the_call() -> None:
    """Stop PJSIP from ending a call whose request was not answered: before the call is answered it sends a BYE, and
    another one each time that BYE is not answered either. `SipCall` ends such calls.
    """
    configuration().keep_inv_after_tsx_timeout = 1


@contextmanager
def memory_pool() -> Iterator[int]:
    """A memory pool of PJSIP's, released at the end."""
    pool = LIBRARY.pjsua_pool_create(b"worker", 4096, 4096)
    try:
        yield pool
    finally:
        LIBRARY.pj_pool_release(pool)


def name_process(name: str) -> None:
    """Set what `ps` and `top` show of this process; on Linux only, at most 15 characters."""
    if sys.platform == "linux":
        _LIBC.prctl(15, name.encode()[:15], 0, 0, 0)  # PR_SET_NAME


def udp_transport(transport: Any) -> int:
    """Address of the UDP transport of a call's media transport, which for PJSUA is one of SRTP around it."""
    member = LIBRARY.pjmedia_transport_srtp_get_member
    member.restype, member.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
    return int(member(int(transport)) or 0)


def end_with_parent() -> None:
    """Let the kernel kill this process when its parent has exited; on Linux only."""
    if sys.platform == "linux":
        _LIBC.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def return_free_memory() -> None:
    """Give freed heap memory back to the system; with glibc only. Takes about a millisecond."""
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)


def error_text(error: Any) -> str:
    """What a `pj.Error` says about a failed operation, in one line."""
    return f"{error.reason} (PJSIP {error.status})" if error.reason else str(error)


def slots_in_use() -> int:
    """Number of calls that PJSIP still has, including those whose BYE is not answered yet."""
    return int(LIBRARY.pjsua_call_get_count())


def seed_random(value: int) -> None:
    """Seed PJSIP's random numbers (Call-IDs, tags, branches), which are those of libc."""
    _LIBC.srand(value & 0xFFFFFFFF)


def respond_in_dialog(tsx: Any, rdata: Any, status: int) -> None:
    """Answer a request of a dialog in its transaction; does nothing when PJSIP has no dialog for it."""
    dialog = dialog_of(tsx)
    if dialog:
        LIBRARY.pjsip_dlg_respond(dialog, int(rdata.pjRxData), status, None, None, None)


def close_transport(handle: int) -> None:
    """Close a connection at once, whatever still refers to it."""
    LIBRARY.pjsip_transport_shutdown2(handle, 1)


def set_log_level(level: int) -> None:
    """Set how much PJSIP logs. Until it has read its configuration it would log at level 5."""
    LIBRARY.pj_log_set_level(level)


def dialog_of_call(call_id: int) -> int:
    """Address of the dialog of PJSIP's call with this id; 0 when there is none."""
    if call_id < 0:
        return 0
    call, dialog = ctypes.c_void_p(), ctypes.c_void_p()
    if LIBRARY.acquire_call(b"dialog_of_call()", call_id, ctypes.byref(call), ctypes.byref(dialog)) != 0:
        return 0
    LIBRARY.pjsip_dlg_dec_lock(dialog)
    return dialog.value or 0


def dialog_of(tsx: Any) -> int:
    """Address of the dialog that a transaction belongs to; 0 without one."""
    return int(LIBRARY.pjsip_tsx_get_dlg(int(tsx.pjTransaction)) or 0)


_ON_MESSAGE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class _Module(ctypes.Structure):
    """`pjsip_module`."""

    _fields_ = (
        ("prev", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("name", PjStr),
        ("id", ctypes.c_int),
        ("priority", ctypes.c_int),
        ("load_start_stop_unload", ctypes.c_void_p * 4),
        ("on_rx_request", _ON_MESSAGE),
        ("on_rx_response", _ON_MESSAGE),
        ("on_tx_request", _ON_MESSAGE),
        ("on_tx_response", _ON_MESSAGE),
        ("on_tsx_state", ctypes.c_void_p),
    )


def register_module(
    name: bytes,
    priority: int,
    *,
    on_request: Callable[[int], int] | None = None,
    on_response: Callable[[int], int] | None = None,
    on_tx_request: Callable[[int], int] | None = None,
    on_tx_response: Callable[[int], int] | None = None,
) -> ctypes.Structure:
    """Register a PJSIP module that sees messages; keep what is returned until `unregister_module`.

    `on_request` and `on_response` get the address of a `pjsip_rx_data`, and return 1 to hide the message from modules
    of a later `priority`. `on_tx_request` and `on_tx_response` get the address of a `pjsip_tx_data`, and return a PJSIP
    error status, anything but 0, to keep the message from being sent.
    """
    module = _Module(name=PjStr.of(name), id=-1, priority=priority)
    if on_request is not None:
        module.on_rx_request = _ON_MESSAGE(on_request)
    if on_response is not None:
        module.on_rx_response = _ON_MESSAGE(on_response)
    if on_tx_request is not None:
        module.on_tx_request = _ON_MESSAGE(on_tx_request)
    if on_tx_response is not None:
        module.on_tx_response = _ON_MESSAGE(on_tx_response)
    status = LIBRARY.pjsip_endpt_register_module(LIBRARY.pjsua_get_pjsip_endpt(), ctypes.byref(module))
    if status != 0:
        raise RuntimeError(f"PJSIP refused the module {name.decode()} with status {status}")
    return module


def unregister_module(module: ctypes.Structure) -> None:
    """Take a module out of PJSIP again."""
    LIBRARY.pjsip_endpt_unregister_module(LIBRARY.pjsua_get_pjsip_endpt(), ctypes.byref(module))
