"""Opus for PJSIP, which is built without it: a codec factory over libopus (RFC 6716, RFC 7587).

PJSIP calls it on its media threads, three times for each 20 ms of a call, and on the worker's own thread when a stream
begins or ends. A callback never raises: what goes wrong costs a frame. The streams' memory is used again, never freed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import wraps
from typing import Any

from simulator.useragent.worker.opus import layout
from simulator.useragent.worker.opus.fmtp import BIT_RATE, OWN, PLAYBACK_RATE, EncoderSettings
from simulator.useragent.worker.opus.library import LONGEST_PACKET, RATES, OpusLibrary, OpusMissing, OpusStream
from simulator.useragent.worker.opus.sdp import register_opus_formats
from simulator.useragent.worker.pjsip import LIBRARY, Str

_NAME = b"opus"
_PAYLOAD_TYPE = 111
_CLOCK = 48_000
_FRAME_MS = 20
_MOST_FRAMES = 6
"""20 ms frames in one packet of ours: libopus makes packets of up to 120 ms."""
_MOST_BPS = 64_000
_CHANGED = 0x1_0000
"""In a frame's `bit_info`, beside its samples: packets are of another duration from now on."""
_OK, _FAILED, _UNSUPPORTED = 0, 220_003, 220_001
"""PJ_SUCCESS, PJMEDIA_CODEC_EFAILED and PJMEDIA_CODEC_EUNSUP as they need to be for PJSIP: zero or not."""


def _load() -> tuple[OpusLibrary | None, str]:
    try:
        return OpusLibrary(), ""
    except OpusMissing as missing:
        return None, str(missing)


_OPUS, _WHY_NOT = _load()
"""Loaded on import, so that all workers of a nursery share it."""


def register_opus(log: Callable[[str, str], None]) -> object | None:
    """Give PJSIP the codec, once after its initialisation; keep what is returned as long as PJSIP runs.

    None when that cannot be: without libopus, or when this build of PJSIP is not one whose structures are known.
    One log line says so, and everything else works.
    """
    if _OPUS is None:
        log("warning", f"no Opus: {_WHY_NOT}")
        return None
    manager = layout.codec_manager()
    strange = layout.strangeness(manager)
    if strange is not None:
        log("warning", f"no Opus: it is not known how to add it to this build of pjsua2-python: {strange}")
        return None
    return OpusFactory(_OPUS, manager)


class OpusCodec:
    """One stream's codec."""

    def __init__(self, library: OpusLibrary, factory: Any, operations: Any) -> None:
        self.structure = layout.Codec(factory=factory, operations=operations)
        self.address = ctypes.addressof(self.structure)
        self.stream: OpusStream = library.stream()
        self.samples = 0
        """Of the packets that come in."""


