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
from simulator.useragent import messages
from simulator.useragent.handle import Call

REFER_TIMEOUT_S = 8.0
"""The longest wait for a response to the REFER; after it, the transfer fails."""


class ReferTransfer(OngoingTransfer):
    """A transfer by REFER; Daily is not involved in the call from the peer to the target."""

    machine: ReferMachine

    def __init__(self, leg: Leg, to_end_point: str, context: TransferContext) -> None:
        super().__init__(leg, to_end_point, context)
        self.machine = ReferMachine(TransferRules(context.settings.failed_transfer))
        self._timeout: asyncio.TimerHandle | None = None

    def _follow(self, call: Call, notice: messages.AnyCallNotice) -> None:
        super()._follow(call, notice)
        if isinstance(notice, messages.TransferProgress):
            self._stop_timeout()
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

    async def _send_refer(self, call: Call) -> None:
        self._start_timeout()
        try:
            await call.transfer(str(SipAddress.parse(self.to_end_point, name="toEndPoint")))
        except SimulatorError as failure:
            self.feed(inputs.ReferFailed(str(failure)))

    def _start_timeout(self) -> None:
        unanswered = inputs.ReferFailed(f"no answer to REFER within {REFER_TIMEOUT_S:g} s")
        self._timeout = asyncio.get_running_loop().call_later(REFER_TIMEOUT_S, self.feed, unanswered)

    def _stop_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
