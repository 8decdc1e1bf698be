"""libopus from the package `opuslib-next-bundled`: one encoder and one decoder per stream.

Its functions are called with Python's lock held: a 20 ms frame takes some 70 us to encode and 10 us to decode, which
is less than releasing the lock and getting it back can cost.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from pathlib import Path

from simulator.useragent.worker.opus.fmtp import EncoderSettings

RATES = (8000, 12000, 16000, 24000, 48000)
"""Sampling rates in Hz of libopus's input and output."""
MAX_PACKET_BYTES = 1275
"""Length of the longest packet with one frame (RFC 6716 §3.4)."""

_VOICE = 2048
_SET_BITRATE, _SET_VBR, _SET_COMPLEXITY, _SET_INBAND_FEC, _SET_PACKET_LOSS_PERC = 4002, 4006, 4010, 4012, 4014
_COMPLEXITY = 5
"""Of 10; 9 costs half as much again, and the difference cannot be heard at these bit rates."""
_EXPECTED_LOSS = 10
"""Percent; the encoder spends bits on redundancy only when it expects loss."""


class OpusUnavailable(Exception):
    """libopus cannot be loaded; the message says why."""


class OpusLibrary:
    """The loaded library; raises OpusUnavailable when it cannot be loaded."""

    def __init__(self) -> None:
        self._path = _library_path()
        try:
            library = ctypes.PyDLL(str(self._path))
        except OSError as error:
            raise OpusUnavailable(str(error)) from None
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
        """Allocate one mono encoder and decoder; `start` them before use."""
        return OpusStream(self)

    def start_encoder(self, state: ctypes.Array[ctypes.c_char], rate: int, settings: EncoderSettings) -> bool:
        """Initialise an encoder with these settings; False when libopus refuses the rate."""
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
        """Initialise a decoder, which mixes stereo packets down to mono; False when libopus refuses the rate."""
        return bool(self._library.opus_decoder_init(state, rate, 1) == 0)

    @property
    def encoder_size(self) -> int:
        """Size of an encoder's state in bytes."""
        return int(self._library.opus_encoder_get_size(1))

    @property
    def decoder_size(self) -> int:
        """Size of a decoder's state in bytes."""
        return int(self._library.opus_decoder_get_size(1))


class OpusStream:
    """The encoder and decoder of one stream, which can be started any number of times.

    Arguments are addresses and sizes; a negative result is an error of libopus.
    """

    def __init__(self, library: OpusLibrary) -> None:
        self._library = library
        self._encoder = ctypes.create_string_buffer(library.encoder_size)
        self._decoder = ctypes.create_string_buffer(library.decoder_size)
        self.rate = 0

    def start(self, rate: int, settings: EncoderSettings) -> bool:
        """Initialise both for PCM at `rate` Hz; False when libopus refuses the rate."""
        self.rate = rate
        return self._library.start_encoder(self._encoder, rate, settings) and self._library.start_decoder(
            self._decoder, rate
        )

    def encode(self, pcm: int, samples: int, packet: int, room: int) -> int:
        """Encode 16-bit PCM to one packet of at most `room` bytes; returns the bytes written."""
        return int(self._library.encode(self._encoder, pcm, samples, packet, room))

    def decode(self, packet: int | None, size: int, pcm: int, samples: int) -> int:
        """Decode a packet to at most `samples` of PCM, or conceal a lost one when it is None; returns the samples."""
        return int(self._library.decode(self._decoder, packet, size, pcm, samples, 0))

    def duration(self, packet: int, size: int) -> int:
        """Number of samples in a packet."""
        return int(self._library.packet_samples(packet, size, self.rate))


def _library_path() -> Path:
    """Find the libopus file of the package opuslib_next, without an import of it, which would bind all of libopus."""
    found = importlib.util.find_spec("opuslib_next")
    if found is None or not found.submodule_search_locations:
        raise OpusUnavailable("the package opuslib-next-bundled is not installed")
    name = "libopus.dylib" if sys.platform == "darwin" else "libopus.so"
    path = Path(next(iter(found.submodule_search_locations)), "_native", name)
    if not path.is_file():
        raise OpusUnavailable(f"{path} does not exist; opuslib-next-bundled should have installed it")
    return path
