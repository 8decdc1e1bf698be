"""One SIP call in a worker: PJSIP's callbacks, handed on to the parts of the call that handle them.

PJSIP calls back on the worker's own thread, inside `Endpoint.poll` or inside a call's method. An exception that
leaves a callback is printed and otherwise lost.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Protocol

from simulator.useragent.messages import (
    AnyCallNotice,
    Dialling,
    Ended,
    Headers,
    Incoming,
    LogLevel,
    Side,
    TargetChanged,
    Trying,
    WorkerSettings,
)
from simulator.useragent.sip_text import SipMessage, parse_name_addr
from simulator.useragent.worker.audio import CallAudio
from simulator.useragent.worker.call_media import CallMedia
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.call_params import call_params
from simulator.useragent.worker.dialog import Dialog
from simulator.useragent.worker.digit_receiver import DigitReceiver
from simulator.useragent.worker.endpoint import Endpoint
from simulator.useragent.worker.info import InfoExchange
from simulator.useragent.worker.io_queue_load import MOVE_LIMIT
from simulator.useragent.worker.negotiation import Negotiation
from simulator.useragent.worker.negotiator import Negotiator
from simulator.useragent.worker.opus.rtcp import use_48_khz_clock
from simulator.useragent.worker.own_requests import Lost, OwnRequests, had_final_response, unanswered
from simulator.useragent.worker.pjsip import dialog_of_call, pj, udp_transport
from simulator.useragent.worker.received import ReceivedInvite, received_message, status_of
from simulator.useragent.worker.screened_call import ScreenedCall
from simulator.useragent.worker.silent_peer import SilentPeer
from simulator.useragent.worker.transfers import Transfers
from simulator.useragent.worker.video import CallVideo

_NOT_SENT = (502, 503)
"""Status with which PJSIP ends a call whose request could not be sent."""


class CallOwner(Protocol):
    """What a call needs of its worker."""

    endpoint: Endpoint
    settings: WorkerSettings
    refer_status: int

    def emit(self, notice: AnyCallNotice) -> None: ...

    def log(self, level: LogLevel, text: str) -> None: ...

    def call_began(self, call: SipCall) -> None: ...

    def call_ended(self, call: SipCall, ended: Ended) -> None: ...

    def call_abandoned(self, call: SipCall) -> None: ...

    def make_referred_call(self, referrer: SipCall) -> SipCall: ...


class SipCall(pj.Call):  # type: ignore[misc]  # the SWIG module has no types
    """A call and its parts.

    Made with a `call_id` of PJSIP's for incoming calls, without one for a call to be dialled. Test `alive` before
    any PJSIP method: on an ended call it aborts the process.
    """

    def __init__(self, owner: CallOwner, account: Any, key: str, *, incoming: bool, call_id: int = -1) -> None:
        super().__init__(account, call_id)
        self.key = key
        self.account = account
        self.incoming = incoming
        self.referred_by: SipCall | None = None
        """The call whose peer asked for this one with a REFER."""
        self._owner = owner
        self._referred: SipCall | None = None
        """The call that PJSIP makes for the peer's REFER; PJSIP holds no reference to it."""
        self._slot = call_id
        """The id that PJSIP gave this call."""
        self.notices = CallNotices(key, owner.emit)
        self.dialog = Dialog(self.notices, incoming=incoming)
        self.video = CallVideo(self.notices, owner.endpoint.public)
        self.negotiation = Negotiation(
            self.notices,
            self.video,
            owner.log,
            owner.endpoint.codecs,
            negotiator=lambda: Negotiator.of(self._dialog_address()),
            has_room=lambda: owner.endpoint.rtp_load.is_below(MOVE_LIMIT),
        )
        self.audio = CallAudio(self, owner.endpoint.pcm_ports)
        self.media = CallMedia(self, self.notices, self.dialog, self.negotiation, self.audio, self.video)
        self.info = InfoExchange(self, self.notices)
        self._received_digits = DigitReceiver(self.notices)
        self.transfers = Transfers(self.notices, owner.endpoint.gates)
        self.screened = ScreenedCall(self.dialog, self.transfers)
        self._own_requests = OwnRequests(owner.settings.timers)
        self._silent_peer = SilentPeer(owner.settings.rtp_timeout_s)

    @property
    def alive(self) -> bool:
        """Whether PJSIP still has the call."""
        return self.dialog.ended is None and bool(self.isActive())

    # --- beginning and end -----------------------------------------------------------------------------------

    def take_invite(self, invite: ReceivedInvite) -> Incoming:
        """Keep the offer of a new INVITE, and return the notice for the parent."""
        message = invite.message
        self.negotiation.take_invite(self._owner.endpoint.public.inside(message.media_body))
        self.dialog.sip_call_id = message.header("Call-ID") or ""
        offer = self.negotiation.offer
        from_name, from_uri = parse_name_addr(message.header("From") or "")
        return Incoming(
            at=time.monotonic(),
            call=self.key,
            sip_call_id=self.dialog.sip_call_id,
            request_uri=message.request_uri,
            from_uri=from_uri,
            from_name=from_name,
            to_uri=parse_name_addr(message.header("To") or "")[1],
            headers=message.headers,
            sdp=message.sdp,
            codecs=offer.codecs if offer else (),
            telephone_event=bool(offer and offer.has_telephone_event),
            refusal=offer.refusal.explanation if offer and offer.refusal else "",
            source=invite.source,
        )

    def dial(self, uri: str, prm: Any, *, local_uri: str) -> Dialling:
        """Send the INVITE, and return the notice that comes before all others of the call.

        PJSIP calls back meanwhile, so use it inside `notices.deferred()`. Raises pj.Error when PJSIP cannot make the
        call; nothing is reported of it then.
        """
        try:
            self.makeCall(f"<{uri}>", prm)
            self.dialog.sip_call_id = str(self.getInfo().callIdString) if self.alive else ""
        except pj.Error:
            self._abandon()
            raise
        return Dialling(
            at=time.monotonic(),
            call=self.key,
            sip_call_id=self.dialog.sip_call_id,
            local_uri=local_uri,
            remote_uri=uri,
        )

    def terminate(self, headers: Headers = ()) -> None:
        """End the call with what its state calls for: CANCEL, BYE, or 603. Does nothing on an ended call."""
        if self.alive:
            declines = self.incoming and not self.dialog.answered
            self._hang_up(call_params(603 if declines else 0, headers=headers))

    def give_up(self, lost: Lost) -> None:
        """Hang up because the peer has not answered a request, or does not know the dialog any more.

        The call ends with the status and the reason of `lost`. Does nothing on an ended call.
        """
        if self.alive and not self.dialog.hanging_up:
            self.dialog.lost = lost
            self._hang_up(call_params(lost.status))

    def check_media(self, now: float) -> None:
        """Keep RTP of strangers out, and hang up if the peer sends neither RTP nor RTCP any more.

        To be called a few times a second; `now` is in seconds.
        """
        if self.alive:
            self.media.keep_strangers_out(now)
        if self.alive and self._silent_peer.is_gone(self.media.received(), now):
            limit = self._owner.settings.rtp_timeout_s
            self.give_up(Lost(408, f"Request Timeout: no RTP or RTCP came from the peer for {limit:g} s (rtp_timeout)"))

    def release(self) -> None:
        """Free what PJSIP does not free; it has finished with the call and its transactions.

        The C++ object is left alone until the process ends: it keeps its slot number, so that destroying it would
        hang up the call that has the slot by then.
        """
        self.this.disown()
        self.negotiation.release()

    def _end_without_media(self) -> None:
        """Hang up: our 200 had an offer, and the ACK no answer that can be used (RFC 3261 §13.2.2.4)."""
        if self.alive:
            self._hang_up(call_params())

    def _hang_up(self, prm: Any) -> None:
        """Send the CANCEL, the BYE or the refusal: one, however often this side ends the call."""
        if self.dialog.hanging_up:
            return
        self.dialog.hanging_up = True
        try:
            self.hangup(prm)
        except pj.Error:
            self.dialog.hanging_up = False
            raise

    def _abandon(self) -> None:
        self._end(500, "Not Made", "local")
        self.notices.discard()
        self._owner.call_abandoned(self)

    def _end(self, status: int, reason: str, by: Side, headers: Headers = ()) -> None:
        if self.dialog.ended is not None:
            return
        self._received_digits.finish()
        self.audio.close()
        self.negotiation.end()
        ended = self.dialog.end(status, reason, by, headers)
        self.info.finish(ended)
        self._owner.call_ended(self, ended)

    # --- re-INVITEs of ours ----------------------------------------------------------------------------------

    def end_reoffer(self, *, accepted: bool) -> None:
        """Our re-INVITE was answered, or could not be sent: keep its codecs and report the media, or restore them."""
        if self.negotiation.end_reoffer(accepted=accepted) and self.alive:
            self.media.report()

    def _dialog_address(self) -> int:
        return dialog_of_call(self._slot) if self.dialog.ended is None else 0

    def _reinvite_answered(self, tsx: Any, message: SipMessage | None) -> None:
        if self.dialog.on_reinvite_response is None:
            return
        status, reason = status_of(tsx, message)
        if message and status < 300 and self.negotiation.unusable_answer:
            status, reason = 488, f"Not Acceptable Here: {self.negotiation.unusable_answer}"
        self.dialog.on_reinvite_response(status, reason)

    # --- PJSIP's callbacks: the dialog -----------------------------------------------------------------------

    def onCallState(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        info = self.getInfo()
        message = received_message(prm.e)
        if self.referred_by is not None and not self.dialog.sip_call_id:
            self._referred_invite_sent(info, self.referred_by)
        if info.state == pj.PJSIP_INV_STATE_EARLY and not self.incoming:
            self._provisional(info, message)
        elif info.state == pj.PJSIP_INV_STATE_CONNECTING:
            self._connecting(message)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._confirmed(message)
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._disconnected(prm.e, info, message)

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        event = prm.e
        if event.type != pj.PJSIP_EVENT_TSX_STATE or had_final_response(event.body.tsxState):
            return
        change = event.body.tsxState
        tsx = change.tsx
        is_ours = tsx.role == pj.PJSIP_ROLE_UAC
        if tsx.method == "INFO":
            self.info.transaction_changed(change, received_message(event))
        elif tsx.method == "REFER" and is_ours:
            self.transfers.refer_answered(tsx, received_message(event))
        elif tsx.method == "NOTIFY" and not is_ours and tsx.state == pj.PJSIP_TSX_STATE_TRYING:
            self.transfers.notified(received_message(event))
        elif tsx.method == "INVITE" and is_ours and self.dialog.confirmed and tsx.statusCode >= 200:
            self._reinvite_answered(tsx, received_message(event))
        elif tsx.method == "INVITE" and is_ours and tsx.statusCode == 100:
            self._trying(received_message(event))
        elif tsx.method in ("INVITE", "UPDATE") and not is_ours and tsx.state == pj.PJSIP_TSX_STATE_TRYING:
            self._target_refreshed(received_message(event))
        if is_ours and (self.dialog.confirmed or tsx.method != "INVITE"):
            self._own_request_changed(tsx, received_message(event))

    def _own_request_changed(self, tsx: Any, message: SipMessage | None) -> None:
        lost = self._own_requests.changed(tsx, message)
        if lost is not None:
            self.give_up(lost)

    def _trying(self, message: SipMessage | None) -> None:
        if message:
            self.notices.emit(Trying(at=time.monotonic(), call=self.key, headers=message.headers))

    def _target_refreshed(self, message: SipMessage | None) -> None:
        contact = message.header("Contact") if message else None
        if contact and self.dialog.confirmed:
            uri = parse_name_addr(contact)[1]
            self.notices.emit(TargetChanged(at=time.monotonic(), call=self.key, uri=uri))

    def _disconnected(self, event: Any, info: Any, message: SipMessage | None) -> None:
        by = self.dialog.who_ended(event, info.lastStatusCode)
        status, reason = info.lastStatusCode, self._reason_of_end(info)
        if self.dialog.lost is not None:
            status, reason = self.dialog.lost.status, self.dialog.lost.reason
        elif by == "local" and not self.dialog.confirmed and self.negotiation.unusable_answer:
            status, reason = 488, "Not Acceptable Here"
        elif status == 408 and message is None and not self.incoming:
            reason = unanswered("INVITE", time.monotonic() - self.dialog.began_at, self._owner.settings.timers)
        self._end(status, reason, by, message.headers if message and by == "remote" else ())

    def _reason_of_end(self, info: Any) -> str:
        """The reason phrase; or what could not be sent, when that has ended the call."""
        unsent = info.lastStatusCode in _NOT_SENT and self._owner.endpoint.gates.messages.refusal_of(
            str(info.callIdString)
        )
        return unsent or str(info.lastReason)

    def _provisional(self, info: Any, message: SipMessage | None) -> None:
        self.dialog.provisional(info, message, early_media=self.negotiation.has_answer)
        self.media.report()

    def _connecting(self, message: SipMessage | None) -> None:
        if not self.incoming and message:
            self.dialog.connecting(message)

    def _confirmed(self, message: SipMessage | None) -> None:
        self.dialog.ack_awaited_since = None
        if self.negotiation.agreement is None:
            asyncio.get_running_loop().call_soon(self._end_without_media)
            return
        self.dialog.confirm(message)
        self.media.report()

    # --- PJSIP's callbacks: media and digits -----------------------------------------------------------------

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        if self.alive:
            self.media.changed()

    def onCreateMediaTransport(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self._owner.endpoint.rtp_load.opened(udp_transport(prm.mediaTp))

    def onCallSdpCreated(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        if self._slot < 0:
            self._slot = int(self.getId())
        self.negotiation.sdp_created(prm)

    def onCallRxOffer(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        """A re-INVITE or UPDATE offers other media; PJSIP answers 488 whatever the refusal is."""
        if self.negotiation.refusal_of_reoffer() is not None:
            prm.statusCode = 488

    def onStreamCreated(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        if str(self.getStreamInfo(prm.streamIdx).codecName).upper() == "OPUS":
            use_48_khz_clock(int(prm.stream))

    def onDtmfEvent(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self._received_digits.event(prm)

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        """Ignored: `onDtmfEvent` reports the same digit, with its duration."""

    # --- PJSIP's callbacks: transfers ------------------------------------------------------------------------

    def onCallTransferRequest(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        if self.transfers.requested(prm, self._owner.refer_status):
            prm.newCall = self._referred = self._owner.make_referred_call(self)

    def onCallRedirected(self, prm: Any) -> int:  # noqa: N802  # PJSUA2's name
        """A 3xx is not followed: the call ends with it (RFC 3261 §8.1.3.4). By default it would end with 487."""
        return int(pj.PJSIP_REDIRECT_REJECT)

    def _referred_invite_sent(self, info: Any, referrer: SipCall) -> None:
        """PJSIP has sent the INVITE that a REFER asked for."""
        self.dialog.sip_call_id = str(info.callIdString)
        self._owner.call_began(self)
        self.notices.emit(
            Dialling(
                at=time.monotonic(),
                call=self.key,
                sip_call_id=self.dialog.sip_call_id,
                local_uri=parse_name_addr(info.localUri)[1],
                remote_uri=parse_name_addr(info.remoteUri)[1],
                referred_by=referrer.key,
            )
        )
