"""What all WebRTC connections of the server have in common, whoever makes the offer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.jitterbuffer import JitterBuffer
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from fake_daily_server.media.audio_frame import SAMPLE_RATE

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame

CONNECT_TIMEOUT_S = 10.0
HINT = "a browser on a machine without a network needs --allow-loopback-in-peer-connection"
"""What to do when no path is found."""
UNUSABLE_SDP = (InvalidAccessError, InvalidStateError, OperationError, ValueError, LookupError, AssertionError)
"""What aiortc raises for a session description that it cannot use."""

_JITTER_BUFFER = "_RTCRtpReceiver__jitter_buffer"


def new_peer_connection() -> RTCPeerConnection:
    """A peer connection without STUN servers, with all media on one transport."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


def use_opus(transceiver: RTCRtpTransceiver) -> None:
    """Let an audio section use Opus only."""
    codecs = RTCRtpSender.getCapabilities("audio").codecs
    transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType == "audio/opus"])


def take_packets_at_once(transceiver: RTCRtpTransceiver) -> None:
    """Let an audio section that has received nothing yet decode each packet when the next one comes.

    aiortc waits for four packets, 80 ms, so that it can put them in order, which loopback keeps. It has no option for
    that; a version of it that keeps its buffer elsewhere only delays the sound as before.
    """
    if hasattr(transceiver.receiver, _JITTER_BUFFER):
        setattr(transceiver.receiver, _JITTER_BUFFER, JitterBuffer(capacity=16))


async def samples_of(track: MediaStreamTrack) -> AsyncIterator[Frame]:
    """Yield the samples of a received audio track, 16 kHz mono, until the track ends."""
    resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    try:
        while True:
            received = await track.recv()
            if isinstance(received, AudioFrame):
                for frame in resampler.resample(received):
                    yield frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)
    except MediaStreamError:
        return
