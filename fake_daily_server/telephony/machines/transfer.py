"""The state table of a call that Daily transfers out of its room and bridges to another one (sipCallTransfer).

The terms are those of RFC 5589: the *transferee* is the call that is transferred, the *target* the call that it is
bridged to.

Invariants:

- the call stays in its room until the INVITE to the target has been sent; then it leaves the room, and
  `calltransfer.initiated` follows; with the setting `transfer_leaves_room: answered` it stays until the target answers,
  and for good if it does not;
- `calltransfer.answered` is reported once, and `completed` only after it, when the call to the target is over;
- both calls end together; `Release` comes when both are over, or when the transferee has returned to the room.

To drive the machine, feed `TransferRequested`. On `DialTarget`, dial with a `DialOutMachine` whose participant never
joins, and feed `TargetDialled`, `TargetAnswered` and, after that machine's `Release` or if no INVITE could be sent,
`TargetEnded`. Feed `TransfereeEnded` when the SIP call of the transferee is over. Hanging up a call that is over is not
an error.

Source: https://docs.daily.co/guides/products/dial-in-dial-out/sip-call-transfer and the events calltransfer.*. Daily
does not document what happens to the transferee if the target does not answer; a setting decides whether it is hung up
or returns to the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Literal

from fake_daily_server.telephony.machines.inputs import (
    StopRequested,
    TargetAnswered,
    TargetDialled,
    TargetEnded,
    TransfereeEnded,
    TransferInput,
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
    AcceptTransfer,
    BridgeCalls,
    DialTarget,
    HangUpTarget,
    HangUpTransferee,
    LeaveRoom,
    Output,
    RefuseTransfer,
    Release,
    ReportTransfer,
    ReturnToRoom,
)


@dataclass(frozen=True, slots=True)
class TransferRules:
    """Settings for behaviour that Daily does not document."""

    on_failure: Literal["hang_up", "return"] = "hang_up"
    """What happens to the transferee if the target does not answer: it is hung up, or returns to the room."""
    leaves_room: Literal["initiated", "answered"] = "initiated"
    """When the transferee leaves its room: once the target is called, or once it has answered."""


class TransferState(Enum):
    """The states of a transfer."""

    NEW = "new"
    """The transfer has not been requested yet."""
    TRIGGERED = "triggered"
    """The transfer has been accepted; the INVITE to the target has not been sent, and the call is still in the room."""
    INITIATED = "initiated"
    """The INVITE to the target has been sent, and the call has left the room, or leaves it when the target answers."""
    CONNECTED = "connected"
    """The target has answered, and the audio of both calls is bridged."""
    ENDING = "ending"
    """At least one of the calls is over, or is being hung up."""
    DONE = "done"
    """The transfer is over; every input is ignored."""


S = TransferState

TRIGGERED: Action[TransferMachine] = Action("calltransfer.triggered", lambda _: (ReportTransfer("triggered"),))
INITIATED: Action[TransferMachine] = Action("calltransfer.initiated", lambda _: (ReportTransfer("initiated"),))
ANSWERED: Action[TransferMachine] = Action("calltransfer.answered", lambda _: (ReportTransfer("answered"),))
COMPLETED: Action[TransferMachine] = Action(
    "calltransfer.completed (if answered, once)",
    lambda call: (ReportTransfer("completed"),) if call.answered and not call.completed else (),
)
DIAL: Action[TransferMachine] = Action("dial the target", lambda _: (DialTarget(),))
LEAVE_NOW: Action[TransferMachine] = Action(
    "participant-left, dialin- or dialout-stopped (unless transfer_leaves_room is answered)",
    lambda call: (LeaveRoom(),) if call.rules.leaves_room == "initiated" else (AcceptTransfer(),),
)
LEAVE_LATE: Action[TransferMachine] = Action(
    "participant-left, dialin- or dialout-stopped (if transfer_leaves_room is answered)",
    lambda call: (LeaveRoom(),) if call.rules.leaves_room == "answered" else (),
)
STAY: Action[TransferMachine] = Action("stay in the room", lambda call: (RefuseTransfer(call.reason),))
BRIDGE: Action[TransferMachine] = Action("bridge the audio", lambda _: (BridgeCalls(),))
HANG_UP_TRANSFEREE: Action[TransferMachine] = Action("hang up the transferee", lambda _: (HangUpTransferee(),))
HANG_UP_TARGET: Action[TransferMachine] = Action("hang up the target", lambda _: (HangUpTarget(),))
RETURN: Action[TransferMachine] = Action("return to the room", lambda _: (ReturnToRoom(),))
FAIL: Action[TransferMachine] = Action("refuse the request", lambda call: (RefuseTransfer(call.reason),))
RELEASE: Action[TransferMachine] = Action("release", lambda _: (Release(),))

RETURNS: Guard[TransferMachine] = Guard("failed_transfer is return", lambda call: call.rules.on_failure == "return")
STAYS: Guard[TransferMachine] = Guard(
    "transfer_leaves_room is answered", lambda call: call.rules.leaves_room == "answered"
)
BOTH_ENDED: Guard[TransferMachine] = Guard(
    "both calls are over", lambda call: call.transferee_ended and call.target_ended
)

TABLE: Table[TransferState, TransferMachine] = MappingProxyType(
    {
        (S.NEW, TransferRequested): (Transition(S.TRIGGERED, (TRIGGERED, DIAL)),),
        (S.TRIGGERED, TargetDialled): (Transition(S.INITIATED, (LEAVE_NOW, INITIATED)),),
        (S.TRIGGERED, TargetEnded): (Transition(S.DONE, (FAIL, RELEASE)),),
        (S.TRIGGERED, TransfereeEnded): (Transition(S.ENDING, (FAIL, HANG_UP_TARGET)),),
        (S.TRIGGERED, StopRequested): (Transition(S.ENDING, (FAIL, HANG_UP_TARGET, HANG_UP_TRANSFEREE)),),
        (S.INITIATED, TargetAnswered): (Transition(S.CONNECTED, (LEAVE_LATE, BRIDGE, ANSWERED)),),
        (S.INITIATED, TargetEnded): (
            Transition(S.DONE, (STAY, RELEASE), guard=STAYS),
            Transition(S.DONE, (RETURN, RELEASE), guard=RETURNS),
            Transition(S.ENDING, (HANG_UP_TRANSFEREE,)),
        ),
        (S.INITIATED, TransfereeEnded): (Transition(S.ENDING, (HANG_UP_TARGET,)),),
        (S.INITIATED, StopRequested): (Transition(S.ENDING, (HANG_UP_TARGET, HANG_UP_TRANSFEREE)),),
        (S.CONNECTED, TargetEnded): (Transition(S.ENDING, (COMPLETED, HANG_UP_TRANSFEREE)),),
        (S.CONNECTED, TransfereeEnded): (Transition(S.ENDING, (HANG_UP_TARGET,)),),
        (S.CONNECTED, StopRequested): (Transition(S.ENDING, (HANG_UP_TARGET, HANG_UP_TRANSFEREE)),),
        (S.ENDING, TargetEnded): (
            Transition(S.DONE, (COMPLETED, RELEASE), guard=BOTH_ENDED),
            Transition(S.ENDING, (COMPLETED,)),
        ),
        (S.ENDING, TransfereeEnded): (Transition(S.DONE, (RELEASE,), guard=BOTH_ENDED), Transition(S.ENDING)),
    }
)

_REQUESTED: dict[tuple[type[object], ...], str] = {(TransferRequested,): "the transfer has been requested already"}

IGNORED: Ignored[TransferState] = ignored_inputs(
    {
        S.NEW: {
            (TargetDialled, TargetAnswered, TargetEnded): "the target has not been dialled yet",
            (TransfereeEnded, StopRequested): "the transfer has not been requested yet",
        },
        S.TRIGGERED: {**_REQUESTED, (TargetAnswered,): "the INVITE has not been sent yet"},
        S.INITIATED: {**_REQUESTED, (TargetDialled,): "the INVITE has been sent already"},
        S.CONNECTED: {**_REQUESTED, (TargetDialled, TargetAnswered): "the target has answered already"},
        S.ENDING: {
            **_REQUESTED,
            (TargetDialled, TargetAnswered): "the target is being hung up",
            (StopRequested,): "the transfer is ending already",
        },
        S.DONE: {
            (
                TransferRequested,
                TargetDialled,
                TargetAnswered,
                TargetEnded,
                TransfereeEnded,
                StopRequested,
            ): "the transfer is over"
        },
    }
)


class TransferMachine(Machine[TransferState, TransferInput]):
    """The machine of one transfer: feed it `TransferInput`s and perform the outputs it returns, in order."""

    title = "Transfer (sipCallTransfer)"
    table = TABLE
    ignored = IGNORED

    def __init__(self, rules: TransferRules | None = None) -> None:
        self.rules: TransferRules = rules or TransferRules()
        self.state = TransferState.NEW
        self.answered: bool = False
        self.completed: bool = False
        self.transferee_ended: bool = False
        self.target_ended: bool = False
        self.reason: str = "the server is being reset"

    def _remember_input(self, given: TransferInput) -> None:
        match given:
            case TargetAnswered():
                self.answered = True
            case TargetEnded(reason):
                self.target_ended = True
                self.reason = reason
            case TransfereeEnded():
                self.transferee_ended = True
                self.reason = "the call has ended"

    def _remember_outputs(self, outputs: tuple[Output, ...]) -> None:
        self.completed = self.completed or ReportTransfer("completed") in outputs
