"""One SIP dialog in a worker: PJSIP's callbacks turned into notices, in their documented order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from simulator.useragent.codecs import first_common, rtp_clock
from simulator.useragent.messages import (
    Answered,
    AnyCallNotice,
    AudioCodec,
    Described,
    Dialling,
    EarlyMedia,
    Ended,
    Headers,
    Held,
    Media,
    RelayPorts,
    Resumed,
    Ringing,
    Side,
    Transferred,
    TransferRequested,
)
from simulator.useragent.sdp import AudioSection, moved, narrow
from simulator.useragent.sip_text import SipMessage, is_on_this_machine, name_and_uri
from simulator.useragent.worker.audio import Audio
from simulator.useragent.worker.digits import DigitSender, HeardDigits
from simulator.useragent.worker.endpoint import Endpoint
from simulator.useragent.worker.info import InfoExchange
from simulator.useragent.worker.opus.rtcp import count_at_48_khz
from simulator.useragent.worker.pcm import PcmPorts
from simulator.useragent.worker.pjsip import PreparedAnswer, SdpText, dialog_of, pj, sdp_text
from simulator.useragent.worker.video import CallVideo

_DIRECTIONS = {0: "inactive", 1: "sendonly", 2: "recvonly", 3: "sendrecv"}


class CallOwner(Protocol):
    """What a call needs from its worker."""

    endpoint: Endpoint

    def emit(self, notice: AnyCallNotice) -> None: ...

    def log(self, level: str, text: str) -> None: ...

    def call_ended(self, call: SipCall, ended: Ended) -> None: ...

    def call_abandoned(self, call: SipCall) -> None: ...

    def replace(self, old: SipCall, invite: Invite, call_id: int) -> SipCall: ...

    refer_status: int

    def refer(self, old: SipCall) -> SipCall: ...

    def begin(self, call: SipCall) -> None: ...


@dataclass(frozen=True, slots=True)
class Invite:
    """A received INVITE, copied: PJSIP's own is gone after the callback."""

    message: SipMessage
    source: str

    @classmethod
    def of(cls, rdata: Any) -> Invite:
        """Copy it."""
        return cls(SipMessage.parse(rdata.wholeMsg), str(rdata.srcAddress))


