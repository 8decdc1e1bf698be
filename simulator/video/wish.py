"""What video a call should have."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.useragent.messages import VideoCodec


@dataclass(frozen=True, slots=True)
class VideoWish:
    """Codecs in order of preference; pictures are made smaller to fit `width` and `height`, never larger."""

    codecs: tuple[VideoCodec, ...] = ("H264", "VP8")
    width: int = 1280
    height: int = 720
    fps: int = 15
    """At most so many pictures a second are sent."""
    kbit_s: int = 900
