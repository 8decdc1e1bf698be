"""Session descriptions in PJSIP's memory: reading and making them."""

from __future__ import annotations

import ctypes
from typing import Any

from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.pjsip import LIBRARY

_MAX_SDP_BYTES = 16_384


class SdpSession(ctypes.Structure):
    """`pjmedia_sdp_session` with the array sizes of this build."""

    _fields_ = (
        ("origin", PjStr * 5),  # user; id and version; three more
        ("name", PjStr),
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
    """Text of a `pj.SdpSession` that PJSIP has filled in; its own `wholeSdp` is empty for 1,024 bytes and more."""
    return str(session.wholeSdp) or printed(int(session.pjSdpSession or 0))


def printed(address: int) -> str:
    """Text of the `pjmedia_sdp_session` at an address; empty for the address 0."""
    if not address:
        return ""
    buffer = ctypes.create_string_buffer(_MAX_SDP_BYTES)
    length = LIBRARY.pjmedia_sdp_print(address, buffer, len(buffer))
    return buffer.raw[: max(0, length)].decode("utf-8", "replace")


class PjSdp:
    """A session description parsed into PJSIP's memory, valid as long as this object lives and until `release`."""

    def __init__(self, sdp: str) -> None:
        self._text = ctypes.create_string_buffer(sdp.encode())
        self._pool = LIBRARY.pjsua_pool_create(b"sdp", 4096, 4096)
        parsed = ctypes.POINTER(SdpSession)()
        status = LIBRARY.pjmedia_sdp_parse(self._pool, self._text, len(self._text) - 1, ctypes.byref(parsed))
        self.session: SdpSession | None = parsed.contents if status == 0 else None
        """None when PJSIP cannot parse the text."""

    def release(self) -> None:
        """Free the memory; PJSIP must not refer to it any more."""
        if self._pool:
            LIBRARY.pj_pool_release(self._pool)
            self._pool = None