class OpusFactory:
    """`pjmedia_codec_factory` and the functions that it and its codecs consist of."""

    def __init__(self, library: OpusLibrary, manager: int) -> None:
        self._library = library
        self._codecs: dict[int, OpusCodec] = {}
        self._free: list[OpusCodec] = []
        self._name = ctypes.create_string_buffer(_NAME)
        self._texts = [(name.encode(), value.encode()) for name, value in OWN.items()]
        self._of_codec = layout.CodecOperations(
            init=layout.TWO_POINTERS(_safe(self._init)),
            open=layout.TWO_POINTERS(_safe(self._open)),
            close=layout.ONE_POINTER(_safe(self._close)),
            modify=layout.TWO_POINTERS(_safe(self._modify)),
            parse=layout.PARSE(_safe(self._parse)),
            encode=layout.CODE(_safe(self._encode)),
            decode=layout.CODE(_safe(self._decode)),
            recover=layout.RECOVER(_safe(self._recover)),
        )
        self._of_factory = layout.FactoryOperations(
            test_alloc=layout.TWO_POINTERS(_safe(self._knows)),
            default_attr=layout.THREE_POINTERS(_safe(self._describe)),
            enum_info=layout.THREE_POINTERS(_safe(self._list)),
            alloc_codec=layout.THREE_POINTERS(_safe(self._take)),
            dealloc_codec=layout.TWO_POINTERS(_safe(self._give_back)),
            destroy=layout.NO_POINTER(lambda: _OK),
        )
        self._factory = layout.Factory(operations=ctypes.pointer(self._of_factory))
        register = LIBRARY.pjmedia_codec_mgr_register_factory
        register.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        status = register(manager, ctypes.byref(self._factory))
        if status != _OK:
            raise RuntimeError(f"PJSIP refused the Opus codec: {status}")
        self._formats = register_opus_formats()

    # --- the factory's functions -----------------------------------------------------------------------------

    def _knows(self, factory: int, info: int) -> int:
        name = layout.Info.from_address(info).name
        return _OK if _text(name).lower() == _NAME else _UNSUPPORTED

    def _list(self, factory: int, count: int, infos: int) -> int:
        ctypes.c_uint.from_address(count).value = 1
        info = layout.Info.from_address(infos)
        info.type, info.payload_type, info.clock_rate, info.channels = layout.AUDIO_TYPE, _PAYLOAD_TYPE, _CLOCK, 2
        info.name = Str(ctypes.cast(self._name, ctypes.c_char_p), len(_NAME))
        return _OK

    def _describe(self, factory: int, info: int, attributes: int) -> int:
        ctypes.memset(attributes, 0, ctypes.sizeof(layout.Attributes))
        described = layout.Attributes.from_address(attributes)
        described.payload_type = _PAYLOAD_TYPE
        described.clock_rate, described.channels = PLAYBACK_RATE, 1
        described.average_bps, described.max_bps = BIT_RATE, _MOST_BPS
        described.max_frame_size = LONGEST_PACKET
        described.frame_ms, described.frame_ms_denominator = _FRAME_MS, 1
        described.bits_per_sample, described.frames_per_packet, described.flags = 16, 1, layout.PLC
        described.decoder_fmtp.count = len(self._texts)
        for place, (name, value) in zip(described.decoder_fmtp.parameters, self._texts, strict=False):
            place.name, place.value = Str(name, len(name)), Str(value, len(value))
        return _OK

    def _take(self, factory: int, info: int, codec: int) -> int:
        if self._free:
            taken = self._free.pop()
        else:
            taken = OpusCodec(self._library, ctypes.pointer(self._factory), ctypes.pointer(self._of_codec))
            self._codecs[taken.address] = taken
        ctypes.c_void_p.from_address(codec).value = taken.address
        return _OK

    def _give_back(self, factory: int, codec: int) -> int:
        self._free.append(self._codecs[codec])
        return _OK

    # --- a codec's functions ---------------------------------------------------------------------------------

    def _init(self, codec: int, pool: int) -> int:
        return _OK

    def _open(self, codec: int, attributes: int) -> int:
        wanted = layout.Attributes.from_address(attributes)
        if wanted.clock_rate not in RATES or wanted.channels != 1:
            return _UNSUPPORTED
        wanted.frames_per_packet = min(wanted.frames_per_packet, _MOST_FRAMES)
        opened = self._codecs[codec]
        opened.samples = wanted.clock_rate * _FRAME_MS // 1000
        settings = EncoderSettings.asked_for(_parameters(wanted.encoder_fmtp))
        return _OK if opened.stream.start(wanted.clock_rate, settings) else _FAILED

    def _close(self, codec: int) -> int:
        return _OK

    def _modify(self, codec: int, attributes: int) -> int:
        return _OK

    def _parse(self, codec: int, packet: int, size: int, time: int, count: Any, frames: int) -> int:
        own = self._codecs[codec]
        samples = own.stream.duration(packet, size)
        if samples <= 0 or size > LONGEST_PACKET:
            return _FAILED
        frame = layout.Frame.from_address(frames)
        frame.type, frame.buffer, frame.size = layout.AUDIO_FRAME, packet, size
        frame.timestamp = ctypes.c_uint64.from_address(time).value
        frame.bit_info = samples
        if samples != own.samples:
            own.samples = samples
            frame.bit_info = samples | _CHANGED
        count[0] = 1
        return _OK

    def _encode(self, codec: int, given: int, room: int, made: int) -> int:
        pcm, packet = layout.Frame.from_address(given), layout.Frame.from_address(made)
        size = self._codecs[codec].stream.encode(pcm.buffer, pcm.size // 2, packet.buffer, min(room, LONGEST_PACKET))
        if size < 0:
            return _FAILED
        packet.type, packet.size, packet.timestamp = layout.AUDIO_FRAME, size, pcm.timestamp
        return _OK

    def _decode(self, codec: int, given: int, room: int, made: int) -> int:
        packet, pcm = layout.Frame.from_address(given), layout.Frame.from_address(made)
        samples = self._codecs[codec].stream.decode(packet.buffer, packet.size, pcm.buffer, room // 2)
        return _heard(pcm, samples)

    def _recover(self, codec: int, room: int, made: int) -> int:
        own, pcm = self._codecs[codec], layout.Frame.from_address(made)
        return _heard(pcm, own.stream.decode(None, 0, pcm.buffer, min(room // 2, own.samples)))


def _heard(pcm: layout.Frame, samples: int) -> int:
    if samples < 0:
        return _FAILED
    pcm.type, pcm.size = layout.AUDIO_FRAME, samples * 2
    return _OK


def _parameters(fmtp: layout.FormatParameters) -> dict[str, str]:
    """The peer's `a=fmtp`, names in lower case."""
    found = fmtp.parameters[: min(fmtp.count, len(fmtp.parameters))]
    return {_text(one.name).decode("latin-1").lower(): _text(one.value).decode("latin-1") for one in found}


def _text(string: Str) -> bytes:
    """A `pj_str_t`, which has no final zero."""
    address = ctypes.c_void_p.from_buffer(string).value
    return ctypes.string_at(address, string.slen) if address and 0 < string.slen < 256 else b""


def _safe(function: Callable[..., int]) -> Callable[..., int]:
    """What PJSIP may call: an exception is a failure of this one frame or stream, and nobody's fault."""

    @wraps(function)
    def call(*arguments: Any) -> int:
        try:
            return function(*arguments)
        except Exception:  # noqa: BLE001  # there is only C above
            return _FAILED

    return call
