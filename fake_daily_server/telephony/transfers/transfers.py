"""All transfers of a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from fake_daily_server.media.bridge import Bridge
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.command_runner import CommandRunner
from fake_daily_server.telephony.dialling import SendInvite
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.legs import Legs
from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.machines.dialin import DialInMachine, DialInState
from fake_daily_server.telephony.machines.dialout import DialOutMachine, DialOutState
from fake_daily_server.telephony.target_leg import TargetLeg
from fake_daily_server.telephony.transfers.bridged_transfer import BridgedTransfer
from fake_daily_server.telephony.transfers.ongoing_transfer import OngoingTransfer, TransferContext
from fake_daily_server.telephony.transfers.refer_transfer import ReferTransfer
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.ids import new_uuid
from simulator.timeline import Timeline


class Transfers:
    """Transfers calls out of their rooms. Used on the server's loop."""

    def __init__(self, settings: Settings, timeline: Timeline, *, legs: Legs, new_bridge: Callable[[], Bridge]) -> None:
        self._legs = legs
        self._context = TransferContext(settings, timeline, new_bridge, self._return_to_room, self._ongoing_over)
        self._ongoing: list[OngoingTransfer] = []
        self._commands = CommandRunner(timeline)

    async def bridge(self, leg: Leg, target: TargetLeg, send_invite: SendInvite, to_end_point: str) -> None:
        """Transfer a call to `target`, which `send_invite` dials; returns once the call has left its room.

        Raises InvalidRequest if the call cannot be transferred; it then stays in its room.
        """
        self._check(leg)
        await self._run(BridgedTransfer(leg, target, send_invite, to_end_point, self._context))

    async def refer(self, leg: Leg, to_end_point: str) -> None:
        """Transfer a call by REFER; returns once the peer has accepted and the call has left its room.

        Raises InvalidRequest if the peer does not accept; the call then stays in its room.
        """
        self._check(leg)
        await self._run(ReferTransfer(leg, to_end_point, self._context))

    def stop_all(self) -> list[asyncio.Event]:
        """Hang up both calls of every transfer; returns one event per transfer, set when the transfer is over."""
        ongoing = tuple(self._ongoing)
        for transfer in ongoing:
            transfer.feed(inputs.StopRequested())
        return [transfer.over for transfer in ongoing]

    def _run(self, transfer: OngoingTransfer) -> Coroutine[Any, Any, None]:
        self._ongoing.append(transfer)
        return transfer.run()

    def _check(self, leg: Leg) -> None:
        if leg.machine.state not in (DialInState.JOINED, DialOutState.ANSWERED):
            state = leg.machine.state.value
            raise InvalidRequest(f"session {leg.session_id} is {state}; only an answered call can be transferred")
        if any(transfer.leg is leg for transfer in self._ongoing):
            raise InvalidRequest(f"session {leg.session_id} is being transferred already; wait for that transfer")

    def _return_to_room(self, left: Leg) -> None:
        """Make the call of a leg that has left its room a session there again; hang up if the meeting has ended."""
        call, media, room = left.call, left.machine.media, left.room
        if call is None or media is None:
            return
        if room.session is None:
            self._commands.start(call.hang_up(), sip_call_id=call.sip_call_id)
            return
        leg = self._legs.add(room, _renewed(left.machine))
        leg.follow(left.followed_call)
        leg.feed(inputs.MovedIn(call.sip_call_id, media))

    def _ongoing_over(self, transfer: OngoingTransfer) -> None:
        self._ongoing.remove(transfer)


def _renewed(machine: DialInMachine | DialOutMachine) -> DialInMachine | DialOutMachine:
    """A new machine, with a new session id, for another session of the same call."""
    if isinstance(machine, DialInMachine):
        return DialInMachine(replace(machine.events, session_id=new_uuid()), machine.plan)
    return DialOutMachine(replace(machine.events, session_id=new_uuid()), machine.plan, machine.rules)
