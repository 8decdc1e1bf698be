"""PJMEDIA's codec structures as this build of PJSIP has them, and a check that it really does.

A wrong guess would write into PJSIP's memory, so a build that answers otherwise than expected gets no Opus.
"""

from __future__ import annotations

import ctypes

from simulator.useragent.worker.pjsip import LIBRARY, Str

KNOWN_VERSIONS = ("2.15.1",)
"""Of PJSIP, for which these structures were read and measured."""


class Info(ctypes.Structure):
    """`pjmedia_codec_info`."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("payload_type", ctypes.c_uint),
        ("name", Str),
        ("clock_rate", ctypes.c_uint),
        ("channels", ctypes.c_uint),
    )


class FormatParameter(ctypes.Structure):
    """One `name=value` of an `a=fmtp`."""

    _fields_ = (("name", Str), ("value", Str))


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
"""In `Attributes.flags`: packet-loss concealment."""


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
    """Address of the `pjmedia_codec_mgr`; PJSIP is initialised."""
    LIBRARY.pjsua_get_pjmedia_endpt.restype = ctypes.c_void_p
    LIBRARY.pjmedia_endpt_get_codec_mgr.restype = ctypes.c_void_p
    LIBRARY.pjmedia_endpt_get_codec_mgr.argtypes = (ctypes.c_void_p,)
    return int(LIBRARY.pjmedia_endpt_get_codec_mgr(LIBRARY.pjsua_get_pjmedia_endpt()))


def strangeness(manager: int) -> str | None:
    """How this build differs from the known ones, in a few words; None when it does not."""
    LIBRARY.pj_get_version.restype = ctypes.c_char_p
    version = LIBRARY.pj_get_version().decode()
    if version not in KNOWN_VERSIONS:
        return f"it is PJSIP {version}, known is {', '.join(KNOWN_VERSIONS)}"
    if ctypes.sizeof(Attributes) != 1104:
        return f"codec parameters are {ctypes.sizeof(Attributes)} bytes here, not 1104"
    for payload_type, name, clock_rate in ((0, b"PCMU", 8000), (9, b"G722", 16000)):
        strange = _strange_codec(manager, payload_type, name, clock_rate)
        if strange:
            return f"{strange} of {name.decode()} is not where it should be"
    return None


def _strange_codec(manager: int, payload_type: int, name: bytes, clock_rate: int) -> str | None:
    info = ctypes.POINTER(Info)()
    find = LIBRARY.pjmedia_codec_mgr_get_codec_info
    find.argtypes = (ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p)
    if find(manager, payload_type, ctypes.byref(info)) != 0:
        return "the description"
    known = info.contents
    found = (known.type, known.payload_type, known.clock_rate, known.channels, known.name.slen)
    if found != (AUDIO_TYPE, payload_type, clock_rate, 1, 4) or ctypes.string_at(known.name.ptr, 4) != name:
        return "the description"
    strange = _strange_attributes(manager, info, payload_type, clock_rate)
    return strange or (_strange_operations(manager, info) if name == b"PCMU" else None)


def _strange_attributes(manager: int, info: object, payload_type: int, clock_rate: int) -> str | None:
    """PJSIP zeroes the whole structure first, so that it shows its size in memory that was not zero."""
    size, mark = ctypes.sizeof(Attributes), b"\xa5"
    memory = ctypes.create_string_buffer(mark * (size + 256), size + 256)
    get = LIBRARY.pjmedia_codec_mgr_get_default_param
    get.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    if get(manager, info, memory) != 0 or memory.raw[size:] != mark * 256 or mark in memory.raw[size - 32 : size]:
        return "the size of the parameters"
    found = Attributes.from_buffer(memory)
    rates = (found.clock_rate, found.channels, found.average_bps, found.max_bps)
    frames = (found.frame_ms, found.bits_per_sample, found.payload_type, found.format_id, found.frames_per_packet)
    if rates != (clock_rate, 1, 64000, 64000) or frames != (10, 16, payload_type, 0, 2):
        return "a parameter"
    if not found.flags & PLC or found.encoder_fmtp.count or found.decoder_fmtp.count or found.constant_bit_rate:
        return "a setting"
    return None


def _strange_operations(manager: int, info: object) -> str | None:
    """Makes a codec and has it split a packet of 20 ms."""
    codec = ctypes.POINTER(Codec)()
    make, drop = LIBRARY.pjmedia_codec_mgr_alloc_codec, LIBRARY.pjmedia_codec_mgr_dealloc_codec
    make.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    drop.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    if make(manager, info, ctypes.byref(codec)) != 0:
        return "the codec"
    try:
        made = codec.contents
        if not (made.factory and made.operations and made.factory.contents.operations):
            return "the codec"
        if made.factory.contents.operations.contents.test_alloc(ctypes.addressof(made.factory.contents), info) != 0:
            return "the factory"
        return _strange_frames(made)
    finally:
        drop(manager, codec)


def _strange_frames(codec: Codec) -> str | None:
    """PCMU splits 20 ms into two frames of 10."""
    operations = codec.operations.contents
    if not all(getattr(operations, name) for name, _ in CodecOperations._fields_):
        return "a function"
    packet, time, count = ctypes.create_string_buffer(160), ctypes.c_uint64(7), ctypes.c_uint(4)
    frames = (Frame * 4)()
    operations.parse(ctypes.addressof(codec), ctypes.addressof(packet), 160, ctypes.addressof(time), count, frames)
    first = ctypes.addressof(packet)
    found = [(frame.type, frame.buffer, frame.size, frame.timestamp) for frame in frames[: count.value]]
    return None if found == [(AUDIO_FRAME, first, 80, 7), (AUDIO_FRAME, first + 80, 80, 87)] else "a frame"
