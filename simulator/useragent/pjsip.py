"""The PJSIP library of this process: its Python binding, and the C functions that the binding lacks.

Imported by worker-side modules only. All of PJSIP's asserts are on: misuse aborts the process.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from typing import Any

pj: Any = importlib.import_module("pjsua2.pjsua2")
"""The SWIG module; it has no types."""


class Str(ctypes.Structure):
    """`pj_str_t`."""

    _fields_ = (("ptr", ctypes.c_char_p), ("slen", ctypes.c_ssize_t))


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(importlib.import_module("pjsua2._pjsua2").__file__)
    library.pjsip_tsx_get_dlg.restype = ctypes.c_void_p
    library.pjsip_tsx_get_dlg.argtypes = (ctypes.c_void_p,)
    library.pjsip_dlg_respond.argtypes = (
        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Str), ctypes.c_void_p, ctypes.c_void_p,
    )  # fmt: skip
    library.pjsip_tsx_set_timers.argtypes = (ctypes.c_uint,) * 4
    library.pjsip_tsx_set_timers.restype = None
    library.pjsip_dlg_get_inv_session.restype = ctypes.c_void_p
    library.pjsip_dlg_get_inv_session.argtypes = (ctypes.c_void_p,)
    library.pjmedia_sdp_neg_get_neg_local.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.pjmedia_sdp_parse.argtypes = (
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p,
    )  # fmt: skip
    library.pjsua_pool_create.restype = ctypes.c_void_p
    library.pjsua_pool_create.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t)
    library.pj_pool_release.argtypes = (ctypes.c_void_p,)
    library.pj_pool_release.restype = None
    library.pjsip_transport_shutdown2.argtypes = (ctypes.c_void_p, ctypes.c_int)
    return library


LIBRARY = _library()
"""The loaded PJSIP with all its C functions."""
_LIBC = ctypes.CDLL(None)


def set_transaction_timeout(milliseconds: int) -> None:
    """Timers B, F and the like (RFC 3261 §17); T1, T2 and T4 keep the RFC's values."""
    LIBRARY.pjsip_tsx_set_timers(500, 4000, 5000, milliseconds)


def name_process(name: str) -> None:
    """What `ps` and `top` show of this process beside its arguments; on Linux only, 15 characters."""
    if sys.platform == "linux":
        _LIBC.prctl(15, name.encode()[:15], 0, 0, 0)  # PR_SET_NAME


def slots_in_use() -> int:
    """Calls that PJSIP still has, those included whose BYE is not answered yet."""
    return int(LIBRARY.pjsua_call_get_count())


def seed(value: int) -> None:
    """Seed PJSIP's random numbers (Call-IDs, tags, branches), which are those of libc."""
    _LIBC.srand(value & 0xFFFFFFFF)


def respond(tsx: Any, rdata: Any, status: int) -> bool:
    """Answer an in-dialog request within its transaction; False when PJSIP would not."""
    dialog = LIBRARY.pjsip_tsx_get_dlg(int(tsx.pjTransaction))
    if not dialog:
        return False
    return bool(LIBRARY.pjsip_dlg_respond(dialog, int(rdata.pjRxData), status, None, None, None) == 0)


def shut_transport(handle: Any) -> None:
    """Close a connection now, whatever still refers to it."""
    LIBRARY.pjsip_transport_shutdown2(int(handle), 1)


def set_log_level(level: int) -> None:
    """How much PJSIP prints; it would begin at 5, before its configuration is read."""
    LIBRARY.pj_log_set_level(level)


def dialog_of(tsx: Any) -> int:
    """Address of the dialog that a transaction belongs to; 0 for none."""
    return int(LIBRARY.pjsip_tsx_get_dlg(int(tsx.pjTransaction)) or 0)


class _SdpSession(ctypes.Structure):
    """`pjmedia_sdp_session` with the array sizes of this build."""

    _fields_ = (
        ("origin", Str * 5),  # user; id and version; three more
        ("name", Str),
        ("conn", ctypes.c_void_p),
        ("bandw_count", ctypes.c_uint),
        ("bandw", ctypes.c_void_p * 4),
        ("start", ctypes.c_size_t),
        ("stop", ctypes.c_size_t),
        ("attr_count", ctypes.c_uint),
        ("attr", ctypes.c_void_p * 68),
        ("media_count", ctypes.c_uint),
        ("media", ctypes.c_void_p * 16),
    )


class PreparedAnswer:
    """The media sections of another SDP in the place of those that PJSIP prepared when the INVITE came in.

    PJSIP fixes its answer before the application has chosen a codec, and refuses to take another one. So the
    section pointers of the prepared one are overwritten. The negotiator is found in the invite session, right
    behind its dialog and two 4-byte fields; nothing is written when the structures do not look as they should.
    Keep this object as long as the call: the new sections live in its memory.
    """

    def __init__(self, dialog: int, sdp: str) -> None:
        self._text = ctypes.create_string_buffer(sdp.encode())
        self._pool = LIBRARY.pjsua_pool_create(b"answer", 4096, 4096)
        parsed = ctypes.POINTER(_SdpSession)()
        status = LIBRARY.pjmedia_sdp_parse(self._pool, self._text, len(self._text) - 1, ctypes.byref(parsed))
        self.in_place = status == 0 and self._replace(dialog, parsed.contents)

    def release(self) -> None:
        """Free the memory; the call is over."""
        if self._pool:
            LIBRARY.pj_pool_release(self._pool)
            self._pool = None

    def _replace(self, dialog: int, answer: _SdpSession) -> bool:
        negotiator = self._negotiator(dialog)
        prepared = ctypes.POINTER(_SdpSession)()
        if not negotiator or LIBRARY.pjmedia_sdp_neg_get_neg_local(negotiator, ctypes.byref(prepared)) != 0:
            return False
        local = prepared.contents
        count = answer.media_count
        if not 1 <= count <= len(answer.media) or local.media_count != count or not local.media[count - 1]:
            return False
        for index in range(count):
            local.media[index] = answer.media[index]
        return True

    def _negotiator(self, dialog: int) -> int:
        session = LIBRARY.pjsip_dlg_get_inv_session(dialog) if dialog else None
        if not session:
            return 0
        words = (ctypes.c_size_t * 24).from_address(session)
        behind = next((i + 2 for i, word in enumerate(words[:-2]) if word == dialog), None)
        return words[behind] if behind is not None else 0
