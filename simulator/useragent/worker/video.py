"""The video of one call as far as the session descriptions go. Its packets are handled in the parent."""

from __future__ import annotations

import time

from simulator.public_host import PublicHost
from simulator.sdp.description import Description
from simulator.sdp.video import (
    answer_section,
    choose_video,
    in_offered_order,
    offer_section,
    video_index,
    with_offered_video,
    with_video,
)
from simulator.useragent.messages import VideoMedia
from simulator.useragent.worker.call_notices import CallNotices
from simulator.video.negotiated import VideoPort


class CallVideo:
    """Offers or answers video at `port`; without a `port` video is refused."""

    def __init__(self, notices: CallNotices, public: PublicHost) -> None:
        self.port: VideoPort | None = None
        self._notices = notices
        self._host = public.sip_host
        self._agreed: VideoMedia | None = None
        """What both sides have agreed on; None without video."""
        self._reported: VideoMedia | None = None

    @property
    def audio_sections(self) -> int:
        """Number of audio sections that PJSIP must put in an offer: a second one is replaced by video."""
        return 2 if self.port is not None else 1

    def offering(self, own: Description) -> Description:
        """Our offer with its video section."""
        port = self.port
        return own if port is None else with_offered_video(own, offer_section(self._host, port.rtp, port.codecs))

    def answering(self, own: Description, offer: Description) -> Description:
        """Our answer with its video section, if the offer has one with a common codec."""
        index, port = video_index(offer), self.port
        if port is None or index is None or index >= len(own.sections):
            return own
        offered = offer.sections[index]
        codecs = in_offered_order(offered, port.codecs) if port.offered_order else port.codecs
        section = answer_section(self._host, port.rtp, codecs, offered)
        return own if section is None else with_video(own, index, section)

    def agreed(self, local: Description, remote: Description) -> None:
        """Keep what both sides have agreed on; `report` reports it."""
        index = video_index(remote)
        section = remote.sections[index] if index is not None else None
        ours = local.sections[index] if index is not None and index < len(local.sections) else None
        described = [each.name for each in ours.formats] if ours is not None and ours.port else []
        chosen = choose_video(section, described) if section and self.port else None
        if chosen is None or section is None or section.address is None:
            stopped = {"direction": "inactive"}
            self._agreed = self._reported.model_copy(update=stopped) if self._reported else None
            return
        self._agreed = VideoMedia(
            at=time.monotonic(),
            call=self._notices.call,
            codec=chosen.name,
            payload_type=chosen.payload_type,
            direction=section.direction,
            remote_host=section.address.host,
            remote_rtp=section.address.rtp,
            remote_rtcp=section.address.rtcp,
        )

    def report(self) -> None:
        """Emit `VideoMedia` when it differs from the last one."""
        if self._agreed is None:
            return
        media = self._agreed.model_copy(update={"at": time.monotonic()})
        if self._reported is None or media.model_copy(update={"at": self._reported.at}) != self._reported:
            self._reported = media
            self._notices.emit(media)
