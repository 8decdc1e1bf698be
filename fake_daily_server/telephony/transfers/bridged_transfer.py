"""sipCallTransfer: bridges the transferee to a target; Daily stays in the signalling and media path of both calls."""

from __future__ import annotations

import asyncio

from fake_daily_server.media.bridge import Bridge
from fake_daily_server.telephony.dialling import SendInvite
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.machines import inputs, outputs
from fake_daily_server.telephony.machines.transfer import TransferMachine, TransferRules, TransferState
from fake_daily_server.telephony.target_leg import TargetLeg
from fake_daily_server.telephony.transfers.ongoing_transfer import OngoingTransfer, TransferContext
from simulator.errors import SimulatorError
from simulator.useragent import messages
from simulator.useragent.handle import Call

_SHORTEST_MS, _LONGEST_MS = 40, 8000
"""Limits of a digit that is passed on; shorter ones are not recognised (ITU-T Q.24)."""


class BridgedTransfer(OngoingTransfer):
    """A transfer that keeps both calls: their audio is bridged, and digits are forwarded in both directions."""

    machine: TransferMachine

    def __init__(
        self, leg: Leg, target: TargetLeg, send_invite: SendInvite, to_end_point: str, context: TransferContext
    ) -> None:
        super().__init__(leg, to_end_point, context)
        self.machine = TransferMachine(
            TransferRules(context.settings.failed_transfer, context.settings.transfer_leaves_room)
        )
        self._target = target
        self._send_invite = send_invite
        self._bridge: Bridge | None = None
        self._bridging: asyncio.Task[None] | None = None
        publishes = context.settings.transfer_events == "origin"
        target.report_to(self.feed, self._pass_digit_of_target, publishes=publishes)

    def _perform(self, output: outputs.Output) -> None:
        match output:
            case outputs.DialTarget():
                self._commands.start(self._dial_target())
            case outputs.HangUpTarget():
                self._target.feed(inputs.StopRequested())
            case outputs.BridgeCalls() if self.leg.call is not None and self._target.call is not None:
                self._bridging = self._commands.start(self._bridge_calls(self.leg.call, self._target.call))
            case outputs.Release():
                if self._bridging is not None:
                    self._bridging.cancel()
                if self._bridge is not None:
                    self._bridge.close()
                super()._perform(output)
            case _:
                super()._perform(output)

    def _follow(self, call: Call, notice: messages.AnyCallNotice) -> None:
        super()._follow(call, notice)
        if isinstance(notice, messages.DigitEnd) and self.machine.state is TransferState.CONNECTED:
            self._commands.start(_pass_on(notice, self._target))

    def _pass_digit_of_target(self, notice: messages.DigitEnd) -> None:
        if self.machine.state is TransferState.CONNECTED:
            self._commands.start(_pass_on(notice, self.leg))

    async def _dial_target(self) -> None:
        try:
            await self._send_invite()
        except SimulatorError as failure:
            self.feed(inputs.TargetEnded(str(failure)))

    async def _bridge_calls(self, transferee: Call, target: Call) -> None:
        """Bridge the audio of both calls once both have media; cancelled when the transfer ends first."""
        self._bridge = bridge = self._context.new_bridge()
        await bridge.open()
        for name, call in (("caller", transferee), ("target", target)):
            await call.wait_media()
            await bridge.connect(name, call)
        room, session_id = self.leg.room.name, self.leg.session_id
        self._context.timeline.append("transfer", action="bridged", room=room, session_id=session_id)


async def _pass_on(digit: messages.DigitEnd, leg: Leg) -> None:
    """Send a received digit to the other call of the transfer, with its duration as far as one can be sent."""
    await leg.send_digits(digit.digit, None, min(max(digit.duration_ms, _SHORTEST_MS), _LONGEST_MS))
