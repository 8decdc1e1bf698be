"""The video of one call as far as the session descriptions go. Its packets are handled in the parent."""

from __future__ import annotations

import time

from simulator.useragent.messages import VideoMedia, VideoPort
from simulator.useragent.worker import video_sdp
from simulator.useragent.worker.call_notices import CallNotices


class CallVideo:
    """Offers or answers video at `port`; without a `port` video is refused."""

    def __init__(self, notices: CallNotices) -> None:
        self.port: VideoPort | None = None
        self._notices = notices
        self._remote: video_sdp.VideoSection | None = None
        """The video section of the peer's latest offer or answer; None when the peer refuses video."""
        self._reported: VideoMedia | None = None

    @property
    def audio_sections(self) -> int:
        """Number of audio sections that PJSIP must put in an offer: a second one is replaced by video."""
        return 2 if self.port is not None else 1

    def take_remote(self, sdp: str) -> None:
        """Keep what the peer has offered or answered."""
        if self.port is not None:
            self._remote = video_sdp.VideoSection.parse(sdp)

    def add_section(self, local: str, remote: str | None) -> str:
        """Return our SDP with its video section: an answer to the SDP `remote`, or an offer when that is None."""
        if self.port is None:
            return local
        if remote is None:
            return video_sdp.replace_section(local, video_sdp.offer_section(self.port))
        self.take_remote(remote)
        section = video_sdp.answer_section(self.port, self._remote) if self._remote else None
        return local if section is None else video_sdp.replace_section(local, section)

    def report(self) -> None:
        """Emit `VideoMedia` when it differs from the last one."""
        chosen = self._remote.choose(self.port.codecs) if self.port and self._remote else None
        if self._remote is None or chosen is None:
            return
        media = VideoMedia(
            at=time.monotonic(),
            call=self._notices.call,
            codec=chosen.codec,
            payload_type=chosen.payload_type,
            direction=self._remote.direction,
            remote_host=self._remote.host,
            remote_rtp=self._remote.rtp,
            remote_rtcp=self._remote.rtcp,
        )
        if self._reported is None or media.model_copy(update={"at": self._reported.at}) != self._reported:
            self._reported = media
            self._notices.emit(media)
