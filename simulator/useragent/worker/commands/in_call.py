"""The commands for a call that is up: hang up, re-INVITE, digits, INFO, REFER."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.errors import ConfigurationError
from simulator.useragent.messages import (
    FollowRefers,
    HangUp,
    Hold,
    Renegotiate,
    Resume,
    SendDigit,
    SendInfo,
    Transfer,
    UseCredentials,
)
from simulator.useragent.sip_text import check_body, check_content_type, check_headers, check_uri
from simulator.useragent.worker.call import SipCall
from simulator.useragent.worker.call_params import call_params
from simulator.useragent.worker.commands.base import CommandGroup, CommandRefused, CommandWorker, Handlers
from simulator.useragent.worker.pjsip import pj


class InCallCommands(CommandGroup):
    """Requests inside a dialog, and how REFERs of peers are answered."""

    def __init__(self, worker: CommandWorker) -> None:
        super().__init__(worker)
        self.handlers: Handlers = {
            HangUp: self._hang_up,
            Hold: self._hold,
            Resume: self._resume,
            Renegotiate: self._renegotiate,
            SendDigit: self._send_digit,
            SendInfo: self._send_info,
            Transfer: self._transfer,
            FollowRefers: self._follow_refers,
            UseCredentials: self._use_credentials,
        }

    def _hang_up(self, command: HangUp) -> None:
        self._find(command.call).terminate(check_headers(command.headers))
        self._worker.done(command)

    def _hold(self, command: Hold) -> None:
        self._reinvite(command, lambda call: call.setHold(pj.CallOpParam()))

    def _resume(self, command: Resume) -> None:
        self._reinvite(command, lambda call: call.reinvite(_reinvite_params(call, pj.PJSUA_CALL_UNHOLD)))

    def _renegotiate(self, command: Renegotiate) -> None:
        codecs = self._usable_codecs(command.codecs)

        def send(call: SipCall) -> None:
            call.negotiation.begin_reoffer(codecs)
            call.reinvite(_reinvite_params(call, 0))

        self._reinvite(command, send)

    def _reinvite(self, command: Hold | Resume | Renegotiate, send: Callable[[SipCall], None]) -> None:
        """Send a re-INVITE; the command is answered when its final response comes."""
        call = self._find_answered(command.call)
        if call.dialog.on_reinvite_response is not None:
            raise CommandRefused("another re-INVITE of this call is under way", status=491, reason="Request Pending")

        def on_response(status: int, reason: str) -> None:
            call.dialog.on_reinvite_response = None
            call.end_reoffer(accepted=status < 300)
            self._answer_command(command, call, "re-INVITE", status, reason)

        call.dialog.on_reinvite_response = on_response
        try:
            send(call)
        except pj.Error:
            call.dialog.on_reinvite_response = None
            call.end_reoffer(accepted=False)
            raise

    def _send_digit(self, command: SendDigit) -> None:
        call = self._find_answered(command.call, or_early_media=True)
        prm = pj.CallSendDtmfParam()
        prm.method = pj.PJSUA_DTMF_METHOD_RFC2833
        prm.duration = command.duration_ms
        prm.digits = command.digit
        call.sendDtmf(prm)
        self._worker.done(command)

    def _send_info(self, command: SendInfo) -> None:
        call = self._find_answered(command.call, or_early_media=True)
        check_content_type(command.content_type)
        check_body(command.body)

        def on_response(status: int, reason: str) -> None:
            self._answer_command(command, call, "INFO", status, reason)

        call.info.send(command.content_type, command.body, on_response)

    def _transfer(self, command: Transfer) -> None:
        call = self._find_answered(command.call)
        check_uri("to", command.to, headers=True)
        call.xfer(f"<{command.to}>", pj.CallOpParam())
        self._worker.done(command)

    def _follow_refers(self, command: FollowRefers) -> None:
        if command.status != 202 and not 300 <= command.status <= 699:
            raise ConfigurationError("status", command.status, "202, or 300 to 699")
        self._worker.refer_status = command.status
        self._worker.done(command)

    def _use_credentials(self, command: UseCredentials) -> None:
        self._worker.endpoint.use_credentials(command.username, command.password)
        self._worker.done(command)


def _reinvite_params(call: SipCall, flags: int) -> Any:
    prm = call_params()
    prm.opt.audioCount = 1 if call.incoming else call.video.audio_sections
    prm.opt.flag = flags
    return prm
