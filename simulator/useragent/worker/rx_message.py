"""Received messages in PJSIP's memory: their text, and the body that PJSIP's call logic will read.

The offsets are found out at the start from a message that PJSIP has parsed, because PJSIP has no function that replaces
the body of a received message. A build in which they are not found as expected gets no further.
"""

from __future__ import annotations

import ctypes

from simulator.useragent.worker.pjsip import LIBRARY, PjStr

_SAMPLE_HEAD = (
    "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa\r\nFrom: <sip:a@127.0.0.1>;tag=a\r\n"
    "To: <sip:a@127.0.0.1>\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\n"
)
_SAMPLE_BODY = "Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody"
_SAMPLE_WITHOUT_BODY = "Content-Length: 0\r\n\r\n"
_RX_DATA_BYTES = 32_768
"""More than a `pjsip_rx_data` has."""
_MSG_WORDS = 24
"""More than a `pjsip_msg` has."""
_POOL_BYTES = 8192
_ZEROED_BYTES = 4096
_WORD = ctypes.sizeof(ctypes.c_size_t)
_LONGEST = 65_536


class _SdpInfo(ctypes.Structure):
    """`pjsip_sdp_info`, which PJSIP makes once for each message and uses ever after."""

    _fields_ = (("body", PjStr), ("error", ctypes.c_int), ("sdp", ctypes.c_void_p))


class RxMessages:
    """Access to received messages, given the address of their `pjsip_rx_data`. Raises RuntimeError at the start."""

    def __init__(self) -> None:
        _declare_functions()
        self._message_offset, self._body_offset = _find_offsets()

    def text(self, rdata: int) -> bytes:
        """The whole message as it was received; empty when it is not where it is expected."""
        start = ctypes.c_size_t.from_address(rdata + self._message_offset - 2 * _WORD).value
        length = ctypes.c_int.from_address(rdata + self._message_offset - _WORD).value
        if not (rdata < start < rdata + self._message_offset and 0 < length < _LONGEST):
            return b""
        return ctypes.string_at(start, length)

    def remove_body(self, rdata: int) -> None:
        """Let PJSIP find no body."""
        self._body(rdata).value = None

    def replace_body(self, rdata: int, sdp: str, *, was_sdp: bool) -> None:
        """Let PJSIP find this SDP as the body. It is in the memory of the message, as the message itself is.

        `was_sdp` tells whether the Content-Type of the message is application/sdp. PJSIP reads the SDP of a body once,
        by that type: of another one before it is replaced, because PJSIP aborts on a multipart body that is none.
        """
        pool = ctypes.c_void_p.from_address(rdata)  # the first field of a pjsip_rx_data
        data = sdp.encode()
        info = None if was_sdp else LIBRARY.pjsip_rdata_get_sdp_info(rdata).contents
        text = PjStr(data, len(data))
        self._body(rdata).value = LIBRARY.pjsip_msg_body_create(
            pool, ctypes.byref(PjStr(b"application", 11)), ctypes.byref(PjStr(b"sdp", 3)), ctypes.byref(text)
        )
        if info is None:
            info = LIBRARY.pjsip_rdata_get_sdp_info(rdata).contents
            if info.sdp:
                return
        self._read_into(info, pool, data)

    def _body(self, rdata: int) -> ctypes.c_void_p:
        message = ctypes.c_size_t.from_address(rdata + self._message_offset).value
        return ctypes.c_void_p.from_address(message + self._body_offset)

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
    LIBRARY.pjsip_parse_rdata.restype = ctypes.c_void_p
    LIBRARY.pjsip_parse_rdata.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
    LIBRARY.pjsip_msg_body_create.restype = ctypes.c_void_p
    LIBRARY.pjsip_msg_body_create.argtypes = (ctypes.c_void_p,) * 4
    LIBRARY.pjsip_rdata_get_sdp_info.restype = ctypes.POINTER(_SdpInfo)
    LIBRARY.pjsip_rdata_get_sdp_info.argtypes = (ctypes.c_void_p,)
    LIBRARY.pj_pool_reset.argtypes = (ctypes.c_void_p,)
    LIBRARY.pj_pool_alloc.restype = ctypes.c_void_p
    LIBRARY.pj_pool_alloc.argtypes = (ctypes.c_void_p, ctypes.c_size_t)


def _find_offsets() -> tuple[int, int]:
    """Offsets of the message in a `pjsip_rx_data` and of the body in a `pjsip_msg`."""
    with_body, without = _Parsed(_SAMPLE_HEAD + _SAMPLE_BODY), _Parsed(_SAMPLE_HEAD + _SAMPLE_WITHOUT_BODY)
    try:
        places = [parsed.message_offsets for parsed in (with_body, without)]
        pairs = zip(with_body.message_words, without.message_words, strict=True)
        bodies = [index * _WORD for index, (one, other) in enumerate(pairs) if one and not other]
        if places[0] != places[1] or len(places[0]) != 1 or len(bodies) != 1:
            raise RuntimeError(
                f"this build of PJSIP has unknown structures: messages at {places}, bodies at {bodies}; "
                f"install the pinned version of pjsua2-python"
            )
        return places[0][0], bodies[0]
    finally:
        with_body.release()
        without.release()


def _zeroed_pool() -> int:
    """A pool whose first bytes are zero: PJSIP leaves fields of a message as it finds them in memory."""
    pool = int(LIBRARY.pjsua_pool_create(b"sample", _POOL_BYTES, _POOL_BYTES))
    ctypes.memset(LIBRARY.pj_pool_alloc(pool, _ZEROED_BYTES), 0, _ZEROED_BYTES)
    LIBRARY.pj_pool_reset(pool)
    return pool


class _Parsed:
    """A message parsed into a `pjsip_rx_data` that has nothing else."""

    def __init__(self, text: str) -> None:
        self._pool = _zeroed_pool()
        self._text = ctypes.create_string_buffer(text.encode())
        self._rdata = ctypes.create_string_buffer(_RX_DATA_BYTES)
        address = ctypes.addressof(self._rdata)
        ctypes.c_size_t.from_address(address).value = self._pool
        self._message = LIBRARY.pjsip_parse_rdata(ctypes.addressof(self._text), len(text), address)
        if not self._message:
            raise RuntimeError("this build of PJSIP does not parse a message into memory of its own")

    @property
    def message_offsets(self) -> list[int]:
        words = (ctypes.c_size_t * (_RX_DATA_BYTES // _WORD)).from_buffer(self._rdata)
        return [index * _WORD for index, word in enumerate(words) if word == self._message]

    @property
    def message_words(self) -> list[int]:
        return list((ctypes.c_size_t * _MSG_WORDS).from_address(self._message))

    def release(self) -> None:
        LIBRARY.pj_pool_release(self._pool)
