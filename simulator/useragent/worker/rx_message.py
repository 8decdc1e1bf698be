"""Received messages in PJSIP's memory: their text, and the body that PJSIP's call logic will read.

PJSIP has no function that replaces the body of a received message. Where it is, is checked by `rx_data.check_layout`.
"""

from __future__ import annotations

import ctypes

from simulator.useragent.worker.pjsip import LIBRARY, PjStr
from simulator.useragent.worker.rx_data import MessageBody, remove_body, rx_data, text_of


class _SdpInfo(ctypes.Structure):
    """`pjsip_sdp_info`, which PJSIP makes once for each message and uses ever after."""

    _fields_ = (("body", PjStr), ("error", ctypes.c_int), ("sdp", ctypes.c_void_p))


class RxMessages:
    """Access to received messages, given the address of their `pjsip_rx_data`."""

    def __init__(self) -> None:
        _declare_functions()

    def text(self, rdata: int) -> bytes:
        """The whole message as it was received."""
        return text_of(rdata)

    def remove_body(self, rdata: int) -> None:
        """Let PJSIP find no body."""
        remove_body(rdata)

    def replace_body(self, rdata: int, sdp: str, *, was_sdp: bool) -> None:
        """Let PJSIP find this SDP as the body. It is in the memory of the message, as the message itself is.

        `was_sdp` tells whether the Content-Type of the message is application/sdp. PJSIP reads the SDP of a body once,
        by that type: of another one before it is replaced, because PJSIP aborts on a multipart body that is none.
        """
        pool = ctypes.c_void_p.from_address(rdata)  # the first field of a pjsip_rx_data
        data = sdp.encode()
        info = None if was_sdp else LIBRARY.pjsip_rdata_get_sdp_info(rdata).contents
        text = PjStr(data, len(data))
        made = LIBRARY.pjsip_msg_body_create(
            pool, ctypes.byref(PjStr(b"application", 11)), ctypes.byref(PjStr(b"sdp", 3)), ctypes.byref(text)
        )
        rx_data(rdata).message.contents.body = ctypes.cast(made, ctypes.POINTER(MessageBody))
        if info is None:
            info = LIBRARY.pjsip_rdata_get_sdp_info(rdata).contents
            if info.sdp:
                return
        self._read_into(info, pool, data)

    @staticmethod
    def _read_into(info: _SdpInfo, pool: ctypes.c_void_p, data: bytes) -> None:
        """Put the parsed SDP where PJSIP keeps that of the message."""
        copy = LIBRARY.pj_pool_alloc(pool, len(data) + 1)
        ctypes.memmove(copy, data + b"\0", len(data) + 1)
        text, parsed = ctypes.cast(copy, ctypes.c_char_p), ctypes.c_void_p()
        info.error = LIBRARY.pjmedia_sdp_parse(pool, text, len(data), ctypes.byref(parsed))
        info.sdp = parsed
        info.body = PjStr(text, len(data))


def _declare_functions() -> None:
    LIBRARY.pjsip_msg_body_create.restype = ctypes.c_void_p
    LIBRARY.pjsip_msg_body_create.argtypes = (ctypes.c_void_p,) * 4
    LIBRARY.pjsip_rdata_get_sdp_info.restype = ctypes.POINTER(_SdpInfo)
    LIBRARY.pjsip_rdata_get_sdp_info.argtypes = (ctypes.c_void_p,)
    LIBRARY.pj_pool_alloc.restype = ctypes.c_void_p
    LIBRARY.pj_pool_alloc.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
