"""The state table of a caller on hold until pinlessCallUpdate names a room (pinless dial-in, SIP interconnect).

Invariants:

- the customer's `room_creation_api` is requested once, when the caller is on hold and hears music;
- a call whose media were never agreed on is reported as `dialin.error`, unless the caller hung up;
- exactly one thing happens to a held caller: it is moved to a room, or hears the timeout message, or its call ends;
- a moved call keeps its SIP dialog and becomes a session of the room.

Drive the machine as that of a dial-in (see `dialin`), with a timer for `StartWaitTimer` and a player for `PlaySound`.
On pinlessCallUpdate, feed `RoomAssigned` if the state is `HELD` and the room takes the call.

Source: https://docs.daily.co/guides/products/dial-in-dial-out/dialin-pinless. Daily documents that the music is played
twice and that a message follows, but not how the call ends; here it is then hung up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Literal

from fake_daily_server.telephony import causes
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
    """Settings for behaviour that Daily does not document."""

    limit_s: float = 40
    """The longest hold from the beginning of the music, in seconds."""
    when_no_room_is_made: Literal["hold", "drop"] = "hold"
    """What happens after a failed request to `room_creation_api`: `hold` keeps the caller on hold, since
    pinlessCallUpdate may still be called; `drop` plays the timeout message and hangs up."""
    timeout_message: str | None = None
    """The text that is spoken before the call is hung up; None plays a beep instead."""


class HeldCallerState(Enum):
    """The states of a held caller."""

    NEW = "new"
    """The INVITE has been neither accepted nor refused yet."""
    ANSWERING = "answering"
    """The INVITE has been accepted; there is no media yet."""
    HELD = "held"
    """The caller hears hold music and can be moved to a room."""
    PLAYING_MESSAGE = "playing the timeout message"
    """The caller hears the timeout message; the call is hung up after it."""
    ENDING = "ending"
    """Hung up by the server; SIP has not confirmed the end yet."""
    MOVED = "moved"
    """The call has become a session of a room; every input is ignored."""
    DONE = "done"
    """The call is over; every input is ignored."""


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
    """The machine of one held caller: feed it `HeldCallerInput`s and perform the outputs it returns, in order.

    `state` and `media` may be read.
    """

    title = "Held caller (pinless dial-in)"
    table = TABLE
    ignored = IGNORED

    def __init__(self, rules: HeldCallerRules | None = None) -> None:
        self.rules: HeldCallerRules = rules or HeldCallerRules()
        self.state = HeldCallerState.NEW
        self.refusal: Refusal | None = None
        self.media: MediaUp | None = None
        self.ended: Ended | None = None
        self.failure: str = ""
        self.why_over: str = ""
        """Why the caller is not on hold any more; empty before."""

    def _remember_input(self, given: HeldCallerInput) -> None:
        match given:
            case InviteReceived(refusal):
                self.refusal = refusal
            case MediaUp():
                self.media = given
            case NegotiationFailed():
                self.failure, self.why_over = failure_of(given), "no codec was agreed on"
            case WaitTimeout():
                self.why_over = "it was on hold for too long"
            case RoomCreationFailed():
                self.why_over = "the request to room_creation_api failed"
            case StopRequested():
                self.why_over = "the server has hung up"
            case WorkerLost(how):
                self.failure, self.why_over = failure_of(given), causes.worker_lost(how)
            case Ended(by=by):
                self.ended, self.failure = given, failure_of(given)
                if by == "remote":
                    self.why_over = "the caller has hung up"
