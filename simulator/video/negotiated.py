"""What session descriptions say about the video of a call: its codec, where it is received, and where it is sent."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from simulator.sdp.description import Direction

VideoCodec = Literal["H264", "VP8"]
"""Encoding names (RFC 6184, RFC 7741)."""


class VideoPort(BaseModel):
    """Where a call receives its video. RTCP uses the port after `rtp`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    rtp: int
    codecs: tuple[VideoCodec, ...]
    """In order of preference."""
    offered_order: bool = False
    """Whether the order of the peer's offer decides which of `codecs` is answered (RFC 3264 §6.1), not their own."""


class NegotiatedVideo(BaseModel):
    """The video that both sides have agreed on (RFC 3264)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    codec: VideoCodec
    payload_type: int
    direction: Direction
    """The direction in the peer's SDP."""
    remote_host: str
    remote_rtp: int
    remote_rtcp: int
