"""A transfer in progress: runs a call machine on the transferee, the call that is transferred (RFC 5589)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from fake_daily_server.media.bridge import Bridge
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.command_runner import CommandRunner
from fake_daily_server.telephony.facts import TransferProgressed
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.machines import inputs, outputs
from fake_daily_server.telephony.machines.dialin import DialInState
from fake_daily_server.telephony.machines.dialout import DialOutState
from fake_daily_server.telephony.machines.refer import ReferMachine
from fake_daily_server.telephony.machines.transfer import TransferMachine
from fake_daily_server.telephony.timeline_records import feed_recorded, record_notice
from fake_daily_server.values.errors import InvalidRequest
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call


@dataclass(frozen=True, slots=True)
class TransferContext:
    """The settings and services that all transfers of a server share."""

    settings: Settings
    timeline: Timeline
    new_bridge: Callable[[], Bridge]
    return_to_room: Callable[[Leg], None]
    """Makes the call of a leg that has left its room a session of that room again."""
    released: Callable[[OngoingTransfer], None]
    """Called when a transfer is over."""


class OngoingTransfer:
    """The transfer of one call out of its room. Base of both kinds of transfer."""

    machine: TransferMachine | ReferMachine

    def __init__(self, leg: Leg, to_end_point: str, context: TransferContext) -> None:
        self.leg = leg
        """The transferee's session in its room."""
        self.to_end_point = to_end_point
        self.over = asyncio.Event()
        """Set when the transfer is over."""
        self._context = context
        self._meeting_id = leg.room.session.id if leg.room.session else ""
        self._commands = CommandRunner(context.timeline, session_id=leg.session_id)
        self._accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Start the transfer; returns once the target is being called, or has accepted the REFER.

        Raises InvalidRequest if the transfer fails before that; the call then stays in its room.
        """
        self.leg.followed_call.follower = self._follow
        self.feed(inputs.TransferRequested())
        await self._accepted

    def feed(self, given: inputs.TransferInput | inputs.ReferInput) -> None:
        """Feed one input to the machine and perform its outputs."""
        about = {"room": self.leg.room.name, "session_id": self.leg.session_id}
        for output in feed_recorded(self._context.timeline, self.machine, given, **about):
            self._perform(output)

    def _follow(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Handle a notice of the transferee's call; while the call is in its room, the leg receives the notice, too."""
        leg = self.leg
        if not leg.over.is_set():
            leg.notice(call, notice)
        else:
            ids = {"session_id": leg.session_id, "sip_call_id": call.sip_call_id}
            record_notice(self._context.timeline, notice, room=leg.room.name, **ids)
        if isinstance(notice, messages.Ended):
            self.feed(inputs.TransfereeEnded())

    def _perform(self, output: outputs.Output) -> None:
        match output:
            case outputs.ReportTransfer(step):
                self._report(step)
            case outputs.LeaveRoom():
                self._leave_room()
            case outputs.HangUpTransferee():
                if self.leg.call is not None:
                    self._commands.start(self.leg.call.hang_up())
            case outputs.AcceptTransfer():
                self._accept()
            case outputs.ReturnToRoom():
                self._context.return_to_room(self.leg)
            case outputs.RefuseTransfer(reason):
                self.leg.followed_call.follower = self.leg.notice
                if not self._accepted.done():
                    self._accepted.set_exception(InvalidRequest(f"{self.to_end_point}: {reason}"))
            case outputs.Release():
                self._context.released(self)
                self.over.set()

    def _leave_room(self) -> None:
        # A call that is being hung up can still leave: its end, requested before, then applies to the transfer.
        being_hung_up = self.leg.machine.state in (DialInState.ENDING, DialOutState.ENDING)
        self.leg.feed(inputs.MovedOut())
        if being_hung_up:
            self.feed(inputs.StopRequested())
        self._accept()

    def _accept(self) -> None:
        if not self._accepted.done():
            self._accepted.set_result(None)

    def _report(self, step: outputs.TransferStep) -> None:
        leg = self.leg
        is_refer = isinstance(self.machine, ReferMachine)
        self._context.timeline.append(
            "transfer",
            action=step,
            room=leg.room.name,
            session_id=leg.session_id,
            to=self.to_end_point,
            is_sip_refer=is_refer,
        )
        leg.room.announce(
            TransferProgressed(
                step,
                session_id=leg.session_id,
                meeting_id=self._meeting_id,
                to_endpoint=self.to_end_point,
                from_endpoint=leg.machine.far_end,
                is_sip_refer=is_refer,
            )
        )
