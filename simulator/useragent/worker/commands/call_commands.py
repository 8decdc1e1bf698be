"""What a worker does for each command."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.dtmf import check_digits
from simulator.errors import ConfigurationError
from simulator.useragent.codecs import first_common
from simulator.useragent.messages import (
    Answer,
    AnyCommand,
    AudioCodec,
    Command,
    Dial,
    Dialling,
    Ended,
    FollowRefers,
    GetStatistics,
    HangUp,
    Headers,
    Hold,
    Incoming,
    OpenPcm,
    Play,
    Record,
    Reject,
    Renegotiate,
    Resume,
    Ring,
    SendDigits,
    SendInfo,
    Statistics,
    StopPlaying,
    StopRecording,
    Transfer,
)
from simulator.useragent.sdp import AudioSection
from simulator.useragent.sip_text import (
    address,
    check_body,
    check_content_type,
    check_display_name,
    check_headers,
    check_reason,
    check_uri,
    name_and_uri,
)
from simulator.useragent.worker.audio import is_complete
from simulator.useragent.worker.call import Invite, SipCall
from simulator.useragent.worker.endpoint import CALLS
from simulator.useragent.worker.io_queue_load import DIALS
from simulator.useragent.worker.pjsip import pj, slots_in_use

if TYPE_CHECKING:
    from simulator.useragent.worker.process import Worker


_FILE = 1.0
"""Seconds that PJSIP may take to complete a recording."""


class Refusal(Exception):
    """Why a command cannot be carried out."""

    def __init__(self, error: str, *, call_ended: bool = False, status: int = 0, reason: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.call_ended = call_ended
        self.status = status
        self.reason = reason


class Verbs:
    """Checks a command, does it with PJSIP, and says `Done`; raises `Refusal` or pj.Error otherwise."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._loop = asyncio.get_running_loop()
        self._queued: deque[Dial] = deque()
        self._do: dict[type[Command], Callable[[Any], None]] = {
            Dial: self._dial,
            Ring: self._ring,
            Answer: self._answer,
            Reject: self._reject,
            HangUp: self._hang_up,
            Hold: self._hold,
            Resume: self._resume,
            Renegotiate: self._renegotiate,
            SendDigits: self._send_digits,
            SendInfo: self._send_info,
            Transfer: self._transfer,
            FollowRefers: self._follow_refers,
            Play: self._play,
            StopPlaying: self._stop_playing,
            Record: self._record,
            StopRecording: self._stop_recording,
            OpenPcm: self._open_pcm,
            GetStatistics: self._statistics,
        }

    def carry_out(self, command: AnyCommand) -> None:
        """Do what `command` says."""
        self._do[type(command)](command)

    # --- beginning of a call ---------------------------------------------------------------------------------

    def introduce(self, call: SipCall, invite: Invite) -> Incoming:
        """What the parent is told about a new INVITE."""
        message = invite.message
        call.offer = message.sdp
        call.remote_sdp = AudioSection.parse(message.sdp) if message.sdp else None
        call.sip_call_id = message.header("Call-ID") or ""
        from_name, from_uri = name_and_uri(message.header("From") or "")
        return Incoming(
            at=time.monotonic(),
            call=call.key,
            sip_call_id=call.sip_call_id,
            request_uri=message.request_uri,
            from_uri=from_uri,
            from_name=from_name,
            to_uri=name_and_uri(message.header("To") or "")[1],
            headers=message.headers,
            sdp=message.sdp,
            codecs=call.remote_sdp.codecs if call.remote_sdp else (),
            telephone_event=bool(call.remote_sdp and any(f.name == "TELEPHONE-EVENT" for f in call.remote_sdp.formats)),
            source=invite.source,
        )

    def refuse_politely(self, call: SipCall) -> None:
        """Answer 480 to an INVITE that comes while the worker is being reset."""
        if call.alive:
            call.answer(_operation(480, "Temporarily Unavailable"))

    def _dial(self, command: Dial) -> None:
        check_uri("uri", command.uri)
        check_headers(command.headers)
        check_display_name(command.display_name)
        if command.caller is not None:
            check_uri("caller", command.caller)
        if command.via_proxy and self._worker.endpoint.proxied is None:
            raise Refusal("via_proxy: True is not usable; this worker was started without a proxy")
        self._codecs(command.codecs)
        wait = self._worker.endpoint.pace.wait(DIALS)
        if self._queued or wait > 0:
            self._queued.append(command)
            if len(self._queued) == 1:
                self._loop.call_later(max(wait, 0.001), self._dial_queued)
            return
        self._invite(command)

    def forget_queued(self, because: str) -> None:
        """Refuse the dials that wait for their turn."""
        while self._queued:
            self._worker.refuse(self._queued.popleft(), Refusal(because))

    def _dial_queued(self) -> None:
        while self._queued:
            wait = self._worker.endpoint.pace.wait(DIALS)
            if wait > 0:
                self._loop.call_later(wait, self._dial_queued)
                return
            command = self._queued.popleft()
            try:
                self._invite(command)
            except Refusal as refusal:
                self._worker.refuse(command, refusal)
            except pj.Error as error:
                self._worker.refuse(command, Refusal(self._worker.endpoint.error_text(error)))
        self._worker.endpoint.poll_soon()

    def _invite(self, command: Dial) -> None:
        if slots_in_use() >= CALLS:
            raise Refusal(f"this worker has its {CALLS} calls already; one may still wait for the answer to its BYE")
        endpoint = self._worker.endpoint
        account = endpoint.proxied if command.via_proxy else endpoint.direct
        call = SipCall(self._worker, account, command.call, incoming=False)
        call.codecs = self._codecs(command.codecs)
        call.telephone_event = command.telephone_event
        call.relay = command.relay
        call.video.port = command.video
        self._worker.stand_in(command.relay)
        prm = pj.CallOpParam(True)
        prm.opt.audioCount = call.video.sections
        prm.opt.videoCount = 0
        local_uri = command.caller or endpoint.uri
        if command.caller is not None or command.display_name is not None:
            prm.txOption.localUri = address(local_uri, command.display_name)
        _add_headers(prm, command.headers)
        self._worker.begin(call)
        with call.keep_notices():
            try:
                call.makeCall(f"<{command.uri}>", prm)
                call.sip_call_id = str(call.getInfo().callIdString) if call.alive else ""
            except pj.Error:
                call.abandon()
                raise
            self._worker.emit(
                Dialling(
                    at=time.monotonic(),
                    call=call.key,
                    sip_call_id=call.sip_call_id,
                    local_uri=local_uri,
                    remote_uri=command.uri,
                )
            )
            self._worker.done(command)

    # --- incoming calls --------------------------------------------------------------------------------------

    def _ring(self, command: Ring) -> None:
        call = self._unanswered(command)
        check_reason(command.reason)
        if not 101 <= command.status <= 199:
            raise ConfigurationError("status", command.status, "101 to 199")
        if command.early_media:
            if command.status != 183:
                raise ConfigurationError("status", command.status, "183 with early media")
            self._prepare_answer(call, command)
            call.wants_early_media = True
        call.answer(_operation(command.status, command.reason))
        self._worker.done(command)

    def _answer(self, command: Answer) -> None:
        call = self._unanswered(command)
        headers = check_headers(command.headers)
        if not call.wants_early_media:
            call.video.port = command.video
            self._prepare_answer(call, command)
        prm = _operation(200, None)
        _add_headers(prm, headers)
        call.answer(prm)
        call.answered_at = self._loop.time()
        self._worker.done(command)

    def _reject(self, command: Reject) -> None:
        call = self._unanswered(command)
        check_reason(command.reason)
        if not 300 <= command.status <= 699:
            raise ConfigurationError("status", command.status, "300 to 699")
        prm = _operation(command.status, command.reason)
        _add_headers(prm, check_headers(command.headers))
        call.hanging_up = True
        call.hangup(prm)
        self._worker.done(command)

    def _prepare_answer(self, call: SipCall, command: Ring | Answer) -> None:
        codecs = self._codecs(command.codecs)
        if call.remote_sdp is not None and not first_common(codecs, call.remote_sdp.codecs):
            offered = ", ".join(call.remote_sdp.codecs) or "none"
            call.hanging_up = True
            call.hangup(_operation(488, None))
            raise Refusal(
                f"codecs: none of {', '.join(codecs)} is in the offer ({offered})",
                status=488,
                reason="Not Acceptable Here",
            )
        self._worker.stand_in(command.relay)
        call.choose(codecs, telephone_event=command.telephone_event, relay=command.relay)

    # --- any call --------------------------------------------------------------------------------------------

    def hang_up(self, call: SipCall, headers: Headers = ()) -> None:
        """CANCEL, BYE or a final response, as the state of the call wants it."""
        if not call.alive:
            return
        call.hanging_up = True
        prm = _operation(603 if call.incoming and call.answered_at is None and not call.confirmed else 0, None)
        _add_headers(prm, headers)
        call.hangup(prm)

    def _hang_up(self, command: HangUp) -> None:
        call = self._living(command)
        self.hang_up(call, check_headers(command.headers))
        self._worker.done(command)

    def _hold(self, command: Hold) -> None:
        self._reinvite(command, lambda call: call.setHold(pj.CallOpParam()))

    def _resume(self, command: Resume) -> None:
        self._reinvite(command, lambda call: call.reinvite(_reinvitation(call, pj.PJSUA_CALL_UNHOLD)))

    def _renegotiate(self, command: Renegotiate) -> None:
        codecs = self._codecs(command.codecs)

        def reinvite(call: SipCall) -> None:
            call.offer_instead(codecs)
            call.reinvite(_reinvitation(call, 0))

        self._reinvite(command, reinvite)

    def _reinvite(self, command: Hold | Resume | Renegotiate, do: Callable[[SipCall], None]) -> None:
        call = self._answered(command)
        if call.on_reinvite is not None:
            raise Refusal("another re-INVITE of this call is under way", status=491, reason="Request Pending")

        def answered(status: int, reason: str) -> None:
            call.on_reinvite = None
            call.offer_over(status < 300)
            self._conclude(command, call, "re-INVITE", status, reason)

        call.on_reinvite = answered
        try:
            do(call)
        except pj.Error:
            call.on_reinvite = None
            call.offer_over(False)
            raise

    def _send_digits(self, command: SendDigits) -> None:
        call = self._answered(command, early=True)
        check_digits(command.digits, pauses=True)
        for field, value, least in (("duration_ms", command.duration_ms, 20), ("gap_ms", command.gap_ms, 0)):
            if not least <= value <= 8000:
                raise ConfigurationError(field, value, f"{least} to 8000")
        if command.method == "telephone-event" and (call.media is None or call.media.telephone_event is None):
            raise Refusal("method: telephone-event was not negotiated in this call; sip-info works without it")
        self._worker.done(command)
        call.digits.enqueue(command)

    def _send_info(self, command: SendInfo) -> None:
        call = self._answered(command, early=True)
        check_content_type(command.content_type)
        check_body(command.body)

        def answered(status: int, reason: str) -> None:
            self._conclude(command, call, "INFO", status, reason)

        call.info.send(command.content_type, command.body, answered)

    def _transfer(self, command: Transfer) -> None:
        call = self._answered(command)
        check_uri("to", command.to)
        if command.replaces is None:
            call.xfer(f"<{command.to}>", pj.CallOpParam())
        else:
            other = self._find(command.replaces)
            call.xferReplaces(other, pj.CallOpParam())
        self._worker.done(command)

    def _follow_refers(self, command: FollowRefers) -> None:
        if command.status != 202 and not 300 <= command.status <= 699:
            raise ConfigurationError("status", command.status, "202, or 300 to 699")
        self._worker.refer_status = command.status
        self._worker.done(command)

    def _play(self, command: Play) -> None:
        self._living(command).audio.play(command.path, loop=command.loop)
        self._worker.done(command)

    def _stop_playing(self, command: StopPlaying) -> None:
        self._living(command).audio.stop_playing()
        self._worker.done(command)

    def _record(self, command: Record) -> None:
        self._living(command).audio.record(command.path)
        self._worker.done(command)

    def _stop_recording(self, command: StopRecording) -> None:
        path = self._living(command).audio.stop_recording()
        deadline = self._loop.time() + _FILE

        def look() -> None:
            if path is None or is_complete(path):
                self._worker.done(command)
            elif self._loop.time() < deadline:
                self._loop.call_later(0.005, look)
            else:
                self._worker.refuse(command, Refusal(f"{path} was not completed within {_FILE} s"))

        look()

    def _open_pcm(self, command: OpenPcm) -> None:
        descriptor = self._living(command).audio.open_pcm(command.rate)
        self._worker.done(command, [descriptor])

    def _statistics(self, command: GetStatistics) -> None:
        call = self._living(command)
        index = call.audio_index()
        if index is None:
            raise Refusal("this call has no media yet")
        rtcp = call.getStreamStat(index).rtcp
        sent, received = rtcp.txStat, rtcp.rxStat
        self._worker.done(
            command,
            statistics=Statistics(
                sent_packets=sent.pkt,
                received_packets=received.pkt,
                lost_packets=received.loss,
                discarded_packets=received.discard,
                jitter_ms=received.jitterUsec.mean / 1000,
                remote_lost_packets=sent.loss,
                round_trip_ms=rtcp.rttUsec.mean / 1000,
            ),
        )

    def _conclude(self, command: AnyCommand, call: SipCall, what: str, status: int, reason: str) -> None:
        """The request that `command` was about has got its final response."""
        if call.ended is not None:
            self._worker.refuse(command, _over(call.key, call.ended))
        elif status < 300:
            self._worker.done(command)
        else:
            error = f"the {what} was answered {status} {reason}"
            self._worker.refuse(command, Refusal(error, status=status, reason=reason))

    # --- checks ----------------------------------------------------------------------------------------------

    def _find(self, key: str) -> SipCall:
        call = self._worker.calls.get(key)
        if call is not None and call.alive:
            return call
        ended = self._worker.ended.get(key) or (call.ended if call else None)
        if ended:
            raise _over(key, ended)
        raise Refusal(
            f"call: {key!r} is no call of this worker",
            call_ended=True,
            status=481,
            reason="Call Does Not Exist",
        )

    def _living(self, command: Any) -> SipCall:
        return self._find(command.call)

    def _unanswered(self, command: Any) -> SipCall:
        call = self._living(command)
        if not call.incoming:
            raise Refusal("the call is outgoing: it was dialled, not received")
        if call.answered_at is not None or call.confirmed:
            raise Refusal("the call is answered already")
        return call

    def _answered(self, command: Any, *, early: bool = False) -> SipCall:
        call = self._living(command)
        if not call.confirmed and not (early and call.media is not None):
            raise Refusal("the call is not answered yet")
        return call

    def _codecs(self, wanted: tuple[AudioCodec, ...]) -> tuple[AudioCodec, ...]:
        spoken = self._worker.endpoint.codecs
        usable = tuple(codec for codec in wanted if codec in spoken)
        if not usable:
            raise ConfigurationError("codecs", list(wanted), f"at least one of {', '.join(sorted(spoken))}")
        return usable


def _reinvitation(call: SipCall, flags: int) -> Any:
    prm = _operation(0, None)
    prm.opt.audioCount = 1 if call.incoming else call.video.sections
    prm.opt.flag = flags
    return prm


def _over(key: str, ended: Ended) -> Refusal:
    text = f"call: {key} has ended with {ended.status} {ended.reason}"
    return Refusal(text, call_ended=True, status=ended.status, reason=ended.reason)


def _operation(status: int, reason: str | None) -> Any:
    prm = pj.CallOpParam(True)
    prm.opt.audioCount = 1
    prm.opt.videoCount = 0
    if status:
        prm.statusCode = status
    if reason is not None:
        prm.reason = reason
    return prm


def _add_headers(prm: Any, headers: Headers) -> None:
    for name, value in headers:
        header = pj.SipHeader()
        header.hName = name
        header.hValue = value
        prm.txOption.headers.append(header)
