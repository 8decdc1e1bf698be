"""A call that leaves its room for another end, with Daily staying in between (sipCallTransfer), as a table.

What always holds: nothing has happened to the call in its room before the INVITE to the target is out; then it leaves
the room, and `calltransfer.initiated` follows; `answered` comes once, and `completed` only after it, when the call to
the target is over; both calls end together, and `Release` comes when both are over or the caller is back in the room.

How a shell drives it: feed `Asked`; dial for `DialTarget` with a `dialout.DialOutSession` that joins no room, and feed
`TargetDialled`, `TargetAnswered` and, when that session is released or could not begin, `TargetOver`. `CallerOver`
when the SIP call that is transferred has ended. `HangUpCaller` and `HangUpTarget` on calls that are over are no error.

Source: https://docs.daily.co/guides/products/dial-in-dial-out/sip-call-transfer and the events calltransfer.*. What
becomes of the caller when the target does not answer is documented nowhere: hung up, or back in the room by a setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Literal

from fake_daily_server.telephony.inputs import (
    Asked,
    CallerOver,
    StopRequested,
    TargetAnswered,
    TargetDialled,
    TargetOver,
    TransferInput,
)
from fake_daily_server.telephony.machine import Act, Arc, Guard, Ignored, Machine, Table, ignoring
from fake_daily_server.telephony.outputs import (
    Announce,
    Connect,
    DialTarget,
    Fail,
    HangUpCaller,
    HangUpTarget,
    Output,
    Release,
    ReturnCaller,
    TakeFromRoom,
)


@dataclass(frozen=True, slots=True)
class TransferRules:
    """`when_it_fails`: whether a caller whose target does not answer is hung up or comes back into the room."""

    when_it_fails: Literal["hang_up", "return"] = "hang_up"


class TransferState(Enum):
    """How far a transfer is."""

    NEW = "new"
    TRIGGERED = "triggered"
    """Accepted; the target is being dialled, the caller is in the room."""
    INITIATED = "initiated"
    """The INVITE is out and the caller has left the room."""
    CONNECTED = "connected"
    """The target has answered; both hear each other."""
    ENDING = "ending"
    """One of the calls is over and the other is hung up, or both are."""
    DONE = "done"
    """Nothing is left to do."""


S = TransferState

TRIGGERED: Act[Transfer] = Act("calltransfer.triggered", lambda _: (Announce("triggered"),))
INITIATED: Act[Transfer] = Act("calltransfer.initiated", lambda _: (Announce("initiated"),))
ANSWERED: Act[Transfer] = Act("calltransfer.answered", lambda _: (Announce("answered"),))
COMPLETED: Act[Transfer] = Act(
    "calltransfer.completed (if answered, once)",
    lambda call: (Announce("completed"),) if call.answered and not call.completed else (),
)
DIAL: Act[Transfer] = Act("dial the target", lambda _: (DialTarget(),))
TAKE: Act[Transfer] = Act("participant-left, dialin- or dialout-stopped", lambda _: (TakeFromRoom(),))
CONNECT: Act[Transfer] = Act("bridge the audio", lambda _: (Connect(),))
HANG_UP_CALLER: Act[Transfer] = Act("hang up the caller", lambda _: (HangUpCaller(),))
HANG_UP_TARGET: Act[Transfer] = Act("hang up the target", lambda _: (HangUpTarget(),))
RETURN: Act[Transfer] = Act("back into the room", lambda _: (ReturnCaller(),))
FAIL: Act[Transfer] = Act("refuse the request", lambda call: (Fail(call.because),))
RELEASE: Act[Transfer] = Act("release", lambda _: (Release(),))

RETURNS: Guard[Transfer] = Guard("set to return", lambda call: call.rules.when_it_fails == "return")
BOTH_OVER: Guard[Transfer] = Guard("both calls are over", lambda call: call.caller_over and call.target_over)

TABLE: Table[TransferState, Transfer] = MappingProxyType(
    {
        (S.NEW, Asked): (Arc(S.TRIGGERED, (TRIGGERED, DIAL)),),
        (S.TRIGGERED, TargetDialled): (Arc(S.INITIATED, (TAKE, INITIATED)),),
        (S.TRIGGERED, TargetOver): (Arc(S.DONE, (FAIL, RELEASE)),),
        (S.TRIGGERED, CallerOver): (Arc(S.ENDING, (FAIL, HANG_UP_TARGET)),),
        (S.TRIGGERED, StopRequested): (Arc(S.ENDING, (FAIL, HANG_UP_TARGET, HANG_UP_CALLER)),),
        (S.INITIATED, TargetAnswered): (Arc(S.CONNECTED, (CONNECT, ANSWERED)),),
        (S.INITIATED, TargetOver): (
            Arc(S.DONE, (RETURN, RELEASE), when=RETURNS),
            Arc(S.ENDING, (HANG_UP_CALLER,)),
        ),
        (S.INITIATED, CallerOver): (Arc(S.ENDING, (HANG_UP_TARGET,)),),
        (S.INITIATED, StopRequested): (Arc(S.ENDING, (HANG_UP_TARGET, HANG_UP_CALLER)),),
        (S.CONNECTED, TargetOver): (Arc(S.ENDING, (COMPLETED, HANG_UP_CALLER)),),
        (S.CONNECTED, CallerOver): (Arc(S.ENDING, (HANG_UP_TARGET,)),),
        (S.CONNECTED, StopRequested): (Arc(S.ENDING, (HANG_UP_TARGET, HANG_UP_CALLER)),),
        (S.ENDING, TargetOver): (Arc(S.DONE, (COMPLETED, RELEASE), when=BOTH_OVER), Arc(S.ENDING, (COMPLETED,))),
        (S.ENDING, CallerOver): (Arc(S.DONE, (RELEASE,), when=BOTH_OVER), Arc(S.ENDING)),
    }
)

_ONCE: dict[tuple[type[object], ...], str] = {(Asked,): "asked for already"}

IGNORED: Ignored[TransferState] = ignoring(
    {
        S.NEW: {
            (TargetDialled, TargetAnswered, TargetOver): "nobody was dialled yet",
            (CallerOver, StopRequested): "nothing was asked for yet",
        },
        S.TRIGGERED: {**_ONCE, (TargetAnswered,): "the INVITE goes out first"},
        S.INITIATED: {**_ONCE, (TargetDialled,): "the INVITE is out already"},
        S.CONNECTED: {**_ONCE, (TargetDialled, TargetAnswered): "answered already"},
        S.ENDING: {
            **_ONCE,
            (TargetDialled, TargetAnswered): "the target is being hung up",
            (StopRequested,): "ending already",
        },
        S.DONE: {(Asked, TargetDialled, TargetAnswered, TargetOver, CallerOver, StopRequested): "the transfer is over"},
    }
)


class Transfer(Machine[TransferState, TransferInput]):
    """One transfer. `feed` it `TransferInput`s and do what it returns, in order."""

    table = TABLE
    ignored = IGNORED

    def __init__(self, rules: TransferRules | None = None) -> None:
        self.rules: TransferRules = rules or TransferRules()
        self.state = TransferState.NEW
        self.answered: bool = False
        self.completed: bool = False
        self.caller_over: bool = False
        self.target_over: bool = False
        self.because: str = "the server is being reset"

    def _learn(self, fact: TransferInput) -> None:
        match fact:
            case TargetAnswered():
                self.answered = True
            case TargetOver(because):
                self.target_over = True
                self.because = because
            case CallerOver():
                self.caller_over = True
                self.because = "the call has ended"

    def _note(self, outputs: tuple[Output, ...]) -> None:
        self.completed = self.completed or Announce("completed") in outputs
