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
from simulator.sip_dialog import Replaces
from simulator.useragent import messages
from simulator.useragent.handle import Call

_MALFORMED = Refusal(400, "Bad Request", "Replaces needs one Call-ID with to-tag and from-tag")
_UNKNOWN = Refusal(481, "Call/Transaction Does Not Exist", "no call has the dialog that Replaces names")
_ENDED = Refusal(603, "Decline", "the call that Replaces names has ended")
_NOT_EARLY = Refusal(486, "Busy Here", "Replaces is for an early dialog only, and the call has been answered")
_NOT_IN_A_ROOM = Refusal(603, "Decline", "only an answered call that is in a room can be replaced")


def replaces_values(incoming: messages.Incoming) -> list[str]:
    """The values of the Replaces header fields of an INVITE."""
    return [value for name, value in incoming.headers if name.lower() == "replaces"]


class ReplacingCalls:
    """Puts a call in the place of another one: the new one is answered, then the old one is hung up."""

    def __init__(self, gateway: Gateway, legs: Legs, entry: RoomEntry) -> None:
        self._gateway = gateway
        self._legs = legs
        self._entry = entry

    def take(self, call: Call, incoming: messages.Incoming) -> Refusal | None:
        """Answer an INVITE with Replaces, or return why it is refused; the other call goes on then."""
        try:
            replaces = Replaces.parse(replaces_values(incoming))
        except ValueError:
            return _MALFORMED
        replaced = self._gateway.find_call(replaces)
        if replaced is None:
            return _ENDED if self._gateway.has_ended(replaces) else _UNKNOWN
        if replaces.early_only and replaced.state == "answered":
            return _NOT_EARLY
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
