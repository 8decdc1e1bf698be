"""The video of one call in a worker: only what the session descriptions say. Packets are the parent's business."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from simulator.useragent.messages import VideoMedia, VideoPort
from simulator.useragent.worker import video_sdp

if TYPE_CHECKING:
    from simulator.useragent.worker.call import SipCall


class CallVideo:
    """Without a `port` the call has no video, and refuses it."""

    def __init__(self, call: SipCall) -> None:
        self.port: VideoPort | None = None
        self._call = call
        self._peer: video_sdp.VideoSection | None = None
        """What the peer said last; None when it refuses video."""
        self._told: VideoMedia | None = None

    @property
    def sections(self) -> int:
        """Audio sections that PJSIP must make for an offer: one gives its place to video."""
        return 2 if self.port is not None else 1

    def heard(self, sdp: str) -> None:
        """The peer has offered or answered."""
        if self.port is not None:
            self._peer = video_sdp.VideoSection.parse(sdp)

    def described(self, own: str, remote: str | None) -> str:
        """Our own description with its video: the answer to `remote`, or an offer."""
        if self.port is None:
            return own
        if remote is None:
            return video_sdp.with_section(own, video_sdp.offered(self.port))
        self.heard(remote)
        answer = video_sdp.answered(self.port, self._peer) if self._peer else None
        return own if answer is None else video_sdp.with_section(own, answer[0])

    def tell(self) -> None:
        """Emit `VideoMedia` when there is something new to say."""
        chosen = self._peer.choose(self.port.codecs) if self.port and self._peer else None
        if self._peer is None or chosen is None:
            return
        told = VideoMedia(
            at=time.monotonic(),
            call=self._call.key,
            codec=chosen.codec,
            payload_type=chosen.payload_type,
            direction=self._peer.direction,
            remote_host=self._peer.host,
            remote_rtp=self._peer.rtp,
            remote_rtcp=self._peer.rtcp,
        )
        if self._told is None or told.model_copy(update={"at": self._told.at}) != self._told:
            self._told = told
            self._call.emit(told)
