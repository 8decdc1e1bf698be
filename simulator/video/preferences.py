"""Preferences for the video of a call."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.video.negotiated import VideoCodec


@dataclass(frozen=True, slots=True)
class VideoPreferences:
    """Codecs in order of preference, and limits for the pictures sent."""

    codecs: tuple[VideoCodec, ...] = ("H264", "VP8")
    width: int = 1280
    """Larger pictures are scaled down to fit `width` and `height` pixels; smaller ones are not changed."""
    height: int = 720
    fps: int = 15
    """Maximum number of pictures sent per second."""
    kbit_s: int = 900
    """Target bit rate of the encoder."""
    offered_order: bool = False
    """Whether the order of the peer's offer decides which codec is answered, and not that of `codecs`."""
