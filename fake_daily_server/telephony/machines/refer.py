"""The state table of a call whose peer is asked to call the target itself (sipRefer).

Invariants:

- the call stays in its room until the peer accepts the REFER; then it leaves the room, and `calltransfer.initiated`
  follows;
- `calltransfer.answered` and `completed` are never reported, because Daily is no longer involved;
- if the peer refuses the REFER or the REFER cannot be sent, the call stays in the room, and the request fails.

To drive the machine, feed `TransferRequested`. On `SendRefer`, let the user agent send the REFER; feed every
`TransferProgress` notice as `ReferProgress`, and `ReferFailed` if the REFER could not be sent or was not answered. Feed
`TransfereeEnded` when the call is over: some peers hang up once the call to the target is up.

Source: https://docs.daily.co/guides/products/dial-in-dial-out/sip-refer; RFC 3515 for the meaning of the statuses.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType

from fake_daily_server.telephony.machines.inputs import (
    ReferFailed,
    ReferInput,
    ReferProgress,
    StopRequested,
    TransfereeEnded,
    TransferRequested,
)
from fake_daily_server.telephony.machines.machine import (
    Action,
    Guard,
    Ignored,
    Machine,
    Table,
    Transition,
    ignored_inputs,
)
from fake_daily_server.telephony.machines.outputs import (
    HangUpTransferee,
    LeaveRoom,
    RefuseTransfer,
    Release,
    ReportTransfer,
    ReturnToRoom,
    SendRefer,
)
from fake_daily_server.telephony.machines.transfer import TransferRules


class ReferState(Enum):
    """The states of a REFER."""

    NEW = "new"
    """The transfer has not been requested yet."""
    TRIGGERED = "triggered"
    """The REFER has been sent; the call is still in the room."""
    INITIATED = "initiated"
    """The peer has accepted the REFER and is calling the target; the call has left the room."""
    ENDING = "ending"
    """The peer has reported the outcome, and the call is being hung up."""
    DONE = "done"
    """The transfer is over; every input is ignored."""


S = ReferState

TRIGGERED: Action[ReferMachine] = Action("calltransfer.triggered", lambda _: (ReportTransfer("triggered"),))
INITIATED: Action[ReferMachine] = Action("calltransfer.initiated", lambda _: (ReportTransfer("initiated"),))
SEND: Action[ReferMachine] = Action("send REFER", lambda _: (SendRefer(),))
LEAVE_ROOM: Action[ReferMachine] = Action("participant-left, dialin- or dialout-stopped", lambda _: (LeaveRoom(),))
HANG_UP: Action[ReferMachine] = Action("hang up", lambda _: (HangUpTransferee(),))
RETURN: Action[ReferMachine] = Action("return to the room", lambda _: (ReturnToRoom(),))
FAIL: Action[ReferMachine] = Action("refuse the request", lambda call: (RefuseTransfer(call.reason),))
RELEASE: Action[ReferMachine] = Action("release", lambda _: (Release(),))

REFUSED: Guard[ReferMachine] = Guard("refused", lambda call: call.progress is not None and call.progress.status >= 300)
FINAL: Guard[ReferMachine] = Guard("final", lambda call: call.progress is not None and call.progress.final)
NOT_FINAL: Guard[ReferMachine] = Guard("not final", lambda call: call.progress is not None and not call.progress.final)
RETURNS: Guard[ReferMachine] = Guard(
    "a failure, and failed_transfer is return",
    lambda call: call.progress is not None and call.progress.status >= 300 and call.rules.on_failure == "return",
)

_FAIL = (Transition(S.DONE, (FAIL, RELEASE)),)

TABLE: Table[ReferState, ReferMachine] = MappingProxyType(
    {
        (S.NEW, TransferRequested): (Transition(S.TRIGGERED, (TRIGGERED, SEND)),),
        (S.TRIGGERED, ReferProgress): (
            Transition(S.DONE, (FAIL, RELEASE), guard=REFUSED),
            Transition(S.ENDING, (LEAVE_ROOM, INITIATED, HANG_UP), guard=FINAL),
            Transition(S.INITIATED, (LEAVE_ROOM, INITIATED)),
        ),
        (S.TRIGGERED, ReferFailed): _FAIL,
        (S.TRIGGERED, TransfereeEnded): _FAIL,
        (S.TRIGGERED, StopRequested): (Transition(S.DONE, (FAIL, HANG_UP, RELEASE)),),
        (S.INITIATED, ReferProgress): (
            Transition(S.INITIATED, guard=NOT_FINAL),
            Transition(S.DONE, (RETURN, RELEASE), guard=RETURNS),
            Transition(S.ENDING, (HANG_UP,)),
        ),
        (S.INITIATED, TransfereeEnded): (Transition(S.DONE, (RELEASE,)),),
        (S.INITIATED, StopRequested): (Transition(S.ENDING, (HANG_UP,)),),
        (S.ENDING, TransfereeEnded): (Transition(S.DONE, (RELEASE,)),),
    }
)

_REQUESTED: dict[tuple[type[object], ...], str] = {(TransferRequested,): "the transfer has been requested already"}

IGNORED: Ignored[ReferState] = ignored_inputs(
    {
        S.NEW: {
            (ReferProgress, ReferFailed, TransfereeEnded, StopRequested): "the transfer has not been requested yet"
        },
        S.TRIGGERED: _REQUESTED,
        S.INITIATED: {**_REQUESTED, (ReferFailed,): "the peer has accepted already"},
        S.ENDING: {
            **_REQUESTED,
            (ReferProgress, ReferFailed): "the outcome is known already",
            (StopRequested,): "the transfer is ending already",
        },
        S.DONE: {
            (TransferRequested, ReferProgress, ReferFailed, TransfereeEnded, StopRequested): "the transfer is over"
        },
    }
)


class ReferMachine(Machine[ReferState, ReferInput]):
    """The machine of one REFER: feed it `ReferInput`s and perform the outputs it returns, in order."""

    title = "REFER (sipRefer)"
    table = TABLE
    ignored = IGNORED

    def __init__(self, rules: TransferRules | None = None) -> None:
        self.rules: TransferRules = rules or TransferRules()
        self.state = ReferState.NEW
        self.progress: ReferProgress | None = None
        self.reason: str = "the server is being reset"

    def _remember_input(self, given: ReferInput) -> None:
        match given:
            case ReferProgress(status, reason):
                self.progress = given
                self.reason = f"the peer refused the REFER: {status} {reason}"
            case ReferFailed(reason):
                self.reason = reason
            case TransfereeEnded():
                self.reason = "the call has ended"
