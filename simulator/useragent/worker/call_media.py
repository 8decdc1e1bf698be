"""What one call reports about its media: codec, addresses and direction, hold and resume."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

from simulator.sdp.description import Direction
from simulator.sdp.telephone_events import events_text, parse_events
from simulator.useragent.messages import Held, Media, Resumed, Side
from simulator.useragent.worker.audio import CallAudio
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.dialog import Dialog
from simulator.useragent.worker.negotiation import Negotiation
from simulator.useragent.worker.pjsip import pj
from simulator.useragent.worker.video import CallVideo

_DIRECTIONS: dict[int, Direction] = {
    0: "inactive", 1: "sendonly", 2: "recvonly", 3: "sendrecv",
}  # fmt: skip
"""By PJSIP's `pjmedia_dir`."""
_HELD_BY: dict[int, Side] = {2: "local", 3: "remote"}
"""By PJSIP's `pjsua_call_media_status`."""
_NOT_RUNNING = (0, 4)
"""`pjsua_call_media_status` of a stream that does not exist, or that failed."""


class MediaCall(Protocol):
    """What `CallMedia` uses of a `pj.Call`."""

    @property
    def alive(self) -> bool: ...

    def getInfo(self) -> Any: ...  # noqa: N802  # PJSUA2's name

    def getMedTransportInfo(self, index: int) -> Any: ...  # noqa: N802  # PJSUA2's name


@dataclass(frozen=True, slots=True)
class _RunningAudio:
    """The audio of a call in PJSIP's list of its media, from which media of other kinds are missing."""

    position: int
    """In that list."""
    section: int
    """In the session descriptions."""
    status: int
    direction: Direction


class CallMedia:
    """Connects the call's audio when a stream starts, and reports each change once."""

    def __init__(
        self,
        call: MediaCall,
        notices: CallNotices,
        dialog: Dialog,
        negotiation: Negotiation,
        audio: CallAudio,
        video: CallVideo,
    ) -> None:
        self.current: Media | None = None
        """The latest `Media` notice; None before there is media."""
        self._call = call
        self._notices = notices
        self._dialog = dialog
        self._negotiation = negotiation
        self._audio = audio
        self._video = video
        self._held_by: Side | None = None

    def audio_index(self) -> int | None:
        """Index of the section whose audio stream is running; None before there is one."""
        running = self._running_audio()
        return running.section if running else None

    def _running_audio(self) -> _RunningAudio | None:
        info = self._call.getInfo()  # in a variable: its media list is freed with it
        for position in range(len(info.media)):
            media = info.media[position]
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status not in _NOT_RUNNING:
                return _RunningAudio(position, int(media.index), int(media.status), _DIRECTIONS[media.dir & 3])
        return None

    def changed(self) -> None:
        """Handle PJSIP's `onCallMediaState`: an exchange of offer and answer is complete, its streams run."""
        self._negotiation.complete(self._own_address)
        running = self._running_audio()
        if running is not None and running.direction != "inactive":
            self._audio.connect(running.position, holding=_HELD_BY.get(running.status) == "local")
        else:
            self._audio.disconnect()
        self.report()
        held_by = _HELD_BY.get(running.status) if running is not None else self._held_by
        if held_by != self._held_by and self._dialog.confirmed:
            before, self._held_by = self._held_by, held_by
            if held_by is not None:
                self._notices.emit(Held(at=time.monotonic(), call=self._notices.call, by=held_by))
            elif before is not None:
                self._notices.emit(Resumed(at=time.monotonic(), call=self._notices.call, by=before))

    def report(self) -> None:
        """Emit `Media` and `VideoMedia` where they differ from the last ones.

        Nothing before the response that brought the media is reported, nor while other codecs are being offered.
        """
        if self._negotiation.reoffering or not self._dialog.may_report_media:
            return
        media = self._negotiated()
        if media is None:
            return
        if self.current is None or media.model_copy(update={"at": self.current.at}) != self.current:
            self.current = media
            self._notices.emit(media)
        self._video.report()

    def _negotiated(self) -> Media | None:
        agreement = self._negotiation.agreement
        if not self._call.alive or agreement is None or agreement.index is None or agreement.sent is None:
            return None
        running, own_address = self._running_audio(), self._own_address(agreement.index)
        if own_address is None or running is None or running.section != agreement.index:
            return None
        codec, event = agreement.sent.codec, agreement.sent.event
        return Media(
            at=time.monotonic(),
            call=self._notices.call,
            codec=codec.name,
            clock_rate=codec.clock_rate,
            payload_type=codec.payload_type,
            telephone_event=event.payload_type if event else None,
            answered=agreement.answered,
            listed_events=events_text(parse_events(event.fmtp)) if event else "",
            direction=running.direction,
            local_rtp="{}:{}".format(*own_address),
            remote_rtp=self._negotiation.sends_to(agreement.remote.sections[agreement.index]),
        )

    def _own_address(self, index: int) -> tuple[str, int] | None:
        """Where an audio section receives RTP; None when it has no sockets."""
        try:
            host, _, port = str(self._call.getMedTransportInfo(index).localRtpName).rpartition(":")
        except pj.Error:
            return None
        return host, int(port)
