"""The command that dials, and the queue of calls that wait until PJSIP has room for their sockets."""

from __future__ import annotations

import asyncio
from collections import deque

from simulator.useragent.messages import MAX_CALLS, Dial
from simulator.useragent.sip_text import check_display_name, check_headers, check_uri, destination_of, name_addr
from simulator.useragent.worker.call import SipCall
from simulator.useragent.worker.call_params import call_params
from simulator.useragent.worker.commands.base import CommandGroup, CommandRefused, CommandWorker, Handlers
from simulator.useragent.worker.io_queue_load import DIAL_LIMIT
from simulator.useragent.worker.pjsip import error_text, pj, slots_in_use


class DialCommands(CommandGroup):
    """Sends INVITEs in the order of the commands, paced by `DIAL_LIMIT`."""

    def __init__(self, worker: CommandWorker) -> None:
        super().__init__(worker)
        self.handlers: Handlers = {Dial: self._dial}
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Dial] = deque()

    def refuse_queued(self, error: str) -> None:
        """Refuse all dials that are still queued."""
        while self._queue:
            self._worker.refuse(self._queue.popleft(), CommandRefused(error))

    def _dial(self, command: Dial) -> None:
        check_uri("uri", command.uri)
        self._check_destination(command)
        check_headers(command.headers)
        check_display_name(command.display_name)
        if command.caller is not None:
            check_uri("caller", command.caller)
        if command.via_proxy and self._worker.endpoint.proxied is None:
            raise CommandRefused("via_proxy: True is not usable; this worker was started without a proxy")
        self._usable_codecs(command.codecs)
        wait = self._worker.endpoint.rtp_load.seconds_until_below(DIAL_LIMIT)
        if self._queue or wait > 0:
            self._queue.append(command)
            if len(self._queue) == 1:
                self._loop.call_later(max(wait, 0.001), self._dial_queued)
            return
        self._invite(command)

    def _check_destination(self, command: Dial) -> None:
        """CommandRefused when packets may not go to the URI; a proxy is on this machine."""
        host = destination_of(command.uri)
        refusal = None if command.via_proxy else self._worker.endpoint.destinations.refusal(host)
        if refusal is not None:
            raise CommandRefused(f"uri: nothing is sent to {host}: {refusal}", status=403, reason="Forbidden")

    def _dial_queued(self) -> None:
        while self._queue:
            wait = self._worker.endpoint.rtp_load.seconds_until_below(DIAL_LIMIT)
            if wait > 0:
                self._loop.call_later(wait, self._dial_queued)
                return
            command = self._queue.popleft()
            try:
                self._invite(command)
            except CommandRefused as refusal:
                self._worker.refuse(command, refusal)
            except pj.Error as error:
                self._worker.refuse(command, CommandRefused(error_text(error)))
        self._worker.endpoint.poll_soon()

    def _invite(self, command: Dial) -> None:
        endpoint = self._worker.endpoint
        if slots_in_use() >= MAX_CALLS:
            timeout_s = endpoint.settings.timers.unanswered_s
            raise CommandRefused(
                f"this worker has its {MAX_CALLS} calls already; one that has ended counts until its BYE is answered, "
                f"for at most {timeout_s:g} s (SIP timer F)",
                status=503,
                reason="Service Unavailable",
            )
        account = endpoint.proxied if command.via_proxy else endpoint.direct
        call = SipCall(self._worker, account, command.call, incoming=False)
        call.negotiation.codecs = self._usable_codecs(command.codecs)
        call.negotiation.telephone_event = command.telephone_event
        call.negotiation.offered_order = command.offered_order
        call.negotiation.relay = command.relay
        call.video.port = command.video
        local_uri = command.caller or endpoint.uri
        prm = call_params(headers=command.headers)
        prm.opt.audioCount = call.video.audio_sections
        if command.caller is not None or command.display_name is not None:
            prm.txOption.localUri = name_addr(local_uri, command.display_name)
        self._worker.call_began(call)
        with call.notices.deferred():
            self._worker.emit(call.dial(command.uri, prm, local_uri=local_uri))
            self._worker.done(command)
