"""The call to the target of a transfer."""

from __future__ import annotations

from collections.abc import Callable

from fake_daily_server.telephony.events import DialoutAnswered
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.machines import inputs, outputs
from simulator.useragent import messages
from simulator.useragent.handle import Call


class TargetLeg(Leg):
    """The leg of a transfer's target: in no room, it reports its progress to the transfer. Call `report_to` first.

    `room` is the room that the transferee comes from.
    """

    _on_progress: Callable[[inputs.TransferInput], None]
    _on_digit: Callable[[messages.DigitEnd], None]
    _publishes: bool

    def report_to(
        self,
        on_progress: Callable[[inputs.TransferInput], None],
        on_digit: Callable[[messages.DigitEnd], None],
        *,
        publishes: bool,
    ) -> None:
        """Set the receivers of the call's progress and digits, and whether the room's clients receive its events."""
        self._on_progress = on_progress
        self._on_digit = on_digit
        self._publishes = publishes

    def feed(self, given: inputs.DialOutInput | inputs.DialInInput) -> None:
        """Feed one input to the machine, perform its outputs, and report that the INVITE has been sent."""
        super().feed(given)
        if isinstance(given, inputs.Dialled):
            self._on_progress(inputs.TargetDialled())

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Handle a notice of the SIP call; the target's digits go to the transfer instead of the room."""
        if isinstance(notice, messages.DigitEnd):
            self._on_digit(notice)
        else:
            super().notice(call, notice)

    def _perform(self, output: outputs.Output) -> None:
        if not isinstance(output, outputs.Publish) or self._publishes:
            super()._perform(output)
        match output:
            case outputs.Publish(DialoutAnswered()):
                self._on_progress(inputs.TargetAnswered())
            case outputs.Release():
                self._on_progress(inputs.TargetEnded(self.machine.failure or "the call to the target is over"))
