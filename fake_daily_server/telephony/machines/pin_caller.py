"""The state table of a caller who dials the code of a room (PIN dial-in).

Invariants:

- the greeting starts when media is up, and stops at the first digit;
- eleven digits are a code, which is looked up once; if no room has the code, the call ends after a sound;
- if no meeting is in progress, the room's `wait_for_meeting_start` decides whether the caller waits and hears music or
  the call ends after a sound;
- a moved call keeps its SIP dialog and becomes a session of the room.

Drive the machine as that of a dial-in (see `dialin`). `LookUpCode` is the last output of its transition; feed
`RoomFound` or `EntryRefused` at once. Feed `MeetingStarted` or `EntryRefused` while the caller waits for the meeting.

Source: https://docs.daily.co/guides/products/dial-in-dial-out/dialin-pin. Daily does not document two rules of this
table: digits other than 0-9 are ignored, and the call is hung up if the next digit does not come in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from fake_daily_server.telephony.machines.inputs import (
    Answered,
    DigitReceived,
    Ended,
    EntryRefused,
    InviteReceived,
    MediaUp,
    MeetingStarted,
    NegotiationFailed,
    PinCallerInput,
    Refusal,
    RoomFound,
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
    LookUpCode,
    MoveToRoom,
    Output,
    PlaySound,
    Reject,
    Release,
    ReportStartFailure,
    StartWaitTimer,
    StopSound,
    StopWaitTimer,
)
from fake_daily_server.telephony.machines.start_failure import failure_of, hung_up_by_caller

CODE_LENGTH = 11
"""Number of digits of a `dialin_code`."""


@dataclass(frozen=True, slots=True)
class PinCallerRules:
    """Settings for behaviour that Daily does not document, and the configuration of the dialled number."""

    digit_timeout_s: float = 20
    """The longest wait for the next digit, in seconds; then the call is hung up."""
    greeting: str | None = None
    """The text that is spoken first; None plays a beep instead."""


class PinCallerState(Enum):
    """The states of a caller who dials a code."""

    NEW = "new"
    """The INVITE has been neither accepted nor refused yet."""
    ANSWERING = "answering"
    """The INVITE has been accepted; there is no media yet."""
    COLLECTING = "collecting"
    """The caller hears the greeting and dials the code."""
    CHECKING = "checking"
    """The code is complete and is being looked up."""
    WAITING = "waiting"
    """A room has the code; the caller hears music until the meeting starts."""
    PLAYING_REFUSAL = "playing the refusal"
    """The caller cannot enter a room; the call is hung up after a sound."""
    ENDING = "ending"
    """Hung up by the server; SIP has not confirmed the end yet."""
    MOVED = "moved"
    """The call has become a session of the room; every input is ignored."""
    DONE = "done"
    """The call is over; every input is ignored."""


S = PinCallerState


def _reject(call: PinCallerMachine) -> tuple[Output, ...]:
    return (Reject(call.refusal.status, call.refusal.reason),) if call.refusal else ()


REJECT = Action("refuse the INVITE", _reject)
ANSWER: Action[PinCallerMachine] = Action("answer", lambda _: (Answer(),))
PLAY_GREETING: Action[PinCallerMachine] = Action(
    "play the greeting", lambda call: (PlaySound("greeting", call.rules.greeting),)
)
PLAY_MUSIC: Action[PinCallerMachine] = Action("play hold music", lambda _: (PlaySound("hold music"),))
STOP_SOUND: Action[PinCallerMachine] = Action("stop the sound", lambda _: (StopSound(),))
START_TIMER: Action[PinCallerMachine] = Action(
    "restart the digit timer", lambda call: (StartWaitTimer(call.rules.digit_timeout_s),)
)
STOP_TIMER: Action[PinCallerMachine] = Action("stop the digit timer", lambda _: (StopWaitTimer(),))
LOOK_UP: Action[PinCallerMachine] = Action("look up the code", lambda call: (LookUpCode(call.code),))
PLAY_REFUSAL: Action[PinCallerMachine] = Action("play the refusal", lambda call: (PlaySound("refusal", call.reason),))
MOVE: Action[PinCallerMachine] = Action("move the call to the room", lambda _: (MoveToRoom(),))
HANG_UP: Action[PinCallerMachine] = Action("hang up", lambda _: (HangUp(),))
START_FAILED: Action[PinCallerMachine] = Action(
    "dialin.error (webhook)", lambda call: (ReportStartFailure(call.failure),)
)
RELEASE: Action[PinCallerMachine] = Action("release", lambda _: (Release(),))

CALLER_HUNG_UP: Guard[PinCallerMachine] = Guard("the caller hung up", lambda call: hung_up_by_caller(call.ended))
REFUSED: Guard[PinCallerMachine] = Guard("refused", lambda call: call.refusal is not None)
CODE_COMPLETE: Guard[PinCallerMachine] = Guard("the code is complete", lambda call: len(call.code) == CODE_LENGTH)
ROOM_LIVE: Guard[PinCallerMachine] = Guard(
    "a meeting is in progress", lambda call: call.found is not None and call.found.live
)
MAY_WAIT: Guard[PinCallerMachine] = Guard(
    "callers may wait", lambda call: call.found is not None and call.found.may_wait
)

_OVER = (Transition(S.DONE, (RELEASE,)),)
_NEVER_STARTED = (
    Transition(S.DONE, (RELEASE,), guard=CALLER_HUNG_UP),
    Transition(S.DONE, (START_FAILED, RELEASE)),
)
_HANG_UP = (Transition(S.ENDING, (HANG_UP,)),)
_REFUSE_ENTRY = (Transition(S.PLAYING_REFUSAL, (PLAY_REFUSAL,)),)
_OVER_COLLECTING = (Transition(S.DONE, (STOP_TIMER, RELEASE)),)

TABLE: Table[PinCallerState, PinCallerMachine] = MappingProxyType(
    {
        (S.NEW, InviteReceived): (
            Transition(S.DONE, (REJECT, RELEASE), guard=REFUSED),
            Transition(S.ANSWERING, (ANSWER,)),
        ),
        (S.NEW, Ended): _OVER,
        (S.NEW, WorkerLost): _OVER,
        (S.ANSWERING, MediaUp): (Transition(S.COLLECTING, (PLAY_GREETING, START_TIMER)),),
        (S.ANSWERING, NegotiationFailed): (Transition(S.DONE, (START_FAILED, HANG_UP, RELEASE)),),
        (S.ANSWERING, Ended): _NEVER_STARTED,
        (S.ANSWERING, WorkerLost): (Transition(S.DONE, (START_FAILED, RELEASE)),),
        (S.ANSWERING, StopRequested): _HANG_UP,
        (S.COLLECTING, DigitReceived): (
            Transition(S.CHECKING, (STOP_TIMER, LOOK_UP), guard=CODE_COMPLETE),
            Transition(S.COLLECTING, (STOP_SOUND, START_TIMER)),
        ),
        (S.COLLECTING, WaitTimeout): _HANG_UP,
        (S.COLLECTING, Ended): _OVER_COLLECTING,
        (S.COLLECTING, WorkerLost): _OVER_COLLECTING,
        (S.COLLECTING, StopRequested): (Transition(S.ENDING, (STOP_TIMER, HANG_UP)),),
        (S.CHECKING, RoomFound): (
            Transition(S.MOVED, (MOVE, RELEASE), guard=ROOM_LIVE),
            Transition(S.WAITING, (PLAY_MUSIC,), guard=MAY_WAIT),
            Transition(S.PLAYING_REFUSAL, (PLAY_REFUSAL,)),
        ),
        (S.CHECKING, EntryRefused): _REFUSE_ENTRY,
        (S.CHECKING, Ended): _OVER,
        (S.CHECKING, WorkerLost): _OVER,
        (S.CHECKING, StopRequested): _HANG_UP,
        (S.WAITING, MeetingStarted): (Transition(S.MOVED, (STOP_SOUND, MOVE, RELEASE)),),
        (S.WAITING, EntryRefused): _REFUSE_ENTRY,
        (S.WAITING, Ended): _OVER,
        (S.WAITING, WorkerLost): _OVER,
        (S.WAITING, StopRequested): _HANG_UP,
        (S.PLAYING_REFUSAL, SoundFinished): _HANG_UP,
        (S.PLAYING_REFUSAL, Ended): _OVER,
        (S.PLAYING_REFUSAL, WorkerLost): _OVER,
        (S.PLAYING_REFUSAL, StopRequested): _HANG_UP,
        (S.ENDING, Ended): _OVER,
        (S.ENDING, WorkerLost): _OVER,
    }
)

_ONE_INVITE: dict[tuple[type[object], ...], str] = {(InviteReceived,): "the INVITE has been received already"}
_UP: dict[tuple[type[object], ...], str] = {(Answered, MediaUp, NegotiationFailed): "media is up already"}
_NO_CODE: dict[tuple[type[object], ...], str] = {(RoomFound, EntryRefused): "no code is being looked up"}
_NOT_WAITING: dict[tuple[type[object], ...], str] = {(MeetingStarted,): "the caller is not waiting for a meeting"}
_NO_SOUND: dict[tuple[type[object], ...], str] = {(SoundFinished,): "no sound whose end matters is playing"}
_NO_TIMER: dict[tuple[type[object], ...], str] = {(WaitTimeout,): "the digit timer is not running"}
_ALL = (
    InviteReceived,
    Answered,
    MediaUp,
    NegotiationFailed,
    Ended,
    WorkerLost,
    StopRequested,
    DigitReceived,
    WaitTimeout,
    RoomFound,
    EntryRefused,
    MeetingStarted,
    SoundFinished,
)

IGNORED: Ignored[PinCallerState] = ignored_inputs(
    {
        S.NEW: {
            (Answered, MediaUp, NegotiationFailed, DigitReceived): "the INVITE has not been answered yet",
            (StopRequested,): "the INVITE is accepted or refused first",
            **_NO_TIMER,
            **_NO_CODE,
            **_NOT_WAITING,
            **_NO_SOUND,
        },
        S.ANSWERING: {
            **_ONE_INVITE,
            (Answered, DigitReceived): "the greeting comes first, and starts when media is up",
            **_NO_TIMER,
            **_NO_CODE,
            **_NOT_WAITING,
            **_NO_SOUND,
        },
        S.COLLECTING: {**_ONE_INVITE, **_UP, **_NO_CODE, **_NOT_WAITING, **_NO_SOUND},
        S.CHECKING: {
            **_ONE_INVITE,
            **_UP,
            (DigitReceived,): "the code is complete already",
            **_NO_TIMER,
            **_NOT_WAITING,
            **_NO_SOUND,
        },
        S.WAITING: {
            **_ONE_INVITE,
            **_UP,
            (DigitReceived,): "the code is complete already",
            **_NO_TIMER,
            (RoomFound,): "the room has been found already",
            **_NO_SOUND,
        },
        S.PLAYING_REFUSAL: {
            **_ONE_INVITE,
            **_UP,
            (DigitReceived, RoomFound, EntryRefused, MeetingStarted): "the caller is hung up after the sound",
            **_NO_TIMER,
        },
        S.ENDING: {
            **_ONE_INVITE,
            (Answered, MediaUp, NegotiationFailed, DigitReceived): "the call has been hung up; only its end matters",
            (StopRequested,): "the call is being stopped already",
            **_NO_TIMER,
            **_NO_CODE,
            **_NOT_WAITING,
            **_NO_SOUND,
        },
        S.MOVED: {_ALL: "the call is a session of the room"},
        S.DONE: {_ALL: "the call is over"},
    }
)


class PinCallerMachine(Machine[PinCallerState, PinCallerInput]):
    """The machine of one PIN caller: feed it `PinCallerInput`s and perform the outputs it returns, in order.

    `state`, `media` and `code` may be read.
    """

    title = "PIN caller (PIN dial-in)"
    table = TABLE
    ignored = IGNORED

    def __init__(self, rules: PinCallerRules | None = None) -> None:
        self.rules: PinCallerRules = rules or PinCallerRules()
        self.state = PinCallerState.NEW
        self.refusal: Refusal | None = None
        self.media: MediaUp | None = None
        self.ended: Ended | None = None
        self.failure: str = ""
        self.found: RoomFound | None = None
        self.reason: str = "nobody is in the room"
        """Why the caller cannot enter a room: the text that is spoken as the refusal."""
        self.code: str = ""
        """The digits received so far."""

    def _remember_input(self, given: PinCallerInput) -> None:
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
            case DigitReceived(digit) if digit.isdecimal():
                self.code += digit
            case RoomFound():
                self.found = given
            case EntryRefused(reason):
                self.reason = reason
