"""Received SIP messages in PJSIP's memory: the structures as this build has them, and a check that it has them so.

A wrong layout would read or overwrite other memory, so a worker whose PJSIP fails the check does not start.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.useragent.worker.pjsip import LIBRARY, PjStr

_PACKET_BYTES = 4_000


class MessageBody(ctypes.Structure):
    """`pjsip_msg_body` as far as its data."""

    _fields_ = (
        ("type", PjStr),
        ("subtype", PjStr),
        ("parameters", ctypes.c_void_p * 6),
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_uint),
    )


class Message(ctypes.Structure):
    """`pjsip_msg`; `first_line` is the code of a response's status line, and begins with a method's id otherwise."""

    _fields_ = (
        ("type", ctypes.c_size_t),
        ("first_line", ctypes.c_int),
        ("_rest_of_first_line", ctypes.c_void_p * 3),
        ("headers", ctypes.c_void_p * 8),
        ("body", ctypes.POINTER(MessageBody)),
    )


class RxData(ctypes.Structure):
    """`pjsip_rx_data` up to the pointers to a message's headers."""

    _fields_ = (
        ("pool", ctypes.c_void_p),
        ("transport", ctypes.c_void_p),
        ("_tp_data", ctypes.c_void_p),
        ("_op_key", ctypes.c_void_p * 35),
        ("_timestamp", ctypes.c_long * 2),
        ("packet", ctypes.c_char * _PACKET_BYTES),
        ("zero", ctypes.c_uint32),
        ("packet_length", ctypes.c_ssize_t),
        ("_source", ctypes.c_uint32 * 8),
        ("source_name", ctypes.c_char * 46),
        ("source_port", ctypes.c_int),
        ("text", ctypes.c_void_p),
        ("text_length", ctypes.c_int),
        ("message", ctypes.POINTER(Message)),
        ("_info", ctypes.c_void_p),
        ("call_id", ctypes.c_void_p),
        ("from_", ctypes.c_void_p),
        ("to", ctypes.c_void_p),
        ("via", ctypes.c_void_p),
        ("cseq", ctypes.c_void_p),
        ("_more_headers", ctypes.c_void_p * 7),
        ("errors", ctypes.c_void_p * 6),
    )


def rx_data(address: int) -> RxData:
    """The structure at this address."""
    return RxData.from_address(address)


def text_of(rdata: int) -> bytes:
    """The text of a received message, as it came."""
    data = rx_data(rdata)
    return ctypes.string_at(data.text, data.text_length)


def find_header(message: int, name: bytes) -> int:
    """Address of the first header field with this name in a `pjsip_msg`; 0 when there is none."""
    LIBRARY.pjsip_msg_find_hdr_by_name.restype = ctypes.c_void_p
    LIBRARY.pjsip_msg_find_hdr_by_name.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    return int(LIBRARY.pjsip_msg_find_hdr_by_name(message, ctypes.byref(PjStr(name, len(name))), None) or 0)


def remove_header(rdata: int, name: bytes) -> None:
    """Take all header fields with this name out of a received message, so that PJSIP does not act on them."""
    LIBRARY.pj_list_erase.argtypes = (ctypes.c_void_p,)
    LIBRARY.pj_list_erase.restype = None
    message = ctypes.addressof(rx_data(rdata).message.contents)
    while header := find_header(message, name):
        LIBRARY.pj_list_erase(header)


def remove_body(rdata: int) -> None:
    """Take the body out of a received message."""
    rx_data(rdata).message.contents.body = None


def set_status(rdata: int, status: int) -> None:
    """Change the status code of a received response, for PJSIP's later modules only."""
    rx_data(rdata).message.contents.first_line = status


class SdpInfo(ctypes.Structure):
    """`pjsip_rdata_sdp_info`, which PJSIP makes once for each message and uses ever after."""

    _fields_ = (
        ("body", ctypes.c_void_p),
        ("body_length", ctypes.c_ssize_t),
        ("error", ctypes.c_int),
        ("sdp", ctypes.c_void_p),
    )


_get_sdp_info = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)(("pjsip_rdata_get_sdp_info", LIBRARY))


def sdp_info(rdata: int) -> SdpInfo:
    """What PJSIP has parsed of the SDP of a received message."""
    return SdpInfo.from_address(_get_sdp_info(rdata))


@contextmanager
def memory_pool() -> Iterator[int]:
    """A memory pool of PJSIP's, released at the end."""
    pool = LIBRARY.pjsua_pool_create(b"worker", 4096, 4096)
    try:
        yield pool
    finally:
        LIBRARY.pj_pool_release(pool)


_SAMPLE = (
    b"SIP/2.0 481 Gone\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:c@d>;tag=2\r\nCall-ID: layout\r\nCSeq: 7 INVITE\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody"
)


def check_layout() -> None:
    """Parse a message with PJSIP and compare what the structures say. RuntimeError when this build has others.

    PJSIP must be initialised.
    """
    parse = LIBRARY.pjsip_parse_rdata
    parse.restype = ctypes.POINTER(Message)
    parse.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
    data, text = RxData(), ctypes.create_string_buffer(_SAMPLE)
    with memory_pool() as pool:
        data.pool = pool
        errors = ctypes.addressof(data) + RxData.errors.offset
        data.errors[0] = data.errors[1] = errors  # an empty list refers to itself
        parsed = parse(text, len(_SAMPLE), ctypes.byref(data))
        if not parsed or data.errors[1] != errors:
            raise RuntimeError("this build of PJSIP does not parse the sample of a SIP message")
        message = ctypes.addressof(parsed.contents)
        known = {"Call-ID": data.call_id, "From": data.from_, "To": data.to, "Via": data.via, "CSeq": data.cseq}
        found = {name: find_header(message, name.encode()) for name in known}
        wrong = [name for name, address in known.items() if not address or address != found[name]]
        if parsed.contents.first_line != 481:
            wrong.append("the status")
        body = parsed.contents.body
        if not body or ctypes.string_at(body.contents.data, body.contents.length) != b"body":
            wrong.append("the body")
    if wrong:
        raise RuntimeError(f"this build of PJSIP has {', '.join(wrong)} of a message elsewhere than 2.15.1 has")
