"""libopus, as the package `opuslib-next-bundled` brings it: one encoder and one decoder per stream.

The functions are called with Python's lock held: a 20 ms frame takes some 70 us to encode and 10 to decode, which is
less than what handing the lock over can cost.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from pathlib import Path

from simulator.useragent.worker.opus.fmtp import EncoderSettings

RATES = (8000, 12000, 16000, 24000, 48000)
"""Sampling rates in Hz that libopus takes and gives."""
LONGEST_PACKET = 1275
"""Bytes of the longest packet with one frame (RFC 6716 §3.4)."""

_VOICE = 2048
_SET_BITRATE, _SET_VBR, _SET_COMPLEXITY, _SET_INBAND_FEC, _SET_PACKET_LOSS_PERC = 4002, 4006, 4010, 4012, 4014
_COMPLEXITY = 5
"""Of 10; 9 costs half as much again and is not heard at these bit rates."""
_EXPECTED_LOSS = 10
"""Percent; the encoder spends bits on redundancy only when it expects loss."""


class OpusMissing(Exception):
    """libopus cannot be loaded; the text says why."""


class OpusLibrary:
    """The loaded library."""

    def __init__(self) -> None:
        self._path = _bundled()
        try:
            library = ctypes.PyDLL(str(self._path))
        except OSError as error:
            raise OpusMissing(str(error)) from None
        state, samples, size = ctypes.c_void_p, ctypes.c_int, ctypes.c_int
        library.opus_encoder_init.argtypes = (state, ctypes.c_int32, ctypes.c_int, ctypes.c_int)
        library.opus_decoder_init.argtypes = (state, ctypes.c_int32, ctypes.c_int)
        library.opus_encoder_ctl.argtypes = (state, ctypes.c_int)  # and a variable argument
        library.opus_encode.argtypes = (state, ctypes.c_void_p, samples, ctypes.c_void_p, ctypes.c_int32)
        library.opus_decode.argtypes = (state, ctypes.c_void_p, ctypes.c_int32, ctypes.c_void_p, samples, ctypes.c_int)
        library.opus_packet_get_nb_samples.argtypes = (ctypes.c_void_p, size, ctypes.c_int32)
        self.encode = library.opus_encode
        self.decode = library.opus_decode
        self.packet_samples = library.opus_packet_get_nb_samples
        self._library = library

    def stream(self) -> OpusStream:
        """Memory for one encoder and one decoder, mono; `start` it before use."""
        return OpusStream(self)

    def start_encoder(self, state: ctypes.Array[ctypes.c_char], rate: int, settings: EncoderSettings) -> bool:
        """As new, with these settings."""
        if self._library.opus_encoder_init(state, rate, 1, _VOICE) != 0:
            return False
        for request, value in (
            (_SET_COMPLEXITY, _COMPLEXITY),
            (_SET_BITRATE, settings.bit_rate),
            (_SET_VBR, int(not settings.constant)),
            (_SET_INBAND_FEC, int(settings.redundancy)),
            (_SET_PACKET_LOSS_PERC, _EXPECTED_LOSS if settings.redundancy else 0),
        ):
            self._library.opus_encoder_ctl(state, request, ctypes.c_int(value))
        return True

    def start_decoder(self, state: ctypes.Array[ctypes.c_char], rate: int) -> bool:
        """As new; what is stereo in a packet comes out as mono."""
        return bool(self._library.opus_decoder_init(state, rate, 1) == 0)

    @property
    def encoder_size(self) -> int:
        """Bytes of an encoder."""
        return int(self._library.opus_encoder_get_size(1))

    @property
    def decoder_size(self) -> int:
        """Bytes of a decoder."""
        return int(self._library.opus_decoder_get_size(1))


class OpusStream:
    """An encoder and a decoder; they may be started again and again."""

    def __init__(self, library: OpusLibrary) -> None:
        self._library = library
        self._encoder = ctypes.create_string_buffer(library.encoder_size)
        self._decoder = ctypes.create_string_buffer(library.decoder_size)
        self.rate = 0

    def start(self, rate: int, settings: EncoderSettings) -> bool:
        """Forget everything; False when libopus does not take the rate."""
        self.rate = rate
        return self._library.start_encoder(self._encoder, rate, settings) and self._library.start_decoder(
            self._decoder, rate
        )

    def encode(self, pcm: int, samples: int, packet: int, room: int) -> int:
        """One packet from 16-bit PCM; addresses, bytes written, negative on an error."""
        return int(self._library.encode(self._encoder, pcm, samples, packet, room))

    def decode(self, packet: int | None, size: int, pcm: int, samples: int) -> int:
        """PCM of a packet, at most `samples`; of none, what may have been in the lost one. Samples, or negative."""
        return int(self._library.decode(self._decoder, packet, size, pcm, samples, 0))

    def duration(self, packet: int, size: int) -> int:
        """Samples in a packet, negative when it is none."""
        return int(self._library.packet_samples(packet, size, self.rate))


def _bundled() -> Path:
    """The library file; the package is not imported, as it would bind all of libopus by itself."""
    found = importlib.util.find_spec("opuslib_next")
    if found is None or not found.submodule_search_locations:
        raise OpusMissing("the package opuslib-next-bundled is not installed")
    name = "libopus.dylib" if sys.platform == "darwin" else "libopus.so"
    path = Path(next(iter(found.submodule_search_locations)), "_native", name)
    if not path.is_file():
        raise OpusMissing(f"{path} does not exist; opuslib-next-bundled has it there")
    return path
