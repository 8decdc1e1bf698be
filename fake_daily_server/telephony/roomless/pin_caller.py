"""A caller who dials the code of a room (PIN dial-in)."""

from __future__ import annotations

from fake_daily_server.domain.room import Room
from fake_daily_server.telephony.machines import inputs, outputs
from fake_daily_server.telephony.machines.pin_caller import PinCallerMachine, PinCallerRules, PinCallerState
from fake_daily_server.telephony.roomless.caller import RoomlessCaller, RoomlessContext
from simulator.useragent import messages
from simulator.useragent.handle import Call


class PinCaller(RoomlessCaller):
    """A caller who dials a code, and may wait for the meeting of that room."""

    machine: PinCallerMachine

    def __init__(
        self, context: RoomlessContext, call: Call, incoming: messages.Incoming, rules: PinCallerRules
    ) -> None:
        super().__init__(context, call, incoming)
        self.machine = PinCallerMachine(rules)
        self.room: Room | None = None
        """The room that has the code; None until the code has been looked up."""

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Handle a notice of the SIP call; every digit is fed to the machine as part of the code."""
        super().notice(call, notice)
        if isinstance(notice, messages.DigitEnd):
            self.feed(inputs.DigitReceived(notice.digit))

    def meeting_started(self) -> None:
        """Move the caller into its room, whose meeting has started, or refuse entry if the room takes no more calls."""
        refusal = self._context.entry.refusal(self.room, None)
        self.feed(inputs.EntryRefused(refusal.explanation) if refusal else inputs.MeetingStarted())

    def _perform(self, output: outputs.Output) -> None:
        match output:
            case outputs.LookUpCode(code):
                self.feed(self._look_up(code))
                self._limit_wait_to_expiry()
            case outputs.MoveToRoom() if self.room is not None:
                self._move_to(self.room, None)
            case _:
                super()._perform(output)

    def _limit_wait_to_expiry(self) -> None:
        """Schedule the end of the caller's wait for the meeting at the room's expiry."""
        if self.machine.state is PinCallerState.WAITING and self.room is not None:
            expires_in_s = self._context.entry.seconds_to_expiry(self.room)
            if expires_in_s is not None:
                self._feed_after(expires_in_s, inputs.EntryRefused("the room has expired"))

    def _look_up(self, code: str) -> inputs.RoomFound | inputs.EntryRefused:
        room = self._context.entry.room_with_code(code)
        if room is None or room.properties.dialin is None:
            self._record("dials a code that no room has", digits=code)
            return inputs.EntryRefused("no room has this code")
        self._record("dials the code", room=room.name, digits=code)
        self.room = room
        may_wait = room.properties.dialin.wait_for_meeting_start
        if not room.endpoints_registered:
            return inputs.RoomFound(live=False, may_wait=may_wait)
        refusal = self._context.entry.refusal(room, None)
        return inputs.EntryRefused(refusal.explanation) if refusal else inputs.RoomFound(live=True, may_wait=may_wait)
