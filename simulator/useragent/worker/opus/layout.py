"""PJMEDIA's codec structures as this build of PJSIP has them, and a check that it has them so.

A wrong layout would overwrite PJSIP's memory, so a build that fails the check gets no Opus.
"""

from __future__ import annotations

import ctypes

from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.pjsip import LIBRARY


class Info(ctypes.Structure):
    """`pjmedia_codec_info`."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("payload_type", ctypes.c_uint),
        ("name", PjStr),
        ("clock_rate", ctypes.c_uint),
        ("channels", ctypes.c_uint),
    )


class FormatParameter(ctypes.Structure):
    """One `name=value` of an `a=fmtp`."""

    _fields_ = (("name", PjStr), ("value", PjStr))


class FormatParameters(ctypes.Structure):
    """`pjmedia_codec_fmtp`."""

    _fields_ = (("count", ctypes.c_uint8), ("parameters", FormatParameter * 16))


class Attributes(ctypes.Structure):
    """`pjmedia_codec_param`; `flags` are its bit fields: vad, cng, penh, plc."""

    _fields_ = (
        ("clock_rate", ctypes.c_uint),
        ("channels", ctypes.c_uint),
        ("average_bps", ctypes.c_uint32),
        ("max_bps", ctypes.c_uint32),
        ("max_frame_size", ctypes.c_uint),
        ("frame_ms", ctypes.c_uint16),
        ("frame_ms_denominator", ctypes.c_uint8),
        ("encoder_ms", ctypes.c_uint16),
        ("encoder_ms_denominator", ctypes.c_uint8),
        ("bits_per_sample", ctypes.c_uint8),
        ("payload_type", ctypes.c_uint8),
        ("format_id", ctypes.c_uint32),
        ("_to_settings", ctypes.c_uint32),
        ("frames_per_packet", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("encoder_fmtp", FormatParameters),
        ("decoder_fmtp", FormatParameters),
        ("packet_loss", ctypes.c_uint),
        ("complexity", ctypes.c_uint),
        ("constant_bit_rate", ctypes.c_int),
    )


PLC = 8
"""Packet-loss concealment, a bit of `Attributes.flags`."""


class Frame(ctypes.Structure):
    """`pjmedia_frame`."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("timestamp", ctypes.c_uint64),
        ("bit_info", ctypes.c_uint32),
    )


AUDIO_FRAME = 1
AUDIO_TYPE = 1

_status, _pointer, _unsigned = ctypes.c_int, ctypes.c_void_p, ctypes.c_uint
TWO_POINTERS = ctypes.CFUNCTYPE(_status, _pointer, _pointer)
THREE_POINTERS = ctypes.CFUNCTYPE(_status, _pointer, _pointer, _pointer)
ONE_POINTER = ctypes.CFUNCTYPE(_status, _pointer)
NO_POINTER = ctypes.CFUNCTYPE(_status)
PARSE = ctypes.CFUNCTYPE(_status, _pointer, _pointer, ctypes.c_size_t, _pointer, ctypes.POINTER(_unsigned), _pointer)
CODE = ctypes.CFUNCTYPE(_status, _pointer, _pointer, _unsigned, _pointer)
RECOVER = ctypes.CFUNCTYPE(_status, _pointer, _unsigned, _pointer)


class CodecOperations(ctypes.Structure):
    """`pjmedia_codec_op`."""

    _fields_ = (
        ("init", TWO_POINTERS),
        ("open", TWO_POINTERS),
        ("close", ONE_POINTER),
        ("modify", TWO_POINTERS),
        ("parse", PARSE),
        ("encode", CODE),
        ("decode", CODE),
        ("recover", RECOVER),
    )


class FactoryOperations(ctypes.Structure):
    """`pjmedia_codec_factory_op`."""

    _fields_ = (
        ("test_alloc", TWO_POINTERS),
        ("default_attr", THREE_POINTERS),
        ("enum_info", THREE_POINTERS),
        ("alloc_codec", THREE_POINTERS),
        ("dealloc_codec", TWO_POINTERS),
        ("destroy", NO_POINTER),
    )