class SipCall(pj.Call):  # type: ignore[misc]  # the SWIG module has no types
    """A call with its digits, its audio and what is known of its media."""

    def __init__(self, owner: CallOwner, account: Any, key: str, *, incoming: bool, call_id: int = -1) -> None:
        super().__init__(account, call_id)
        self.key = key
        self.account = account
        self.incoming = incoming
        self.codecs: tuple[AudioCodec, ...] = ()
        self.telephone_event = True
        self.relay: RelayPorts | None = None
        """What stands between this call and its peer, if anything does."""
        self.offer: str | None = None
        """The session description of the INVITE that came in."""
        self.sip_call_id = ""
        self.media: Media | None = None
        self.ended: Ended | None = None
        self.answered_at: float | None = None
        """When our 200 went out; None again once the ACK has come."""
        self.wants_early_media = False
        self.hanging_up = False
        self.on_reinvite: Callable[[int, str], None] | None = None
        """Told the final status of our own re-INVITE."""
        self.digits = DigitSender(self)
        self.heard = HeardDigits(self)
        self.info = InfoExchange(self)
        self.audio = Audio(self)
        self.video = CallVideo(self)
        self._owner = owner
        self._dialog = 0
        self._first_answer = ""
        self._prepared: PreparedAnswer | None = None
        self._descriptions: list[SdpText] = []
        self._replacement: Invite | None = None
        self.referred_by: SipCall | None = None
        """The call whose peer asked for this one; PJSIP makes it."""
        self._referral: SipCall | None = None
        self._keeping = False
        self._kept: deque[AnyCallNotice] = deque()
        self.confirmed = False
        self._early = False
        self._held_by: Side | None = None
        self._codecs_before: tuple[AudioCodec, ...] | None = None
        """Those of before a re-INVITE with others that is under way."""
        self._answer: SipMessage | None = None
        self.remote_sdp: AudioSection | None = None
        """The peer's latest offer or answer."""

    # --- for the parts of a call -----------------------------------------------------------------------------

    def release(self) -> None:
        """Free what PJSIP does not; it is done with the call and its transactions.

        The C++ part is left to the process's end: it keeps its slot number, and destroying it would hang up the
        call that has the slot by then.
        """
        self.this.disown()
        if self._prepared:
            self._prepared.release()
        for text in self._descriptions:
            text.release()

    def emit(self, notice: AnyCallNotice) -> None:
        """Send a notice, unless the call has ended."""
        if self.ended is None:
            self._kept.append(notice)
            if not self._keeping:
                self._send_kept()

    @contextmanager
    def keep_notices(self) -> Iterator[None]:
        """Send what is emitted inside only at the end: PJSIP calls back while it makes a call."""
        self._keeping = True
        try:
            yield
        finally:
            self._keeping = False
            self._send_kept()

    def abandon(self) -> None:
        """PJSIP could not make the call after all: nobody hears of it."""
        self.end(500, "Not Made", "local")
        self._kept.clear()
        self._owner.call_abandoned(self)

    def _send_kept(self) -> None:
        while self._kept:
            self._owner.emit(self._kept.popleft())

    def choose(self, codecs: tuple[AudioCodec, ...], *, telephone_event: bool, relay: RelayPorts | None = None) -> None:
        """Answer with the first of `codecs` that was offered; one of them was. A relay stands in from now on."""
        self.codecs = codecs
        self.telephone_event = telephone_event
        self.relay = relay
        common = first_common(codecs, self.remote_sdp.codecs) if self.remote_sdp else None
        if not self._first_answer or not (common or relay or self.video.port):
            return
        answer, offer = self._first_answer, self.offer
        if common:
            answer = narrow(answer, (common,), telephone_event=telephone_event, offered=self.remote_sdp)
        answer = self.video.described(answer, offer)
        self._prepared = PreparedAnswer(
            self._dialog,
            self._led_through_relay(answer),
            moved(offer, relay.host, relay.inside) if relay and offer else None,
        )
        if not self._prepared.in_place:
            text = f"{self.key}: this build of PJSIP keeps its SDP answer elsewhere; it chooses the codec itself"
            self._owner.log("warning", text)
        elif relay and offer:
            self.emit(Described(at=time.monotonic(), call=self.key, by="remote", sdp=offer))

    def described(self, sdp: str, changed: SdpText) -> None:
        """The peer has described its media, and PJSIP was given `changed` instead."""
        self._descriptions.append(changed)
        self.emit(Described(at=time.monotonic(), call=self.key, by="remote", sdp=sdp))

    def _led_through_relay(self, sdp: str) -> str:
        """Our own description as the peer gets it."""
        if self.relay is None:
            return sdp
        self.emit(Described(at=time.monotonic(), call=self.key, by="local", sdp=sdp))
        return moved(sdp, self.relay.host, self.relay.outside)

    @property
    def alive(self) -> bool:
        """Whether PJSIP still has the call; any use of it otherwise aborts the process."""
        return self.ended is None and bool(self.isActive())

    @property
    def pcm_ports(self) -> PcmPorts:
        """The worker's PCM ports."""
        return self._owner.endpoint.pcm_ports

    def audio_index(self) -> int | None:
        """Index of the running audio stream; None before there is media."""
        info = self.getInfo()
        for index in range(len(info.media)):
            media = info.media[index]
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status not in (0, 4):
                return index
        return None

    # --- PJSIP's callbacks -----------------------------------------------------------------------------------

    def onCallState(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        info = self.getInfo()
        message = _received(prm.e)
        if self.referred_by is not None and not self.sip_call_id:
            self._begin_referred(info, self.referred_by)
        if info.state == pj.PJSIP_INV_STATE_EARLY and not self.incoming:
            self._provisional(info, message)
        elif info.state == pj.PJSIP_INV_STATE_CONNECTING:
            self._connecting(message)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._confirm(message)
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._disconnected(info, prm.e, message)

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        if self.alive:
            self._media_changed()

    def onCallSdpCreated(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        if not self.codecs:
            self._first_answer = sdp_text(prm.sdp)
            return
        codecs, described = self.codecs, str(prm.remSdp.wholeSdp)
        remote = AudioSection.parse(described) if described else None
        if remote is not None:
            self.remote_sdp = remote
            common = first_common(codecs, remote.codecs)
            codecs = (common,) if common else codecs  # type: ignore[assignment]  # it is one of `codecs`
        own = narrow(sdp_text(prm.sdp), codecs, telephone_event=self.telephone_event, offered=remote)
        own = self.video.described(own, described or None)
        prm.sdp.wholeSdp = self._led_through_relay(own)

    def onCallRxReinvite(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        offer = AudioSection.parse(sdp_text(prm.offer))
        if self.codecs and offer and not first_common(self.codecs, offer.codecs):
            prm.statusCode = 488

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        event = prm.e
        if event.type != pj.PJSIP_EVENT_TSX_STATE:
            return
        change = event.body.tsxState
        if not self._dialog:
            self._dialog = dialog_of(change.tsx)
        if change.tsx.method == "INFO":
            self.info.transaction_changed(change)
        elif change.tsx.method == "REFER" and change.tsx.role == pj.PJSIP_ROLE_UAC:
            self._refer_answered(change.tsx)
        elif (
            change.tsx.method == "INVITE"
            and self.confirmed
            and change.tsx.role == pj.PJSIP_ROLE_UAC
            and change.tsx.statusCode >= 200
            and self.on_reinvite
        ):
            self._reinvite_answered(_received(event))
            self.on_reinvite(change.tsx.statusCode, change.tsx.statusText)

    def onStreamCreated(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        if str(self.getStreamInfo(prm.streamIdx).codecName).upper() == "OPUS":
            count_at_48_khz(int(prm.stream))

    def onDtmfEvent(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self.heard.event(prm)

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        """`onDtmfEvent` tells more."""

    def onCallTransferRequest(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        to = name_and_uri(prm.dstUri)[1]
        status = self._owner.refer_status
        if status == 202 and not is_on_this_machine(to):
            status = 403
        prm.statusCode = status
        self.emit(TransferRequested(at=time.monotonic(), call=self.key, to=to, status=status))
        if status == 202:
            prm.newCall = self._referral = self._owner.refer(self)

    def _refer_answered(self, transaction: Any) -> None:
        """PJSIP tells of refusals by itself, and of acceptance only with the first NOTIFY."""
        status = transaction.statusCode
        if transaction.state == pj.PJSIP_TSX_STATE_COMPLETED and 200 <= status < 300:
            reason = str(transaction.statusText)
            self.emit(Transferred(at=time.monotonic(), call=self.key, status=status, reason=reason, final=False))

    def _begin_referred(self, info: Any, by: SipCall) -> None:
        """PJSIP has sent the INVITE that a REFER asked for."""
        self.sip_call_id = str(info.callIdString)
        self._owner.begin(self)
        self.emit(
            Dialling(
                at=time.monotonic(),
                call=self.key,
                sip_call_id=self.sip_call_id,
                local_uri=name_and_uri(info.localUri)[1],
                remote_uri=name_and_uri(info.remoteUri)[1],
                referred_by=by.key,
            )
        )

    def onCallTransferStatus(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self.emit(
            Transferred(
                at=time.monotonic(),
                call=self.key,
                status=prm.statusCode,
                reason=prm.reason,
                final=bool(prm.finalNotify),
            )
        )

    def onCallReplaceRequest(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self._replacement = Invite.of(prm.rdata)

    def onCallReplaced(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        if self._replacement:
            prm.newCall = self._owner.replace(self, self._replacement, prm.newCallId)

    # --- states ----------------------------------------------------------------------------------------------

    def _provisional(self, info: Any, message: SipMessage | None) -> None:
        headers = message.headers if message else ()
        facts = {
            "at": time.monotonic(),
            "call": self.key,
            "status": info.lastStatusCode,
            "reason": info.lastReason,
            "headers": headers,
        }
        if message and message.sdp:
            self._heard(message.sdp)
            self._early = True
            self.emit(EarlyMedia(**facts))
            self._tell_media()
        else:
            self.emit(Ringing(**facts))

    def _connecting(self, message: SipMessage | None) -> None:
        if not self.incoming and message:
            self._answer = message
            if message.sdp:
                self._heard(message.sdp)

    def _confirm(self, message: SipMessage | None) -> None:
        self.answered_at = None
        if self.incoming and message and message.sdp:  # an ACK with the answer to our offer
            self._heard(message.sdp)
        headers = self._answer.headers if self._answer else ()
        reason = self._answer.status[1] if self._answer else "OK"
        self.confirmed = True
        self.emit(Answered(at=time.monotonic(), call=self.key, reason=reason, headers=headers))
        self._tell_media()

    def _disconnected(self, info: Any, event: Any, message: SipMessage | None) -> None:
        by = self._who_ended(event, info.lastStatusCode)
        headers: Headers = message.headers if message and by == "remote" else ()
        self.end(info.lastStatusCode, info.lastReason, by, headers)

    def _who_ended(self, event: Any, status: int) -> Side:
        if event.type != pj.PJSIP_EVENT_TSX_STATE:
            return "local"
        tsx = event.body.tsxState.tsx
        if tsx.method == "INVITE" and tsx.role == pj.PJSIP_ROLE_UAC:
            received = event.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG
            return "remote" if received and not (self.hanging_up and status == 487) else "local"
        if tsx.role == pj.PJSIP_ROLE_UAC or self.hanging_up:
            return "local"
        return "remote"

    def end(self, status: int, reason: str, by: Side, headers: Headers = ()) -> None:
        """Say that the call is over; nothing is said of it afterwards."""
        if self.ended is not None:
            return
        self.heard.finish()
        self.digits.stop("the call has ended")
        self.audio.close()
        ended = Ended(at=time.monotonic(), call=self.key, status=status, reason=reason, by=by, headers=headers)
        self.ended = ended
        self._answer, self._first_answer = None, ""
        if self.on_reinvite:
            self.on_reinvite(ended.status, ended.reason)
        self.info.finish(ended)
        self._owner.call_ended(self, ended)

    # --- media -----------------------------------------------------------------------------------------------

    def offer_instead(self, codecs: tuple[AudioCodec, ...]) -> None:
        """Offer other codecs in the next re-INVITE, until `offer_over`. Its media is told only then."""
        self._codecs_before, self.codecs = self.codecs, codecs

    def offer_over(self, taken: bool) -> None:
        """The re-INVITE was answered or not sent: what it offered stays, or is as before."""
        before, self._codecs_before = self._codecs_before, None
        if before is not None and not taken:
            self.codecs = before
        elif before is not None and self.alive:
            self._tell_media()

    def _reinvite_answered(self, message: SipMessage | None) -> None:
        if message and message.sdp:
            self._heard(message.sdp)
            self.video.tell()

    def _heard(self, sdp: str) -> None:
        """The peer has described its media."""
        self.remote_sdp = AudioSection.parse(sdp)
        self.video.heard(sdp)

    def _media_changed(self) -> None:
        info = self.getInfo()
        if len(info.media) == 0:
            return
        status = info.media[0].status
        held_by: Side | None = {2: "local", 3: "remote"}.get(status)  # type: ignore[assignment]
        index = self.audio_index()
        if index is not None:
            self.audio.attach(index)
        self._tell_media()
        if held_by != self._held_by and self.confirmed:
            before, self._held_by = self._held_by, held_by
            now = time.monotonic()
            if held_by is not None:
                self.emit(Held(at=now, call=self.key, by=held_by))
            elif before is not None:
                self.emit(Resumed(at=now, call=self.key, by=before))

    def _tell_media(self) -> None:
        """Emit `Media` when there is something new to say and what brought it has been told."""
        if self._codecs_before or not (self.confirmed or self._early or self.wants_early_media):
            return
        media = self._current_media()
        if media is None:
            return
        if self.media is None or media.model_copy(update={"at": self.media.at}) != self.media:
            self.media = media
            self.emit(media)
        self.video.tell()

    def _current_media(self) -> Media | None:
        if not self.alive:
            return None
        index = self.audio_index()
        if index is None:
            return None
        try:
            stream = self.getStreamInfo(index)
            transport = self.getMedTransportInfo(index)
        except pj.Error:
            return None
        info = self.getInfo()
        codec = str(stream.codecName).upper()
        clock = rtp_clock(codec, int(stream.codecClockRate))
        event = self.remote_sdp.telephone_event(clock) if self.remote_sdp and self.telephone_event else None
        return Media(
            at=time.monotonic(),
            call=self.key,
            codec=codec,
            clock_rate=clock,
            payload_type=int(stream.txPt),
            telephone_event=event.payload_type if event else None,
            direction=_DIRECTIONS[info.media[index].dir & 3],
            local_rtp=transport.localRtpName,
            remote_rtp=stream.remoteRtpAddress,
        )


def _received(event: Any) -> SipMessage | None:
    """The message that caused a state change, if one did."""
    if event.type == pj.PJSIP_EVENT_RX_MSG:
        text = event.body.rxMsg.rdata.wholeMsg
    elif event.type == pj.PJSIP_EVENT_TSX_STATE and event.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG:
        text = event.body.tsxState.src.rdata.wholeMsg
    else:
        return None
    return SipMessage.parse(text) if text else None
