"""Calls that leave their room: bridged to another end here (sipCallTransfer), or sent off by REFER (sipRefer)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fake_daily_server.media.bridge import Bridge
from fake_daily_server.settings import Settings
from fake_daily_server.telephony import inputs, outputs
from fake_daily_server.telephony.commands import Commands
from fake_daily_server.telephony.dialin import DialInSession, DialInState
from fake_daily_server.telephony.dialout import DialOutState
from fake_daily_server.telephony.events import DialoutAnswered
from fake_daily_server.telephony.facts import TransferProgressed
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.record import record_notice
from fake_daily_server.telephony.refer import Refer
from fake_daily_server.telephony.transfer import Transfer, TransferRules, TransferState
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.telephony_requests import SipCallTransfer, SipRefer
from simulator.errors import SimulatorError
from simulator.numbers import SipAddress
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call

REFER_ANSWERED_WITHIN_S = 8.0
"""A peer that says nothing about our REFER for so long counts as one that cannot be asked."""


Dial = Callable[[], Awaitable[None]]
"""Sends the INVITE to the target; raises SimulatorError when none can be sent."""


class TargetLeg(Leg):
    """The far side of a transfer: a dialled call in no room, whose fate `tell` hears."""

    tell: Callable[[inputs.TransferInput], None]
    pressed: Callable[[messages.DigitEnd], None]
    publishes: bool
    """Whether the origin room's clients hear dialout-* of it."""

    def feed(self, fact: inputs.DialOutInput | inputs.DialInInput) -> None:
        """As a leg does; and the INVITE is out."""
        super().feed(fact)
        if isinstance(fact, inputs.Dialled):
            self.tell(inputs.TargetDialled())

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Keys that the target presses are for the caller and not for the room."""
        if isinstance(notice, messages.DigitEnd):
            self.pressed(notice)
        else:
            super().notice(call, notice)

    def _do(self, output: outputs.Output) -> None:
        if not isinstance(output, outputs.Publish) or self.publishes:
            super()._do(output)
        match output:
            case outputs.Publish(DialoutAnswered()):
                self.tell(inputs.TargetAnswered())
            case outputs.Release():
                self.tell(inputs.TargetOver(self.machine.failure or "the call to the target is over"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all transfers of a server share."""

    settings: Settings
    timeline: Timeline
    take_back: Callable[[Leg], None]
    """Make a call a session of its room again; hang up when the room does not take it."""
    new_bridge: Callable[[], Bridge]
    over: Callable[[Moving], None]


class Moving:
    """One call on its way out of its room. Base of both kinds.

    `await begin(...)` returns when the call has left the room, and raises InvalidRequest when it stays there.
    """

    machine: Transfer | Refer

    def __init__(self, leg: Leg, to_end_point: str, around: Surroundings) -> None:
        self.leg = leg
        self.to_end_point = to_end_point
        self.over = asyncio.Event()
        """Set when nothing is left to do."""
        self._around = around
        self._meeting = leg.room.session.id if leg.room.session else ""
        self._commands = Commands(around.timeline, session_id=leg.session_id)
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def begin(self) -> None:
        """Do it."""
        self.leg.line.follower = self._follow
        self.feed(inputs.Asked())
        await self._left

    def feed(self, fact: inputs.TransferInput | inputs.ReferInput) -> None:
        """Take one input of the machine and do what it says."""
        for output in self.machine.feed(fact):  # type: ignore[arg-type]  # each gets only its own
            self._do(output)

    @property
    def in_room(self) -> bool:
        """Whether the call is still in its room."""
        return not self.leg.over.is_set()

    def _follow(self, call: Call, notice: messages.AnyCallNotice) -> None:
        if self.in_room:
            self.leg.notice(call, notice)
        else:
            self._record(call, notice)
        if isinstance(notice, messages.Ended):
            self.feed(inputs.CallerOver())

    def _record(self, call: Call, notice: messages.AnyCallNotice) -> None:
        leg = self.leg
        record_notice(
            self._around.timeline, notice, room=leg.room.name, session_id=leg.session_id, sip_call_id=call.sip_call_id
        )

    def _do(self, output: outputs.Output) -> None:
        match output:
            case outputs.Announce(step):
                self._announce(step)
            case outputs.TakeFromRoom():
                hung_up = self.leg.machine.state in (DialInState.ENDING, DialOutState.ENDING)
                self.leg.feed(inputs.TakenAway())
                if hung_up:
                    self.feed(inputs.StopRequested())
                if not self._left.done():
                    self._left.set_result(None)
            case outputs.HangUpCaller():
                if self.leg.call is not None:
                    self._commands.start(self.leg.call.hang_up())
            case outputs.ReturnCaller():
                self._around.take_back(self.leg)
            case outputs.Fail(because):
                self.leg.line.follower = self.leg.notice
                if not self._left.done():
                    self._left.set_exception(InvalidRequest(f"{self.to_end_point}: {because}"))
            case outputs.Release():
                self._around.over(self)
                self.over.set()

    def _announce(self, step: outputs.TransferStep) -> None:
        leg = self.leg
        is_refer = isinstance(self.machine, Refer)
        far_end = leg.machine.leg.sip_from if isinstance(leg.machine, DialInSession) else leg.machine.leg.destination
        self._around.timeline.append(
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
                meeting_id=self._meeting,
                to_endpoint=self.to_end_point,
                from_endpoint=far_end,
                is_sip_refer=is_refer,
            )
        )


