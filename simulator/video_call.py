"""A phone's call with video: what it has received, and the wait for more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.call_timeline import CallTimeline
from simulator.errors import ExpectationFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.video.negotiated import VideoCodec
from simulator.video.received_video import ReceivedVideo
from simulator.waiting import Changes

if TYPE_CHECKING:
    from simulator.video.phone_video import PhoneVideo


class VideoCall:
    """Base of `PhoneCall`: the video of the call."""

    phone: str
    _call: Call
    _timeline: CallTimeline
    _changes: Changes
    _video: PhoneVideo | None = None

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop on which the call's methods run."""
        raise NotImplementedError

    def _failure(self, expected: str, within: float, **facts: Any) -> ExpectationFailed:
        raise NotImplementedError

    @property
    def video_seen(self) -> ReceivedVideo | None:
        """Statistics of the received video: number and size of pictures, and the test cards; None without video."""
        return self._video.received if self._video else None

    @on_owner_loop
    async def expect_video(
        self, *, codec: VideoCodec | None = None, pictures: int = 5, within: float = 5
    ) -> ReceivedVideo:
        """Wait for `pictures` more pictures, in `codec` if given; return the statistics of all received video."""
        before = self._video.received.pictures if self._video else 0

        def outcome() -> ReceivedVideo | bool | None:
            seen = self.video_seen
            if seen is not None and codec not in (None, seen.codec):
                return False
            return seen if seen and seen.pictures >= before + pictures else (False if self._call.ended else None)

        seen = await self._changes.until(outcome, within=within)
        if isinstance(seen, ReceivedVideo):
            return seen
        expected = f"{self.phone} sees {pictures} pictures{f' in {codec}' if codec else ''}"
        raise self._failure(expected, within, nearest=str(self.video_seen or "no video was negotiated"))

    def _start_video(self, media: messages.VideoMedia) -> None:
        if self._video is None and self._call.video is not None:
            from simulator.video.phone_video import PhoneVideo  # noqa: PLC0415  # loads numpy

            self._video = PhoneVideo(self._call.video, self._changes.notify)
            self._timeline.record("shows its test card", at=media.at, codec=media.codec)
