"""A call that the peer is asked to take elsewhere by itself (sipRefer), as a table.

What always holds: nothing has happened to the call in its room before the peer accepts the REFER; then it leaves the
room, and `calltransfer.initiated` follows; there is no `answered` and no `completed`, because Daily is out of it. A
peer that refuses, or that cannot be asked, keeps its call in the room, and the request fails.

How a shell drives it: feed `Asked`; for `SendRefer` ask the user agent, feed each piece of `Transferred` news as
`ReferNews`, and `ReferFailed` when the REFER could not be sent or found no answer. `CallerOver` when the call has
ended: some peers hang up by themselves once they are through.

Source: https://docs.daily.co/guides/products/dial-in-dial-out/sip-refer, RFC 3515 for what the statuses mean.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType

from fake_daily_server.telephony.inputs import (
    Asked,
    CallerOver,
    ReferFailed,
    ReferInput,
    ReferNews,
    StopRequested,
)
from fake_daily_server.telephony.machine import Act, Arc, Guard, Ignored, Machine, Table, ignoring
from fake_daily_server.telephony.outputs import (
    Announce,
    Fail,
    HangUpCaller,
    Output,
    Release,
    ReturnCaller,
    SendRefer,
    TakeFromRoom,
)
from fake_daily_server.telephony.transfer import TransferRules


class ReferState(Enum):
    """How far a REFER is."""

    NEW = "new"
    TRIGGERED = "triggered"
    """The REFER is out; the caller is in the room."""
    INITIATED = "initiated"
    """Accepted: the peer calls the target, and the caller has left the room."""
    ENDING = "ending"
    """The peer is through, or not; our call with it is hung up."""
    DONE = "done"
    """Nothing is left to do."""


S = ReferState

TRIGGERED: Act[Refer] = Act("calltransfer.triggered", lambda _: (Announce("triggered"),))
INITIATED: Act[Refer] = Act("calltransfer.initiated", lambda _: (Announce("initiated"),))
SEND: Act[Refer] = Act("send REFER", lambda _: (SendRefer(),))
TAKE: Act[Refer] = Act("participant-left, dialin- or dialout-stopped", lambda _: (TakeFromRoom(),))
HANG_UP: Act[Refer] = Act("hang up", lambda _: (HangUpCaller(),))
RETURN: Act[Refer] = Act("back into the room", lambda _: (ReturnCaller(),))
FAIL: Act[Refer] = Act("refuse the request", lambda call: (Fail(call.because),))
RELEASE: Act[Refer] = Act("release", lambda _: (Release(),))

REFUSED: Guard[Refer] = Guard("refused", lambda call: call.news is not None and call.news.status >= 300)
THROUGH: Guard[Refer] = Guard("final", lambda call: call.news is not None and call.news.final)
UNDER_WAY: Guard[Refer] = Guard("not final", lambda call: call.news is not None and not call.news.final)
NOT_THROUGH: Guard[Refer] = Guard(
    "a failure, set to return",
    lambda call: call.news is not None and call.news.status >= 300 and call.rules.when_it_fails == "return",
)

_FAIL = (Arc(S.DONE, (FAIL, RELEASE)),)

TABLE: Table[ReferState, Refer] = MappingProxyType(
    {
        (S.NEW, Asked): (Arc(S.TRIGGERED, (TRIGGERED, SEND)),),
        (S.TRIGGERED, ReferNews): (
            Arc(S.DONE, (FAIL, RELEASE), when=REFUSED),
            Arc(S.ENDING, (TAKE, INITIATED, HANG_UP), when=THROUGH),
            Arc(S.INITIATED, (TAKE, INITIATED)),
        ),
        (S.TRIGGERED, ReferFailed): _FAIL,
        (S.TRIGGERED, CallerOver): _FAIL,
        (S.TRIGGERED, StopRequested): (Arc(S.DONE, (FAIL, HANG_UP, RELEASE)),),
        (S.INITIATED, ReferNews): (
            Arc(S.INITIATED, when=UNDER_WAY),
            Arc(S.DONE, (RETURN, RELEASE), when=NOT_THROUGH),
            Arc(S.ENDING, (HANG_UP,)),
        ),
        (S.INITIATED, CallerOver): (Arc(S.DONE, (RELEASE,)),),
        (S.INITIATED, StopRequested): (Arc(S.ENDING, (HANG_UP,)),),
        (S.ENDING, CallerOver): (Arc(S.DONE, (RELEASE,)),),
    }
)

_ONCE: dict[tuple[type[object], ...], str] = {(Asked,): "asked for already"}

IGNORED: Ignored[ReferState] = ignoring(
    {
        S.NEW: {(ReferNews, ReferFailed, CallerOver, StopRequested): "nothing was asked for yet"},
        S.TRIGGERED: _ONCE,
        S.INITIATED: {**_ONCE, (ReferFailed,): "the peer has accepted already"},
        S.ENDING: {**_ONCE, (ReferNews, ReferFailed): "no news of what is over", (StopRequested,): "ending already"},
        S.DONE: {(Asked, ReferNews, ReferFailed, CallerOver, StopRequested): "the transfer is over"},
    }
)


class Refer(Machine[ReferState, ReferInput]):
    """One REFER. `feed` it `ReferInput`s and do what it returns, in order."""

    table = TABLE
    ignored = IGNORED

    def __init__(self, rules: TransferRules | None = None) -> None:
        self.rules: TransferRules = rules or TransferRules()
        self.state = ReferState.NEW
        self.news: ReferNews | None = None
        self.because: str = "the server is being reset"

    def _learn(self, fact: ReferInput) -> None:
        match fact:
            case ReferNews(status, reason):
                self.news = fact
                self.because = f"the peer refuses to be referred: {status} {reason}"
            case ReferFailed(because):
                self.because = because
            case CallerOver():
                self.because = "the call has ended"

    def _note(self, outputs: tuple[Output, ...]) -> None:
        """Nothing here is done at most once but by the table."""