class Bridged(Moving):
    """A call that is connected to another end; Daily stays between the two."""

    machine: Transfer

    def __init__(self, leg: Leg, target: TargetLeg, request: SipCallTransfer, dial: Dial, around: Surroundings) -> None:
        super().__init__(leg, request.to_end_point, around)
        self.machine = Transfer(TransferRules(around.settings.failed_transfer))
        self._target = target
        self._dial = dial
        self._bridge: Bridge | None = None
        target.tell = self.feed
        target.pressed = self._pressed_by_target
        target.publishes = around.settings.transfer_events == "origin"

    def _do(self, output: outputs.Output) -> None:
        match output:
            case outputs.DialTarget():
                self._commands.start(self._dial_target())
            case outputs.HangUpTarget():
                self._target.feed(inputs.StopRequested())
            case outputs.Connect() if self.leg.call is not None and self._target.call is not None:
                self._commands.start(self._connect(self.leg.call, self._target.call))
            case outputs.Release():
                if self._bridge is not None:
                    self._bridge.close()
                super()._do(output)
            case _:
                super()._do(output)

    def _follow(self, call: Call, notice: messages.AnyCallNotice) -> None:
        super()._follow(call, notice)
        if isinstance(notice, messages.DigitEnd) and self.machine.state is TransferState.CONNECTED:
            self._commands.start(self._target.send_digits(notice.digit, None, notice.duration_ms))

    def _pressed_by_target(self, notice: messages.DigitEnd) -> None:
        if self.machine.state is TransferState.CONNECTED:
            self._commands.start(self.leg.send_digits(notice.digit, None, notice.duration_ms))

    async def _dial_target(self) -> None:
        try:
            await self._dial()
        except SimulatorError as failure:
            self.feed(inputs.TargetOver(str(failure)))

    async def _connect(self, caller: Call, target: Call) -> None:
        """Let the two hear each other; begun before either may be over, so it may find that out."""
        self._bridge = bridge = self._around.new_bridge()
        await bridge.open()
        for name, call in (("caller", caller), ("target", target)):
            await call.wait_media()
            if self.over.is_set():
                bridge.close()
                return
            await bridge.connect(name, call)
        self._around.timeline.append(
            "transfer", action="bridged", room=self.leg.room.name, session_id=self.leg.session_id
        )


class Referred(Moving):
    """A call whose peer is asked to call somebody else by itself."""

    machine: Refer

    def __init__(self, leg: Leg, request: SipRefer, around: Surroundings) -> None:
        super().__init__(leg, request.to_end_point, around)
        self.machine = Refer(TransferRules(around.settings.failed_transfer))
        self._patience: asyncio.TimerHandle | None = None

    def _follow(self, call: Call, notice: messages.AnyCallNotice) -> None:
        super()._follow(call, notice)
        if isinstance(notice, messages.TransferProgress):
            self._stop_waiting()
            self.feed(inputs.ReferNews(notice.status, notice.reason, notice.final))

    def _do(self, output: outputs.Output) -> None:
        match output:
            case outputs.SendRefer() if self.leg.call is not None:
                self._commands.start(self._refer(self.leg.call))
            case outputs.Release():
                self._stop_waiting()
                super()._do(output)
            case _:
                super()._do(output)

    async def _refer(self, call: Call) -> None:
        self._wait()
        try:
            await call.transfer(str(SipAddress.parse(self.to_end_point, name="toEndPoint")))
        except SimulatorError as failure:
            self.feed(inputs.ReferFailed(str(failure)))

    def _wait(self) -> None:
        nothing = inputs.ReferFailed(f"no answer to REFER within {REFER_ANSWERED_WITHIN_S:g} s")
        self._patience = asyncio.get_running_loop().call_later(REFER_ANSWERED_WITHIN_S, self.feed, nothing)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class Transfers:
    """All transfers of a server. On its loop."""

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        *,
        take_back: Callable[[Leg], None],
        new_bridge: Callable[[], Bridge],
    ) -> None:
        self._around = Surroundings(settings, timeline, take_back, new_bridge, self._forget)
        self._moving: list[Moving] = []

    async def bridge(self, leg: Leg, target: TargetLeg, request: SipCallTransfer, dial: Dial) -> None:
        """Connect a call of a room to another end. Raises InvalidRequest when the call stays in its room."""
        self._check(leg)
        await self._begin(Bridged(leg, target, request, dial, self._around))

    async def refer(self, leg: Leg, request: SipRefer) -> None:
        """Have the far end of a call call somebody else. Raises InvalidRequest when the call stays in its room."""
        self._check(leg)
        await self._begin(Referred(leg, request, self._around))

    def stop_all(self) -> list[asyncio.Event]:
        """Hang up both sides of every transfer; returns what is set when each is over."""
        moving = tuple(self._moving)
        for one in moving:
            one.feed(inputs.StopRequested())
        return [one.over for one in moving]

    def _begin(self, moving: Moving) -> Coroutine[Any, Any, None]:
        self._moving.append(moving)
        return moving.begin()

    def _check(self, leg: Leg) -> None:
        if leg.machine.state not in (DialInState.JOINED, DialOutState.ANSWERED):
            state = leg.machine.state.value
            raise InvalidRequest(f"session {leg.session_id} cannot be transferred: it is {state}, not answered")
        if any(moving.leg is leg for moving in self._moving):
            raise InvalidRequest(f"session {leg.session_id} is being transferred already")

    def _forget(self, over: Moving) -> None:
        self._moving.remove(over)
