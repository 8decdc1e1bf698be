"""sipRefer: asks the transferee's peer to call the target itself (RFC 3515)."""

from __future__ import annotations

import asyncio

from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.machines import inputs, outputs
from fake_daily_server.telephony.machines.refer import ReferMachine
from fake_daily_server.telephony.machines.transfer import TransferRules
from fake_daily_server.telephony.transfers.ongoing_transfer import OngoingTransfer, TransferContext
from simulator.errors import SimulatorError
from simulator.numbers import SipAddress
from simulator.sip_timers import sip_timers
from simulator.useragent import messages
from simulator.useragent.handle import Call


class ReferTransfer(OngoingTransfer):
    """A transfer by REFER; Daily is not involved in the call from the peer to the target."""

    machine: ReferMachine

    def __init__(self, leg: Leg, to_end_point: str, context: TransferContext) -> None:
        super().__init__(leg, to_end_point, context)
        self.machine = ReferMachine(TransferRules(context.settings.failed_transfer))
        self._unanswered_s = sip_timers(context.settings.sip_timers).unanswered_s
        self._timeout: asyncio.TimerHandle | None = None
        """Ends the wait for the response to the REFER, and then for the NOTIFYs of its subscription."""

    def _follow(self, call: Call, notice: messages.AnyCallNotice) -> None:
        super()._follow(call, notice)
        if isinstance(notice, messages.TransferProgress):
            self._await_notify(notice)
            self.feed(inputs.ReferProgress(notice.status, notice.reason, notice.final))

    def _perform(self, output: outputs.Output) -> None:
        match output:
            case outputs.SendRefer() if self.leg.call is not None:
                self._commands.start(self._send_refer(self.leg.call))
            case outputs.Release():
                self._stop_timeout()
                super()._perform(output)
            case _:
                super()._perform(output)

    def _await_notify(self, progress: messages.TransferProgress) -> None:
        """The subscription lasts as long as the latest NOTIFY says; the first has to come within timer N.

        See RFC 3515 §2.4.4 and RFC 6665 §4.1.2.4.
        """
        self._stop_timeout()
        if not progress.final:
            seconds = self._unanswered_s if progress.expires_s is None else float(progress.expires_s)
            reason = f"no final NOTIFY within {seconds:g} s"
            self._start_timeout(seconds, inputs.ReferProgress(408, reason, final=True))

    async def _send_refer(self, call: Call) -> None:
        seconds = 2 * self._unanswered_s  # the SIP stack reports a missing answer after half of it
        self._start_timeout(seconds, inputs.ReferFailed(f"no answer to REFER within {seconds:g} s"))
        try:
            await call.transfer(SipAddress.parse(self.to_end_point, name="toEndPoint").with_headers)
        except SimulatorError as failure:
            self.feed(inputs.ReferFailed(str(failure)))

    def _start_timeout(self, seconds: float, given: inputs.ReferFailed | inputs.ReferProgress) -> None:
        self._timeout = asyncio.get_running_loop().call_later(seconds, self._timed_out, given)

    def _timed_out(self, given: inputs.ReferFailed | inputs.ReferProgress) -> None:
        call_id = self.leg.call.sip_call_id if self.leg.call else None
        self._context.timeline.append(
            "sip", message=f"REFER: {given.reason}", session_id=self.leg.session_id, sip_call_id=call_id
        )
        self.feed(given)

    def _stop_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
