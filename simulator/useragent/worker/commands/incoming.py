"""The commands that answer an incoming call: provisional responses, 200, and refusals."""

from __future__ import annotations

import asyncio

from simulator.errors import ConfigurationError
from simulator.useragent.messages import Answer, Reject, Ring
from simulator.useragent.sip_text import check_headers, check_reason
from simulator.useragent.worker.call import SipCall
from simulator.useragent.worker.call_params import call_params
from simulator.useragent.worker.commands.base import CommandGroup, CommandRefused, CommandWorker, Handlers


class IncomingCommands(CommandGroup):
    """Ring, answer, reject."""

    def __init__(self, worker: CommandWorker) -> None:
        super().__init__(worker)
        self.handlers: Handlers = {Ring: self._ring, Answer: self._answer, Reject: self._reject}
        self._loop = asyncio.get_running_loop()

    def _ring(self, command: Ring) -> None:
        call = self._find_unanswered(command.call)
        check_reason(command.reason)
        if not 101 <= command.status <= 199:
            raise ConfigurationError("status", command.status, "101 to 199")
        if command.early_media:
            if command.status != 183:
                raise ConfigurationError("status", command.status, "183 with early media")
            self._prepare_answer(call, command)
            call.dialog.early_media_sent = True
        call.answer(call_params(command.status, command.reason))
        self._worker.done(command)

    def _answer(self, command: Answer) -> None:
        call = self._find_unanswered(command.call)
        headers = check_headers(command.headers)
        if not call.dialog.early_media_sent:
            call.video.port = command.video
            self._prepare_answer(call, command)
        call.answer(call_params(200, headers=headers))
        call.dialog.ack_awaited_since = self._loop.time()
        self._worker.done(command)

    def _reject(self, command: Reject) -> None:
        call = self._find_unanswered(command.call)
        check_reason(command.reason)
        if not 300 <= command.status <= 699:
            raise ConfigurationError("status", command.status, "300 to 699")
        headers = check_headers(command.headers, status=command.status)
        prm = call_params(command.status, command.reason, headers)
        call.dialog.hanging_up = True
        call.hangup(prm)
        self._worker.done(command)

    def _prepare_answer(self, call: SipCall, command: Ring | Answer) -> None:
        """Choose the codec of the answer; without a common one, refuse the call, mostly with 488, and the command."""
        codecs, offer = self._usable_codecs(command.codecs), call.negotiation.offer
        refusal = offer.refusal_of(codecs) if offer else None
        if refusal is not None:
            call.dialog.hanging_up = True
            call.hangup(call_params(refusal.status, refusal.reason))
            raise CommandRefused(f"codecs: {refusal.explanation}", status=refusal.status, reason=refusal.reason)
        call.negotiation.offered_order = command.offered_order
        call.negotiation.prepare_answer(codecs, telephone_event=command.telephone_event, relay=command.relay)
