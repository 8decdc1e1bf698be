"""Received messages in PJSIP's memory, by the address of their `pjsip_rx_data`: reading and changing them.

PJSIP has no functions that change a received message. `layout_check` has made sure that its structures are as expected.
"""

from __future__ import annotations

import ctypes

from simulator.useragent.worker.layout.messages import (
    ACK,
    OTHER,
    CseqHeader,
    Message,
    MessageBody,
    Method,
    RxData,
    SdpInfo,
)
from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.pjsip import LIBRARY


def text_of(rdata: int) -> bytes:
    """The whole message as it was received."""
    data = RxData.from_address(rdata)
    return ctypes.string_at(data.text, data.text_length)


def find_header(message: int, name: bytes) -> int:
    """Address of the first header field with this name in a `pjsip_msg`; 0 when there is none."""
    return int(LIBRARY.pjsip_msg_find_hdr_by_name(message, ctypes.byref(PjStr.of(name)), None) or 0)


def remove_header(rdata: int, name: bytes) -> None:
    """Take all header fields with this name out of a message, so that PJSIP does not act on them."""
    message = ctypes.addressof(_message(rdata))
    while header := find_header(message, name):
        LIBRARY.pj_list_erase(header)


def set_status(rdata: int, status: int) -> None:
    """Change the status code of a response, for PJSIP's later modules only."""
    _message(rdata).start.code_or_method = status


def is_ack(rdata: int) -> bool:
    """Whether PJSIP takes a request for an ACK, which must not be answered: PJSIP aborts."""
    return bool(_message(rdata).start.code_or_method == ACK)


def hide_method(rdata: int, length: int) -> None:
    """Make the method of a request one that PJSIP does not know, named by the first `length` bytes of the message."""
    data = RxData.from_address(rdata)
    name = PjStr(ctypes.cast(data.text, ctypes.c_char_p), length)
    _message(rdata).start.code_or_method = OTHER
    CseqHeader.from_address(data.cseq).method = Method(OTHER, name)


def remove_body(rdata: int) -> None:
    """Take the body out of a message, for PJSIP's later modules."""
    _message(rdata).body = None


def replace_body(rdata: int, sdp: str, *, was_sdp: bool) -> None:
    """Make a session description the body, for PJSIP's later modules; it is in the memory of the message itself.

    `was_sdp` tells whether the Content-Type of the message is application/sdp. PJSIP reads the SDP of a body once,
    by that type: of another one before it is replaced, because PJSIP aborts on a multipart body that is none.
    """
    pool, data = RxData.from_address(rdata).pool, sdp.encode()
    info = None if was_sdp else sdp_info(rdata)
    created = LIBRARY.pjsip_msg_body_create(
        pool, ctypes.byref(PjStr.of("application")), ctypes.byref(PjStr.of("sdp")), ctypes.byref(PjStr.of(data))
    )
    _message(rdata).body = ctypes.pointer(MessageBody.from_address(created))
    if info is None:
        info = sdp_info(rdata)
        if info.sdp:
            return
    _parse_into(info, pool, data)


def sdp_info(rdata: int) -> SdpInfo:
    """What PJSIP has parsed of the body; it parses it at the first call."""
    return SdpInfo.from_address(LIBRARY.pjsip_rdata_get_sdp_info(rdata))


def _parse_into(info: SdpInfo, pool: int, data: bytes) -> None:
    copy = LIBRARY.pj_pool_alloc(pool, len(data) + 1)
    ctypes.memmove(copy, data + b"\0", len(data) + 1)
    text, parsed = ctypes.cast(copy, ctypes.c_char_p), ctypes.c_void_p()
    info.error = LIBRARY.pjmedia_sdp_parse(pool, text, len(data), ctypes.byref(parsed))
    info.sdp = parsed
    info.body = PjStr(text, len(data))


def _message(rdata: int) -> Message:
    message: Message = RxData.from_address(rdata).message.contents
    return message
