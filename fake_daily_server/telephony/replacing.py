"""INVITEs that replace a call of a room (RFC 3891): the end of an attended transfer by the peer of that call."""

from __future__ import annotations

from fake_daily_server.telephony.followed_call import FollowedCall
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.legs import Legs
from fake_daily_server.telephony.machines.dialin import DialInState
from fake_daily_server.telephony.machines.dialout import DialOutState
from fake_daily_server.telephony.machines.inputs import Refusal, StopRequested
from fake_daily_server.telephony.room_entry import RoomEntry
from simulator.gateway import Gateway
from simulator.replacing import ReplacesRefusal
from simulator.useragent import messages
from simulator.useragent.handle import Call

_NOT_IN_A_ROOM = Refusal(603, "Decline", "only an answered call that is in a room can be replaced")


class ReplacingCalls:
    """Puts a call in the place of another one: the new one is answered, then the old one is hung up."""

    def __init__(self, gateway: Gateway, legs: Legs, entry: RoomEntry) -> None:
        self._gateway = gateway
        self._legs = legs
        self._entry = entry

    def take(self, call: Call, incoming: messages.Incoming) -> Refusal | None:
        """Answer an INVITE with Replaces, or return why it is refused; the other call goes on then."""
        replaced = self._gateway.replaced_call(incoming)
        if isinstance(replaced, ReplacesRefusal):
            return Refusal(replaced.status, replaced.reason, replaced.explanation)
        leg = self._leg_of(replaced)
        if leg is None:
            return _NOT_IN_A_ROOM
        self._replace(leg, call, incoming)
        return None

    def _leg_of(self, call: Call) -> Leg | None:
        up = (DialInState.JOINED, DialOutState.ANSWERED)
        return next((leg for leg in self._legs.values() if leg.call is call and leg.machine.state in up), None)

    def _replace(self, old: Leg, call: Call, incoming: messages.Incoming) -> None:
        new = self._entry.take_in_place_of(old, call, incoming)

        def follow(call: Call, notice: messages.AnyCallNotice) -> None:
            new.notice(call, notice)
            if isinstance(notice, messages.Answered):
                followed.follower = new.notice
                old.feed(StopRequested())

        followed: FollowedCall = new.followed_call
        followed.follower = follow