class Factory(ctypes.Structure):
    """`pjmedia_codec_factory`."""

    _fields_ = (
        ("prev", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("operations", ctypes.POINTER(FactoryOperations)),
    )


class Codec(ctypes.Structure):
    """`pjmedia_codec`."""

    _fields_ = (
        ("prev", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("factory", ctypes.POINTER(Factory)),
        ("operations", ctypes.POINTER(CodecOperations)),
    )


def codec_manager() -> int:
    """Address of the `pjmedia_codec_mgr`. PJSIP must be initialised."""
    LIBRARY.pjsua_get_pjmedia_endpt.restype = ctypes.c_void_p
    LIBRARY.pjmedia_endpt_get_codec_mgr.restype = ctypes.c_void_p
    LIBRARY.pjmedia_endpt_get_codec_mgr.argtypes = (ctypes.c_void_p,)
    return int(LIBRARY.pjmedia_endpt_get_codec_mgr(LIBRARY.pjsua_get_pjmedia_endpt()))


def find_mismatch(manager: int) -> str | None:
    """Say how this build differs from the known ones, or None when it does not.

    Its version is known already: `layout_check` lets no worker start with another one.
    """
    if ctypes.sizeof(Attributes) != 1104:
        return f"pjmedia_codec_param has {ctypes.sizeof(Attributes)} bytes, not 1104"
    for payload_type, name, clock_rate in ((0, b"PCMU", 8000), (9, b"G722", 16000)):
        wrong = _check_codec(manager, payload_type, name, clock_rate)
        if wrong:
            return f"{wrong} of {name.decode()} is not as expected"
    return None


def _check_codec(manager: int, payload_type: int, name: bytes, clock_rate: int) -> str | None:
    info = ctypes.POINTER(Info)()
    find = LIBRARY.pjmedia_codec_mgr_get_codec_info
    find.argtypes = (ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p)
    if find(manager, payload_type, ctypes.byref(info)) != 0:
        return "pjmedia_codec_info"
    known = info.contents
    found = (known.type, known.payload_type, known.clock_rate, known.channels, known.name.slen)
    if found != (AUDIO_TYPE, payload_type, clock_rate, 1, 4) or ctypes.string_at(known.name.ptr, 4) != name:
        return "pjmedia_codec_info"
    wrong = _check_attributes(manager, info, payload_type, clock_rate)
    return wrong or (_check_operations(manager, info) if name == b"PCMU" else None)


def _check_attributes(manager: int, info: object, payload_type: int, clock_rate: int) -> str | None:
    """Check size and fields of the default parameters: PJSIP zeroes the whole structure, which shows its size."""
    size, mark = ctypes.sizeof(Attributes), b"\xa5"
    memory = ctypes.create_string_buffer(mark * (size + 256), size + 256)
    get = LIBRARY.pjmedia_codec_mgr_get_default_param
    get.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    if get(manager, info, memory) != 0 or memory.raw[size:] != mark * 256 or mark in memory.raw[size - 32 : size]:
        return "the size of pjmedia_codec_param"
    found = Attributes.from_buffer(memory)
    rates = (found.clock_rate, found.channels, found.average_bps, found.max_bps)
    frames = (found.frame_ms, found.bits_per_sample, found.payload_type, found.format_id, found.frames_per_packet)
    if rates != (clock_rate, 1, 64000, 64000) or frames != (10, 16, payload_type, 0, 2):
        return "pjmedia_codec_param.info"
    if not found.flags & PLC or found.encoder_fmtp.count or found.decoder_fmtp.count or found.constant_bit_rate:
        return "pjmedia_codec_param.setting"
    return None


def _check_operations(manager: int, info: object) -> str | None:
    """Allocate a codec, and call its functions and those of its factory."""
    codec = ctypes.POINTER(Codec)()
    allocate, deallocate = LIBRARY.pjmedia_codec_mgr_alloc_codec, LIBRARY.pjmedia_codec_mgr_dealloc_codec
    allocate.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    deallocate.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    if allocate(manager, info, ctypes.byref(codec)) != 0:
        return "pjmedia_codec"
    try:
        allocated = codec.contents
        if not (allocated.factory and allocated.operations and allocated.factory.contents.operations):
            return "pjmedia_codec"
        factory = allocated.factory.contents
        if factory.operations.contents.test_alloc(ctypes.addressof(factory), info) != 0:
            return "pjmedia_codec_factory"
        return _check_parse(allocated)
    finally:
        deallocate(manager, codec)


def _check_parse(codec: Codec) -> str | None:
    """Check that PCMU splits a packet of 20 ms into two frames of 10."""
    operations = codec.operations.contents
    if not all(getattr(operations, name) for name, _ in CodecOperations._fields_):
        return "pjmedia_codec_op"
    packet, time, count = ctypes.create_string_buffer(160), ctypes.c_uint64(7), ctypes.c_uint(4)
    frames = (Frame * 4)()
    operations.parse(ctypes.addressof(codec), ctypes.addressof(packet), 160, ctypes.addressof(time), count, frames)
    first = ctypes.addressof(packet)
    found = [(frame.type, frame.buffer, frame.size, frame.timestamp) for frame in frames[: count.value]]
    return None if found == [(AUDIO_FRAME, first, 80, 7), (AUDIO_FRAME, first + 80, 80, 87)] else "pjmedia_frame"
