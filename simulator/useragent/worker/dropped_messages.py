"""Messages that PJSIP's parser refuses are repaired and parsed again; see `message_repair`."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from simulator.useragent.messages import LogLevel
from simulator.useragent.worker.layout.messages import DroppedData
from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.message_repair import Refusal, repair
from simulator.useragent.worker.pjsip import LIBRARY, memory_pool

_SYNTAX_ERROR = 171_020
"""PJSIP_EINVALIDMSG."""
_MAX_BYTES = 4_000


_ON_DROPPED = ctypes.CFUNCTYPE(None, ctypes.POINTER(DroppedData))


class DroppedMessages:
    """Repairs what PJSIP is about to drop. Keep this object as long as the endpoint lives, which calls into it."""

    def __init__(self, log: Callable[[LogLevel, str], None]) -> None:
        LIBRARY.pjsip_parse_hdr.restype = ctypes.c_void_p
        LIBRARY.pjsip_parse_hdr.argtypes = (
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p,
        )  # fmt: skip
        LIBRARY.pjsip_endpt_get_tpmgr.restype = ctypes.c_void_p
        LIBRARY.pjsip_endpt_get_tpmgr.argtypes = (ctypes.c_void_p,)
        LIBRARY.pjsip_tpmgr_set_drop_data_cb.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        self._log = log
        self._refused: tuple[bytes, Refusal] | None = None
        """The request that PJSIP reads next, and how it has to be answered."""
        self._callback = _ON_DROPPED(self._dropped)
        manager = LIBRARY.pjsip_endpt_get_tpmgr(LIBRARY.pjsua_get_pjsip_endpt())
        LIBRARY.pjsip_tpmgr_set_drop_data_cb(manager, self._callback)

    def take_refusal(self, request: bytes) -> Refusal | None:
        """Return, once, how this request has to be refused; None when it has not to be."""
        refused, self._refused = self._refused, None
        return refused[1] if refused is not None and refused[0] == request else None

    def _dropped(self, dropped: ctypes._Pointer[DroppedData]) -> None:
        try:
            found = dropped.contents
            if found.status == _SYNTAX_ERROR and 0 < found.length <= _MAX_BYTES:
                self._repair(found)
        except Exception as error:  # noqa: BLE001  # PJSIP is the caller
            self._log("error", f"a dropped message could not be read: {error!r}")

    def _repair(self, found: DroppedData) -> None:
        data = ctypes.string_at(found.data, found.length)
        repaired = repair(data, _parses)
        if repaired is None:
            self._log("warning", f"dropped a message that cannot be parsed: {data[:200]!r}")
            return
        self._log("info", f"a message has lines that cannot be parsed: {'; '.join(repaired.removed)}")
        skipped = len(data) - len(repaired.data)
        ctypes.memmove(found.data + skipped, repaired.data, len(repaired.data))
        found.length = skipped
        self._refused = (repaired.data, repaired.refusal) if repaired.refusal else None


def _parses(name: bytes, value: bytes) -> bool:
    text = value + b"\r\n"
    with memory_pool() as pool:
        buffer = ctypes.create_string_buffer(text)  # PJSIP's parser writes into it
        return bool(LIBRARY.pjsip_parse_hdr(pool, ctypes.byref(PjStr.of(name)), buffer, len(text), None))
