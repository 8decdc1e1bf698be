"""The PJSIP library of this process: its Python binding, and the C functions that the binding lacks.

Imported by worker-side modules only. All of PJSIP's asserts are on: misuse aborts the process.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from collections.abc import Callable
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
    library.pjmedia_sdp_neg_get_neg_remote.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.pjmedia_sdp_parse.argtypes = (
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p,
    )  # fmt: skip
    library.pjsua_pool_create.restype = ctypes.c_void_p
    library.pjmedia_sdp_print.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
    library.pjsua_pool_create.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t)
    library.pj_pool_release.argtypes = (ctypes.c_void_p,)
    library.pj_pool_release.restype = None
    library.pjsip_transport_shutdown2.argtypes = (ctypes.c_void_p, ctypes.c_int)
    return library


LIBRARY = _library()
"""The loaded PJSIP with all its C functions."""
_LIBC = ctypes.CDLL(None)


def set_transaction_timeout(milliseconds: int) -> None:
    """Timers B, F and the like (RFC 3261 §17); T1 and T2 keep the RFC's values.

    T4, how long a message may be on its way, is 1 s instead of 5: PJSIP keeps some 80 kB of each call so much longer.
    """
    LIBRARY.pjsip_tsx_set_timers(500, 4000, 1000, milliseconds)


def name_process(name: str) -> None:
    """What `ps` and `top` show of this process beside its arguments; on Linux only, 15 characters."""
    if sys.platform == "linux":
        _LIBC.prctl(15, name.encode()[:15], 0, 0, 0)  # PR_SET_NAME


def return_memory() -> None:
    """Give memory that was freed back to the system; with glibc only, and in about a millisecond."""
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)


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


_LONGEST_SDP = 16_384


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


def sdp_text(session: Any) -> str:
    """The text of a PJSUA2 session description, whose own `wholeSdp` is empty from 1024 bytes on.

    Only for one that PJSIP has filled in: the `remSdp` of an offer points anywhere.
    """
    whole = str(session.wholeSdp)
    address = int(session.pjSdpSession or 0)
    if whole or not address:
        return whole
    buffer = ctypes.create_string_buffer(_LONGEST_SDP)
    length = LIBRARY.pjmedia_sdp_print(address, buffer, len(buffer))
    return buffer.raw[: max(0, length)].decode("utf-8", "replace")


class SdpText:
    """A session description in PJSIP's memory, as long as this object lives and until `release`."""

    def __init__(self, sdp: str) -> None:
        self._text = ctypes.create_string_buffer(sdp.encode())
        self._pool = LIBRARY.pjsua_pool_create(b"sdp", 4096, 4096)
        parsed = ctypes.POINTER(_SdpSession)()
        status = LIBRARY.pjmedia_sdp_parse(self._pool, self._text, len(self._text) - 1, ctypes.byref(parsed))
        self.session: _SdpSession | None = parsed.contents if status == 0 else None
        """None when PJSIP cannot read it."""

    @property
    def address(self) -> int:
        """Of the `pjmedia_sdp_session`."""
        return ctypes.addressof(self.session) if self.session is not None else 0

    def release(self) -> None:
        """Free the memory; nothing refers to it any more."""
        if self._pool:
            LIBRARY.pj_pool_release(self._pool)
            self._pool = None


class PreparedAnswer:
    """The media sections of other SDPs in the place of those that PJSIP prepared when the INVITE came in.

    PJSIP fixes its answer before the application has chosen a codec, and refuses to take another one. So the
    section pointers of the prepared one are overwritten, and where a relay stands, those of the offer too. The
    negotiator is found in the invite session, right behind its dialog and two 4-byte fields; nothing is written when
    the structures do not look as they should. Keep this object as long as the call: the new sections live in its
    memory.
    """

    def __init__(self, dialog: int, answer: str | None, offer: str | None = None) -> None:
        negotiator = self._negotiator(dialog)
        self._texts: list[SdpText] = []
        self.in_place = bool(negotiator)
        if answer is not None:
            self.in_place = self.in_place and self._replace(LIBRARY.pjmedia_sdp_neg_get_neg_local, negotiator, answer)
        if offer is not None:
            self.in_place = self.in_place and self._replace(LIBRARY.pjmedia_sdp_neg_get_neg_remote, negotiator, offer)

    def release(self) -> None:
        """Free the memory; the call is over."""
        for text in self._texts:
            text.release()

    def _replace(self, get: Any, negotiator: int, sdp: str) -> bool:
        text = SdpText(sdp)
        self._texts.append(text)
        prepared = ctypes.POINTER(_SdpSession)()
        if text.session is None or get(negotiator, ctypes.byref(prepared)) != 0:
            return False
        mine, count = prepared.contents, text.session.media_count
        if not 1 <= count <= len(mine.media) or mine.media_count != count or not mine.media[count - 1]:
            return False
        for index in range(count):
            mine.media[index] = text.session.media[index]
        return True

    def _negotiator(self, dialog: int) -> int:
        session = LIBRARY.pjsip_dlg_get_inv_session(dialog) if dialog else None
        if not session:
            return 0
        words = (ctypes.c_size_t * 24).from_address(session)
        behind = next((i + 2 for i, word in enumerate(words[:-2]) if word == dialog), None)
        return words[behind] if behind is not None else 0


ON_MESSAGE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
"""A module's callback for a received message: 1 when nobody else is to get it."""


class _Module(ctypes.Structure):
    """`pjsip_module`."""

    _fields_ = (
        ("prev", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("name", Str),
        ("id", ctypes.c_int),
        ("priority", ctypes.c_int),
        ("load_start_stop_unload", ctypes.c_void_p * 4),
        ("on_rx_request", ON_MESSAGE),
        ("on_rx_response", ON_MESSAGE),
        ("on_tx", ctypes.c_void_p * 2),
        ("on_tsx_state", ctypes.c_void_p),
    )


def register_module(
    name: bytes,
    priority: int,
    *,
    on_request: Callable[[int], int] | None = None,
    on_response: Callable[[int], int] | None = None,
) -> object:
    """A PJSIP module that sees what is received; it lives as long as what is returned is kept."""
    module = _Module(name=Str(name, len(name)), id=-1, priority=priority)
    if on_request is not None:
        module.on_rx_request = ON_MESSAGE(on_request)
    if on_response is not None:
        module.on_rx_response = ON_MESSAGE(on_response)
    LIBRARY.pjsua_get_pjsip_endpt.restype = ctypes.c_void_p
    LIBRARY.pjsip_endpt_register_module.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    status = LIBRARY.pjsip_endpt_register_module(LIBRARY.pjsua_get_pjsip_endpt(), ctypes.byref(module))
    if status != 0:
        raise RuntimeError(f"PJSIP refused the module {name.decode()}: {status}")
    return module
