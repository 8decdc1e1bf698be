"""PJMEDIA's codec factory for Opus, over libopus.

PJSIP calls it on its media threads, three times for each 20 ms of a call, and on the worker's own thread when a stream
begins or ends. A callback never raises: an exception fails that one frame or stream. Codecs and their memory are
reused and never freed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import wraps
from typing import Any

from simulator.useragent.messages import LogLevel
from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.opus import layout
from simulator.useragent.worker.opus.fmtp import BIT_RATE, LOCAL_FMTP, PLAYBACK_RATE, EncoderSettings
from simulator.useragent.worker.opus.library import MAX_PACKET_BYTES, RATES, OpusLibrary, OpusStream, OpusUnavailable
from simulator.useragent.worker.opus.sdp import register_opus_formats
from simulator.useragent.worker.pjsip import LIBRARY

_NAME = b"opus"
_PAYLOAD_TYPE = 111
_CLOCK = 48_000
_FRAME_MS = 20
_MAX_FRAMES = 6
"""20 ms frames in one packet of ours: libopus makes packets of at most 120 ms."""
_MAX_BPS = 64_000
_DURATION_CHANGED = 0x1_0000
"""Flag in a frame's `bit_info`, beside its number of samples: packets have another duration from here on."""
_OK, _FAILED, _UNSUPPORTED = 0, 220_003, 220_001
"""PJ_SUCCESS, PJMEDIA_CODEC_EFAILED, PJMEDIA_CODEC_EUNSUP."""


def _load() -> tuple[OpusLibrary | None, str]:
    try:
        return OpusLibrary(), ""
    except OpusUnavailable as error:
        return None, str(error)


_LIBOPUS, _LOAD_ERROR = _load()
"""Loaded on import, so that the workers that a fork server forks share its memory."""


def register_opus(log: Callable[[LogLevel, str], None]) -> object | None:
    """Add the codec to PJSIP, once after `libInit`; keep what is returned as long as PJSIP runs.

    None without libopus, and with a build of PJSIP whose structures are not the known ones. A warning is logged, and
    everything else works.
    """
    if _LIBOPUS is None:
        log("warning", f"no Opus: {_LOAD_ERROR}")
        return None
    manager = layout.codec_manager()
    mismatch = layout.find_mismatch(manager)
    if mismatch is not None:
        log("warning", f"no Opus: this build of pjsua2-python is not known: {mismatch}")
        return None
    return OpusFactory(_LIBOPUS, manager)


class OpusCodec:
    """The codec of one stream: PJMEDIA's structure, and the encoder and decoder behind it."""

    def __init__(self, library: OpusLibrary, factory: Any, operations: Any) -> None:
        self.structure = layout.Codec(factory=factory, operations=operations)
        self.address = ctypes.addressof(self.structure)
        self.stream: OpusStream = library.stream()
        self.samples = 0
        """Samples in each received packet."""


