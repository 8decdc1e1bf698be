"""Encodes the pictures of one call, at the bit rate and the frame rate that are asked for, to RTP payloads.

aiortc's encoders believe in 30 pictures a second and keep the bit rate above 250 kbit/s (VP8) or 500 kbit/s (H264), so
only their packetization is used.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from av import CodecContext, VideoFrame
from av.video.frame import PictureType

from simulator.video.negotiated import VideoCodec

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext

_KEY_FRAMES_BY_ITSELF = 3000
"""Pictures after which a key frame comes without a request."""
_VP8_OPTIONS = {
    "cpu-used": "-6",
    "deadline": "realtime",
    "lag-in-frames": "0",
    "overshoot-pct": "15",
    "static-thresh": "1",
    "undershoot-pct": "100",
}
_H264_OPTIONS = {"level": "31", "preset": "ultrafast", "tune": "zerolatency"}


class PictureEncoder:
    """The encoder of pictures of one size. Make another one when the size changes."""

    def __init__(self, codec: VideoCodec, *, width: int, height: int, fps: int, kbit_s: int) -> None:
        """Prepare for even `width` and `height` in pixels, `fps` pictures a second and `kbit_s` kbit/s."""
        self.size = width, height
        self._number = 0
        self._packetizer = H264Encoder() if codec == "H264" else Vp8Encoder()
        self._context = _context(codec, kbit_s * 1000)
        self._context.width, self._context.height = self.size
        self._context.framerate = Fraction(fps)
        self._context.time_base = Fraction(1, fps)

    def encode(self, picture: VideoFrame, *, key_frame: bool) -> list[bytes]:
        """Encode the next picture, in the format yuv420p and of this size, to the payloads of its RTP packets."""
        picture.pts, picture.time_base = self._number, self._context.time_base
        picture.pict_type = PictureType.I if key_frame else PictureType.NONE
        self._number += 1
        return [payload for packet in self._context.encode(picture) for payload in self._packetizer.pack(packet)[0]]


def _context(codec: VideoCodec, bit_s: int) -> VideoCodecContext:
    """The encoder with a bit rate of `bit_s`, in bits per second, that it keeps from the first seconds on.

    With a maximum of twice `bit_s`, x264 keeps to `bit_s` on average; with a maximum of `bit_s` it stays far below it
    in large pictures. libvpx has a constant rate when minimum, target and maximum are the same.
    """
    if codec == "H264":
        context: VideoCodecContext = CodecContext.create("libx264", "w")
        context.profile = "Baseline"
        context.options = {**_H264_OPTIONS, "maxrate": str(2 * bit_s), "bufsize": str(2 * bit_s)}
    else:
        context = CodecContext.create("libvpx", "w")
        context.qmin, context.qmax = 2, 63
        context.options = {**_VP8_OPTIONS, "minrate": str(bit_s), "maxrate": str(bit_s), "bufsize": str(bit_s)}
    context.bit_rate = bit_s
    context.pix_fmt = "yuv420p"
    context.gop_size = _KEY_FRAMES_BY_ITSELF
    context.thread_count = 1
    return context
