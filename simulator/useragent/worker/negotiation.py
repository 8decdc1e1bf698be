"""The SDP negotiation of one call (RFC 3264): which codecs are offered or answered, and through which relay."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from simulator.useragent.codecs import first_common
from simulator.useragent.messages import AudioCodec, LogLevel, OriginalSdp, RelayPorts
from simulator.useragent.sdp import AudioSection, restrict_codecs, with_media_address
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.pjsip_sdp import PjSdp, PreparedAnswer, sdp_text
from simulator.useragent.worker.video import CallVideo


class Negotiation:
    """Writes a call's offers and answers, and keeps what the peer has described."""

    def __init__(self, notices: CallNotices, video: CallVideo, log: Callable[[LogLevel, str], None]) -> None:
        self.codecs: tuple[AudioCodec, ...] = ()
        """What this side accepts, in order of preference; empty until an incoming call is answered."""
        self.telephone_event = True
        self.relay: RelayPorts | None = None
        self.offer: str | None = None
        """The SDP of the INVITE that came in; None for outgoing calls and for an INVITE without SDP."""
        self.remote: AudioSection | None = None
        """The audio section of the peer's latest offer or answer."""
        self.dialog_address = 0
        """Address of PJSIP's dialog, known from the first transaction on."""
        self._notices = notices
        self._video = video
        self._log = log
        self._pjsip_answer = ""
        self._prepared: PreparedAnswer | None = None
        self._replacements: list[PjSdp] = []
        self._codecs_before_reoffer: tuple[AudioCodec, ...] | None = None

    def copy_preferences(self, other: Negotiation) -> None:
        """Accept what `other` accepts: for a call that replaces its call, or that its peer asked for."""
        self.codecs, self.telephone_event = other.codecs, other.telephone_event

    def take_offer(self, sdp: str | None) -> None:
        """Keep the offer of the INVITE that came in."""
        self.offer = sdp
        self.remote = AudioSection.parse(sdp) if sdp else None

    def take_remote(self, sdp: str) -> None:
        """Keep what the peer has offered or answered."""
        self.remote = AudioSection.parse(sdp)
        self._video.take_remote(sdp)

    def sdp_created(self, prm: Any) -> None:
        """Write this side's SDP into PJSIP's `onCallSdpCreated` parameter.

        PJSIP makes the answer to an INVITE before the application has chosen its codecs. That answer is kept for
        `prepare_answer`.
        """
        if not self.codecs:
            self._pjsip_answer = sdp_text(prm.sdp)
            return
        codecs, remote_sdp = self.codecs, str(prm.remSdp.wholeSdp)
        remote = AudioSection.parse(remote_sdp) if remote_sdp else None
        if remote is not None:
            self.remote = remote
            common = first_common(codecs, remote.codecs)
            codecs = (common,) if common else codecs  # type: ignore[assignment]  # it is one of `codecs`
        local = restrict_codecs(sdp_text(prm.sdp), codecs, telephone_event=self.telephone_event, offered=remote)
        local = self._video.add_section(local, remote_sdp or None)
        prm.sdp.wholeSdp = self._through_relay(local)

    def prepare_answer(
        self, codecs: tuple[AudioCodec, ...], *, telephone_event: bool, relay: RelayPorts | None = None
    ) -> None:
        """Replace the answer that PJSIP has made: by the first of `codecs` that was offered, at the address of `relay`.

        One of `codecs` was offered, or the INVITE had no offer.
        """
        self.codecs = codecs
        self.telephone_event = telephone_event
        self.relay = relay
        common = first_common(codecs, self.remote.codecs) if self.remote else None
        if not self._pjsip_answer or not (common or relay or self._video.port):
            return
        answer, offer = self._pjsip_answer, self.offer
        if common:
            answer = restrict_codecs(answer, (common,), telephone_event=telephone_event, offered=self.remote)
        answer = self._video.add_section(answer, offer)
        self._prepared = PreparedAnswer(
            self.dialog_address,
            self._through_relay(answer),
            with_media_address(offer, relay.host, relay.inside) if relay and offer else None,
        )
        if not self._prepared.in_place:
            call = self._notices.call
            self._log(
                "warning", f"{call}: this build of PJSIP keeps its SDP answer elsewhere; it chooses the codec itself"
            )
        elif relay and offer:
            self._emit_original("remote", offer)

    def accepts(self, offer_sdp: str) -> bool:
        """Whether a re-INVITE with this offer has a codec in common with this side."""
        offer = AudioSection.parse(offer_sdp)
        return not self.codecs or offer is None or first_common(self.codecs, offer.codecs) is not None

    def remote_sdp_replaced(self, original: str, replacement: PjSdp) -> None:
        """Report the peer's `original`, and keep the memory of the `replacement` that PJSIP was given for it."""
        self._replacements.append(replacement)
        self._emit_original("remote", original)

    @property
    def reoffering(self) -> bool:
        """Whether a re-INVITE with other codecs is under way."""
        return self._codecs_before_reoffer is not None

    def begin_reoffer(self, codecs: tuple[AudioCodec, ...]) -> None:
        """Offer other codecs in the next re-INVITE, until `end_reoffer`."""
        self._codecs_before_reoffer, self.codecs = self.codecs, codecs

    def end_reoffer(self, *, accepted: bool) -> bool:
        """Keep the offered codecs when they were accepted, else restore the previous ones.

        True when codecs were offered and accepted.
        """
        before, self._codecs_before_reoffer = self._codecs_before_reoffer, None
        if before is not None and not accepted:
            self.codecs = before
        return before is not None and accepted

    def end(self) -> None:
        """Drop PJSIP's answer: the call has ended."""
        self._pjsip_answer = ""

    def release(self) -> None:
        """Free the memory of all SDP that PJSIP was given; it has finished with the call and its transactions."""
        if self._prepared:
            self._prepared.release()
        for replacement in self._replacements:
            replacement.release()

    def _through_relay(self, sdp: str) -> str:
        """Return this side's SDP as the peer gets it."""
        if self.relay is None:
            return sdp
        self._emit_original("local", sdp)
        return with_media_address(sdp, self.relay.host, self.relay.outside)

    def _emit_original(self, by: Literal["local", "remote"], sdp: str) -> None:
        self._notices.emit(OriginalSdp(at=time.monotonic(), call=self._notices.call, by=by, sdp=sdp))
