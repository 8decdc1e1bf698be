"""A caller on hold until pinlessCallUpdate names a room (pinless dial-in and SIP interconnect), as a table.

Invariants:

- the customer's `room_creation_api` is requested once, when the caller is on hold and hears music;
- a call whose media never came up is reported as `dialin.error`, unless the caller hung up;
- a held call is moved to a room, or hears the timeout message, or ends: exactly one of these;
- a call that was moved keeps its SIP dialog, which belongs to a session of the room from then on.

How to drive it: as a dial-in (see `dialin`), with a timer for `StartWaitTimer` and a player for `PlaySound`. Feed
`RoomAssigned` for pinlessCallUpdate, when the room takes the call and the state is `HELD`.

Source: https://docs.daily.co/guides/products/dial-in-dial-out/dialin-pinless. The documentation describes music that is
played twice and a message after it, and does not say how the call ends; here it is hung up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Literal

from fake_daily_server.telephony.machines.inputs import (
    Answered,
    Ended,
    HeldCallerInput,
    InviteReceived,
    MediaUp,
    NegotiationFailed,
    Refusal,
    RoomAssigned,
    RoomCreationFailed,
    SoundFinished,
    StopRequested,
    WaitTimeout,
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
    Answer,
    HangUp,
    MoveToRoom,
    Output,
    PlaySound,
    Reject,
    Release,
    ReportStartFailure,
    RequestRoom,
    StartWaitTimer,
    StopSound,
    StopWaitTimer,
)
from fake_daily_server.telephony.machines.start_failure import failure_of, hung_up_by_caller


@dataclass(frozen=True, slots=True)
class HeldCallerRules:
    """Behaviour that Daily does not document, as settings."""

    limit_s: float = 40
    """How long a caller is held, from the beginning of the music."""
    when_no_room_is_made: Literal["hold", "drop"] = "hold"
    """After a failed request to `room_creation_api`: keep holding the caller, since pinlessCallUpdate may still be
    called, or play the timeout message and hang up."""
    timeout_message: str | None = None
    """What the caller hears before it is hung up; None plays a beep."""


class HeldCallerState(Enum):
    """The states of a held caller."""

    NEW = "new"
    """Before the INVITE is accepted or refused."""
    ANSWERING = "answering"
    """Accepted; there is no media yet."""
    HELD = "held"
    """Hears hold music, and can be moved to a room."""
    PLAYING_MESSAGE = "playing the timeout message"
    """Not moved in time; the call is hung up after the message."""
    ENDING = "ending"
    """Hung up by us; SIP has not confirmed the end yet."""
    MOVED = "moved"
    """Moved to a room, whose session the call is now."""
    DONE = "done"
    """Over and released."""


S = HeldCallerState


def _reject(call: HeldCallerMachine) -> tuple[Output, ...]:
    return (Reject(call.refusal.status, call.refusal.reason),) if call.refusal else ()


REJECT = Action("refuse the INVITE", _reject)
ANSWER: Action[HeldCallerMachine] = Action("answer", lambda _: (Answer(),))
PLAY_MUSIC: Action[HeldCallerMachine] = Action("play hold music", lambda _: (PlaySound("hold music"),))
STOP_MUSIC: Action[HeldCallerMachine] = Action("stop the music", lambda _: (StopSound(),))
REQUEST_ROOM: Action[HeldCallerMachine] = Action("request room_creation_api", lambda _: (RequestRoom(),))
START_TIMER: Action[HeldCallerMachine] = Action(
    "start the hold timer", lambda call: (StartWaitTimer(call.rules.limit_s),)
)
STOP_TIMER: Action[HeldCallerMachine] = Action("stop the hold timer", lambda _: (StopWaitTimer(),))
PLAY_MESSAGE: Action[HeldCallerMachine] = Action(
    "play the timeout message", lambda call: (PlaySound("timeout message", call.rules.timeout_message),)
)
MOVE: Action[HeldCallerMachine] = Action("move the call to the room", lambda _: (MoveToRoom(),))
HANG_UP: Action[HeldCallerMachine] = Action("hang up", lambda _: (HangUp(),))
START_FAILED: Action[HeldCallerMachine] = Action(
    "dialin.error (webhook)", lambda call: (ReportStartFailure(call.failure),)
)
RELEASE: Action[HeldCallerMachine] = Action("release", lambda _: (Release(),))

CALLER_HUNG_UP: Guard[HeldCallerMachine] = Guard("the caller hung up", lambda call: hung_up_by_caller(call.ended))
REFUSED: Guard[HeldCallerMachine] = Guard("refused", lambda call: call.refusal is not None)
DROPS_CALLER: Guard[HeldCallerMachine] = Guard(
    "when_no_room_is_made is drop", lambda call: call.rules.when_no_room_is_made == "drop"
)

_OVER = (Transition(S.DONE, (RELEASE,)),)
_NEVER_STARTED = (
    Transition(S.DONE, (RELEASE,), guard=CALLER_HUNG_UP),
    Transition(S.DONE, (START_FAILED, RELEASE)),
)
_OVER_HELD = (Transition(S.DONE, (STOP_TIMER, RELEASE)),)
_HANG_UP = (Transition(S.ENDING, (HANG_UP,)),)

TABLE: Table[HeldCallerState, HeldCallerMachine] = MappingProxyType(
    {
        (S.NEW, InviteReceived): (
            Transition(S.DONE, (REJECT, RELEASE), guard=REFUSED),
            Transition(S.ANSWERING, (ANSWER,)),
        ),
        (S.NEW, Ended): _OVER,
        (S.NEW, WorkerLost): _OVER,
        (S.ANSWERING, MediaUp): (Transition(S.HELD, (PLAY_MUSIC, START_TIMER, REQUEST_ROOM)),),
        (S.ANSWERING, NegotiationFailed): (Transition(S.DONE, (START_FAILED, HANG_UP, RELEASE)),),
        (S.ANSWERING, Ended): _NEVER_STARTED,
        (S.ANSWERING, WorkerLost): (Transition(S.DONE, (START_FAILED, RELEASE)),),
        (S.ANSWERING, StopRequested): _HANG_UP,
        (S.HELD, RoomAssigned): (Transition(S.MOVED, (STOP_TIMER, STOP_MUSIC, MOVE, RELEASE)),),
        (S.HELD, WaitTimeout): (Transition(S.PLAYING_MESSAGE, (PLAY_MESSAGE,)),),
        (S.HELD, RoomCreationFailed): (
            Transition(S.PLAYING_MESSAGE, (STOP_TIMER, PLAY_MESSAGE), guard=DROPS_CALLER),
            Transition(S.HELD),
        ),
        (S.HELD, Ended): _OVER_HELD,
        (S.HELD, WorkerLost): _OVER_HELD,
        (S.HELD, StopRequested): (Transition(S.ENDING, (STOP_TIMER, HANG_UP)),),
        (S.PLAYING_MESSAGE, SoundFinished): _HANG_UP,
        (S.PLAYING_MESSAGE, Ended): _OVER,
        (S.PLAYING_MESSAGE, WorkerLost): _OVER,
        (S.PLAYING_MESSAGE, StopRequested): _HANG_UP,
        (S.ENDING, Ended): _OVER,
        (S.ENDING, WorkerLost): _OVER,
    }
)

_ONE_INVITE: dict[tuple[type[object], ...], str] = {(InviteReceived,): "the INVITE has been received already"}
_NOT_HELD: dict[tuple[type[object], ...], str] = {
    (RoomAssigned, WaitTimeout, RoomCreationFailed, SoundFinished): "the caller is not on hold"
}
_ALL = (
    InviteReceived,
    Answered,
    MediaUp,
    NegotiationFailed,
    Ended,
    WorkerLost,
    StopRequested,
    RoomAssigned,
    WaitTimeout,
    RoomCreationFailed,
    SoundFinished,
)

IGNORED: Ignored[HeldCallerState] = ignored_inputs(
    {
        S.NEW: {
            (Answered, MediaUp, NegotiationFailed): "the INVITE has not been answered yet",
            (StopRequested,): "the INVITE is accepted or refused first",
            **_NOT_HELD,
        },
        S.ANSWERING: {**_ONE_INVITE, (Answered,): "the music starts when media is up", **_NOT_HELD},
        S.HELD: {
            **_ONE_INVITE,
            (Answered, MediaUp, NegotiationFailed): "media is up already",
            (SoundFinished,): "hold music is repeated without end",
        },
        S.PLAYING_MESSAGE: {
            **_ONE_INVITE,
            (Answered, MediaUp, NegotiationFailed): "media is up already",
            (RoomAssigned, WaitTimeout, RoomCreationFailed): "the hold is over",
        },
        S.ENDING: {
            **_ONE_INVITE,
            (Answered, MediaUp, NegotiationFailed): "the call has been hung up; only its end matters",
            (StopRequested,): "the call is being stopped already",
            **_NOT_HELD,
        },
        S.MOVED: {_ALL: "the call is a session of the room"},
        S.DONE: {_ALL: "the call is over"},
    }
)


class HeldCallerMachine(Machine[HeldCallerState, HeldCallerInput]):
    """One held caller: feed it `HeldCallerInput`s and perform what it returns, in order.

    `state` and `media` may be read.
    """

    table = TABLE
    ignored = IGNORED

    def __init__(self, rules: HeldCallerRules | None = None) -> None:
        self.rules: HeldCallerRules = rules or HeldCallerRules()
        self.state = HeldCallerState.NEW
        self.refusal: Refusal | None = None
        self.media: MediaUp | None = None
        self.ended: Ended | None = None
        self.failure: str = ""

    def _remember_input(self, given: HeldCallerInput) -> None:
        match given:
            case InviteReceived(refusal):
                self.refusal = refusal
            case MediaUp():
                self.media = given
            case Ended():
                self.ended = given
                self.failure = failure_of(given)
            case NegotiationFailed() | WorkerLost():
                self.failure = failure_of(given)
