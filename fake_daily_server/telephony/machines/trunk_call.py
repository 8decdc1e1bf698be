"""The state table of a call to a SIP trunk, from the INVITE until it is a session of its room.

Invariants:

- the caller hears ringing at once, before anything else is done;
- the customer's server is told of a call only when there is a room for it, and of each call once: requests are repeated
  only until one was accepted;
- a caller whom the server does not accept in time gets `480 Notification Failed`, and an acceptance that comes later
  changes nothing;
- the room of a call that ends before it was accepted is deleted;
- the call is answered only as a session of its room: what follows are the events of a dial-in (see `dialin`).

Drive the machine as that of a dial-in. The worker that answers the call is the one that it rings at, so that the
answer waits for nothing else than the customer's server.

Source: https://docs.daily.co/docs/guides/products/dial-in-dial-out/sip-trunk and
https://docs.daily.co/reference/rest-api/sip-trunk/notification. Daily documents no status for a call whose room cannot
be made; here it is 480.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType

from fake_daily_server.telephony.machines.inputs import (
    Answered,
    CallAccepted,
    Ended,
    InviteReceived,
    MediaUp,
    NotificationFailed,
    Refusal,
    RoomMade,
    RoomRefused,
    StopRequested,
    TrunkCallInput,
    WorkerLost,
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
    AnnounceCall,
    DeleteRoom,
    EnterRoom,
    MakeRoom,
    Output,
    Reject,
    Release,
    Ring,
    StopAnnouncing,
)

NOTIFICATION_FAILED = (480, "Notification Failed")
UNAVAILABLE = (480, "Temporarily Unavailable")


class TrunkCallState(Enum):
    """The states of a call to a SIP trunk."""

    NEW = "new"
    """The INVITE has been neither taken nor refused yet."""
    MAKING_ROOM = "making the room"
    """The caller hears ringing; there is no room yet."""
    ANNOUNCED = "announced"
    """The caller hears ringing; the customer's server has been told of the call, and has not accepted it yet."""
    MOVED = "moved"
    """The call has become a session of its room; every input is ignored."""
    DONE = "done"
    """The call is over; every input is ignored."""


S = TrunkCallState


def _reject(call: TrunkCallMachine) -> tuple[Output, ...]:
    return (Reject(call.refusal.status, call.refusal.reason),) if call.refusal else ()


REJECT = Action("refuse the INVITE", _reject)
RING: Action[TrunkCallMachine] = Action("180 Ringing", lambda _: (Ring(),))
MAKE_ROOM: Action[TrunkCallMachine] = Action("make the room", lambda _: (MakeRoom(),))
REJECT_UNAVAILABLE: Action[TrunkCallMachine] = Action("480 Temporarily Unavailable", lambda _: (Reject(*UNAVAILABLE),))
ANNOUNCE: Action[TrunkCallMachine] = Action("announce the call to the customer's server", lambda _: (AnnounceCall(),))
STOP_ANNOUNCING: Action[TrunkCallMachine] = Action("stop announcing", lambda _: (StopAnnouncing(),))
DELETE_ROOM: Action[TrunkCallMachine] = Action("delete the room", lambda _: (DeleteRoom(),))
ENTER: Action[TrunkCallMachine] = Action("enter the room as a dial-in, which answers", lambda _: (EnterRoom(),))
REJECT_UNANNOUNCED: Action[TrunkCallMachine] = Action(
    "480 Notification Failed", lambda _: (Reject(*NOTIFICATION_FAILED),)
)
RELEASE: Action[TrunkCallMachine] = Action("release", lambda _: (Release(),))

REFUSED: Guard[TrunkCallMachine] = Guard("refused", lambda call: call.refusal is not None)

_GONE = (Transition(S.DONE, (RELEASE,)),)
_GONE_ANNOUNCED = (Transition(S.DONE, (STOP_ANNOUNCING, DELETE_ROOM, RELEASE)),)

TABLE: Table[TrunkCallState, TrunkCallMachine] = MappingProxyType(
    {
        (S.NEW, InviteReceived): (
            Transition(S.DONE, (REJECT, RELEASE), guard=REFUSED),
            Transition(S.MAKING_ROOM, (RING, MAKE_ROOM)),
        ),
        (S.NEW, Ended): _GONE,
        (S.NEW, WorkerLost): _GONE,
        (S.MAKING_ROOM, RoomMade): (Transition(S.ANNOUNCED, (ANNOUNCE,)),),
        (S.MAKING_ROOM, RoomRefused): (Transition(S.DONE, (REJECT_UNAVAILABLE, RELEASE)),),
        (S.MAKING_ROOM, Ended): _GONE,
        (S.MAKING_ROOM, WorkerLost): _GONE,
        (S.MAKING_ROOM, StopRequested): (Transition(S.DONE, (REJECT_UNAVAILABLE, RELEASE)),),
        (S.ANNOUNCED, CallAccepted): (
            Transition(S.DONE, (REJECT, DELETE_ROOM, RELEASE), guard=REFUSED),
            Transition(S.MOVED, (ENTER, RELEASE)),
        ),
        (S.ANNOUNCED, NotificationFailed): (Transition(S.DONE, (REJECT_UNANNOUNCED, DELETE_ROOM, RELEASE)),),
        (S.ANNOUNCED, Ended): _GONE_ANNOUNCED,
        (S.ANNOUNCED, WorkerLost): _GONE_ANNOUNCED,
        (S.ANNOUNCED, StopRequested): (
            Transition(S.DONE, (STOP_ANNOUNCING, REJECT_UNAVAILABLE, DELETE_ROOM, RELEASE)),
        ),
    }
)

_UNANSWERED: dict[tuple[type[object], ...], str] = {(Answered, MediaUp): "the call has not been answered yet"}
_ONE_INVITE: dict[tuple[type[object], ...], str] = {(InviteReceived,): "the INVITE has been received already"}
_ALL = (
    InviteReceived,
    RoomMade,
    RoomRefused,
    CallAccepted,
    NotificationFailed,
    Answered,
    MediaUp,
    Ended,
    WorkerLost,
    StopRequested,
)

IGNORED: Ignored[TrunkCallState] = ignored_inputs(
    {
        S.NEW: {
            **_UNANSWERED,
            (RoomMade, RoomRefused, CallAccepted, NotificationFailed): "nothing has been asked for yet",
            (StopRequested,): "the INVITE is taken or refused first",
        },
        S.MAKING_ROOM: {
            **_ONE_INVITE,
            **_UNANSWERED,
            (CallAccepted, NotificationFailed): "the call has not been announced yet",
        },
        S.ANNOUNCED: {**_ONE_INVITE, **_UNANSWERED, (RoomMade, RoomRefused): "the room has been made already"},
        S.MOVED: {_ALL: "the call is a session of the room"},
        S.DONE: {_ALL: "the call is over"},
    }
)


class TrunkCallMachine(Machine[TrunkCallState, TrunkCallInput]):
    """The machine of one call to a trunk: feed it `TrunkCallInput`s and perform the outputs it returns, in order.

    `state` may be read.
    """

    title = "Call to a SIP trunk"
    table = TABLE
    ignored = IGNORED

    def __init__(self) -> None:
        self.state = TrunkCallState.NEW
        self.refusal: Refusal | None = None

    def _remember_input(self, given: TrunkCallInput) -> None:
        match given:
            case InviteReceived(refusal) | CallAccepted(refusal):
                self.refusal = refusal