class OpusFactory:
    """`pjmedia_codec_factory`, with the functions that it and its codecs consist of."""

    def __init__(self, library: OpusLibrary, manager: int) -> None:
        self._library = library
        self._codecs: dict[int, OpusCodec] = {}
        self._free: list[OpusCodec] = []
        self._name = ctypes.create_string_buffer(_NAME)
        self._fmtp = [(name.encode(), value.encode()) for name, value in LOCAL_FMTP.items()]
        self._codec_operations = layout.CodecOperations(
            init=layout.TWO_POINTERS(_never_raises(self._init)),
            open=layout.TWO_POINTERS(_never_raises(self._open)),
            close=layout.ONE_POINTER(_never_raises(self._close)),
            modify=layout.TWO_POINTERS(_never_raises(self._modify)),
            parse=layout.PARSE(_never_raises(self._parse)),
            encode=layout.CODE(_never_raises(self._encode)),
            decode=layout.CODE(_never_raises(self._decode)),
            recover=layout.RECOVER(_never_raises(self._recover)),
        )
        self._factory_operations = layout.FactoryOperations(
            test_alloc=layout.TWO_POINTERS(_never_raises(self._test_alloc)),
            default_attr=layout.THREE_POINTERS(_never_raises(self._default_attr)),
            enum_info=layout.THREE_POINTERS(_never_raises(self._enum_info)),
            alloc_codec=layout.THREE_POINTERS(_never_raises(self._alloc_codec)),
            dealloc_codec=layout.TWO_POINTERS(_never_raises(self._dealloc_codec)),
            destroy=layout.NO_POINTER(lambda: _OK),
        )
        self._factory = layout.Factory(operations=ctypes.pointer(self._factory_operations))
        register = LIBRARY.pjmedia_codec_mgr_register_factory
        register.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        status = register(manager, ctypes.byref(self._factory))
        if status != _OK:
            raise RuntimeError(f"PJSIP refused the Opus codec with status {status}")
        self._formats = register_opus_formats()

    # --- the factory's functions -----------------------------------------------------------------------------

    def _test_alloc(self, factory: int, info: int) -> int:
        name = layout.Info.from_address(info).name
        return _OK if bytes(name).lower() == _NAME else _UNSUPPORTED

    def _enum_info(self, factory: int, count: int, infos: int) -> int:
        ctypes.c_uint.from_address(count).value = 1
        info = layout.Info.from_address(infos)
        info.type, info.payload_type, info.clock_rate, info.channels = layout.AUDIO_TYPE, _PAYLOAD_TYPE, _CLOCK, 2
        info.name = PjStr(ctypes.cast(self._name, ctypes.c_char_p), len(_NAME))
        return _OK

    def _default_attr(self, factory: int, info: int, attributes: int) -> int:
        ctypes.memset(attributes, 0, ctypes.sizeof(layout.Attributes))
        defaults = layout.Attributes.from_address(attributes)
        defaults.payload_type = _PAYLOAD_TYPE
        defaults.clock_rate, defaults.channels = PLAYBACK_RATE, 1
        defaults.average_bps, defaults.max_bps = BIT_RATE, _MAX_BPS
        defaults.max_frame_size = MAX_PACKET_BYTES
        defaults.frame_ms, defaults.frame_ms_denominator = _FRAME_MS, 1
        defaults.bits_per_sample, defaults.frames_per_packet, defaults.flags = 16, 1, layout.PLC
        defaults.decoder_fmtp.count = len(self._fmtp)
        for place, (name, value) in zip(defaults.decoder_fmtp.parameters, self._fmtp, strict=False):
            place.name, place.value = PjStr.of(name), PjStr.of(value)
        return _OK

    def _alloc_codec(self, factory: int, info: int, codec: int) -> int:
        if self._free:
            allocated = self._free.pop()
        else:
            allocated = OpusCodec(self._library, ctypes.pointer(self._factory), ctypes.pointer(self._codec_operations))
            self._codecs[allocated.address] = allocated
        ctypes.c_void_p.from_address(codec).value = allocated.address
        return _OK

    def _dealloc_codec(self, factory: int, codec: int) -> int:
        self._free.append(self._codecs[codec])
        return _OK

    # --- a codec's functions ---------------------------------------------------------------------------------

    def _init(self, codec: int, pool: int) -> int:
        return _OK

    def _open(self, codec: int, attributes: int) -> int:
        wanted = layout.Attributes.from_address(attributes)
        if wanted.clock_rate not in RATES or wanted.channels != 1:
            return _UNSUPPORTED
        wanted.frames_per_packet = min(wanted.frames_per_packet, _MAX_FRAMES)
        opened = self._codecs[codec]
        opened.samples = wanted.clock_rate * _FRAME_MS // 1000
        settings = EncoderSettings.from_fmtp(_fmtp_of_peer(wanted.encoder_fmtp))
        return _OK if opened.stream.start(wanted.clock_rate, settings) else _FAILED

    def _close(self, codec: int) -> int:
        return _OK

    def _modify(self, codec: int, attributes: int) -> int:
        return _OK

    def _parse(self, codec: int, packet: int, size: int, time: int, count: Any, frames: int) -> int:
        opus = self._codecs[codec]
        samples = opus.stream.duration(packet, size)
        if samples <= 0 or size > MAX_PACKET_BYTES:
            return _FAILED
        frame = layout.Frame.from_address(frames)
        frame.type, frame.buffer, frame.size = layout.AUDIO_FRAME, packet, size
        frame.timestamp = ctypes.c_uint64.from_address(time).value
        frame.bit_info = samples
        if samples != opus.samples:
            opus.samples = samples
            frame.bit_info = samples | _DURATION_CHANGED
        count[0] = 1
        return _OK

    def _encode(self, codec: int, pcm_frame: int, room: int, packet_frame: int) -> int:
        pcm, packet = layout.Frame.from_address(pcm_frame), layout.Frame.from_address(packet_frame)
        size = self._codecs[codec].stream.encode(pcm.buffer, pcm.size // 2, packet.buffer, min(room, MAX_PACKET_BYTES))
        if size < 0:
            return _FAILED
        packet.type, packet.size, packet.timestamp = layout.AUDIO_FRAME, size, pcm.timestamp
        return _OK

    def _decode(self, codec: int, packet_frame: int, room: int, pcm_frame: int) -> int:
        packet, pcm = layout.Frame.from_address(packet_frame), layout.Frame.from_address(pcm_frame)
        samples = self._codecs[codec].stream.decode(packet.buffer, packet.size, pcm.buffer, room // 2)
        return _finish_pcm(pcm, samples)

    def _recover(self, codec: int, room: int, pcm_frame: int) -> int:
        opus, pcm = self._codecs[codec], layout.Frame.from_address(pcm_frame)
        return _finish_pcm(pcm, opus.stream.decode(None, 0, pcm.buffer, min(room // 2, opus.samples)))


def _finish_pcm(pcm: layout.Frame, samples: int) -> int:
    """Fill in the frame of decoded PCM; a negative number of samples is an error of libopus."""
    if samples < 0:
        return _FAILED
    pcm.type, pcm.size = layout.AUDIO_FRAME, samples * 2
    return _OK


def _fmtp_of_peer(fmtp: layout.FormatParameters) -> dict[str, str]:
    """Return the parameters of the peer's `a=fmtp`, with names in lower case."""
    found = fmtp.parameters[: min(fmtp.count, len(fmtp.parameters))]
    return {str(parameter.name).lower(): str(parameter.value) for parameter in found}


def _never_raises(function: Callable[..., int]) -> Callable[..., int]:
    """Wrap a callback so that an exception becomes a failure status."""

    @wraps(function)
    def call(*arguments: Any) -> int:
        try:
            return function(*arguments)
        except Exception:  # noqa: BLE001  # the caller is C
            return _FAILED

    return call
