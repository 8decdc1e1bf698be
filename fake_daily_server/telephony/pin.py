"""A caller who dials the code of a room (PIN dial-in), as a table.

What always holds: the greeting begins with the media and stops at the first key; eleven digits make a code, looked up
once; a wrong one ends the call, after a sound; a caller whose room has no meeting yet waits with music or is sent away
the same way, as the room's `wait_for_meeting_start` says; once the call is moved, the very same SIP dialog belongs to
a session of the room.

How a shell drives it: as a dial-in (see `dialin`). `LookUp` is the last output of its arc and is answered at once with
`RoomFound` or `NoRoom`. `MeetingStarted` or `NoRoom` is fed while the caller waits for the room to come to life.

Source: https://docs.daily.co/guides/products/dial-in-dial-out/dialin-pin. Keys that are no digits are passed over,
and silence between keys has a limit; the documentation tells of neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from fake_daily_server.telephony.inputs import (
    Answered,
    Ended,
    HoldTimeout,
    MediaUp,
    MeetingStarted,
    NegotiationFailed,
    NoRoom,
    Offered,
    PinInput,
    Pressed,
    Refusal,
    RoomFound,
    SoundOver,
    StopRequested,
    WorkerLost,
)
from fake_daily_server.telephony.machine import Act, Arc, Guard, Ignored, Machine, Table, ignoring
from fake_daily_server.telephony.outputs import (
    Answer,
    HangUp,
    LookUp,
    MoveToRoom,
    Output,
    PlaySound,
    Reject,
    Release,
    StartHoldTimer,
    StopHoldTimer,
    StopSound,
)

CODE_LENGTH = 11
"""Digits of `dialin_code`."""


@dataclass(frozen=True, slots=True)
class PinRules:
    """`key_timeout_s` is the longest silence before a key; `greeting` what is spoken first."""

    key_timeout_s: float = 20
    greeting: str | None = None


class PinState(Enum):
    """Where a caller is."""

    NEW = "new"
    """An INVITE came in and was not judged yet."""
    ANSWERING = "answering"
    """Let in; the 200 is on its way."""
    COLLECTING = "collecting"
    """Hears the greeting and dials the code."""
    CHECKING = "checking"
    """The code is complete."""
    WAITING = "waiting"
    """The code is right, and nobody is in the room yet; hears music."""
    APOLOGISING = "apologising"
    """There is no room for this caller; a sound says so."""
    ENDING = "ending"
    """Hung up here; SIP has not confirmed it yet."""
    MOVED = "moved"
    """In the room."""
    DONE = "done"
    """Over."""


S = PinState


def _reject(call: PinCall) -> tuple[Output, ...]:
    return (Reject(call.refusal.status, call.refusal.reason),) if call.refusal else ()


REJECT = Act("refuse the INVITE", _reject)
ANSWER: Act[PinCall] = Act("answer", lambda _: (Answer(),))
GREET: Act[PinCall] = Act("play the greeting", lambda call: (PlaySound("greeting", call.rules.greeting),))
MUSIC: Act[PinCall] = Act("play hold music", lambda _: (PlaySound("hold music"),))
SILENCE: Act[PinCall] = Act("stop the sound", lambda _: (StopSound(),))
TIMER: Act[PinCall] = Act("start the key timer anew", lambda call: (StartHoldTimer(call.rules.key_timeout_s),))
STOP_TIMER: Act[PinCall] = Act("stop the key timer", lambda _: (StopHoldTimer(),))
LOOK_UP: Act[PinCall] = Act("look up the code", lambda call: (LookUp(call.code),))
APOLOGISE: Act[PinCall] = Act("play the refusal", lambda call: (PlaySound("refusal", call.because),))
MOVE: Act[PinCall] = Act("move the call to the room", lambda _: (MoveToRoom(),))
HANG_UP: Act[PinCall] = Act("hang up", lambda _: (HangUp(),))
RELEASE: Act[PinCall] = Act("release", lambda _: (Release(),))

REFUSED: Guard[PinCall] = Guard("refused", lambda call: call.refusal is not None)
COMPLETE: Guard[PinCall] = Guard("the eleventh digit", lambda call: len(call.code) == CODE_LENGTH)
LIVE: Guard[PinCall] = Guard("the room is live", lambda call: call.found is not None and call.found.live)
WAITS: Guard[PinCall] = Guard("callers may wait", lambda call: call.found is not None and call.found.waits)

_OVER = (Arc(S.DONE, (RELEASE,)),)
_HANG_UP = (Arc(S.ENDING, (HANG_UP,)),)
_SEND_AWAY = (Arc(S.APOLOGISING, (APOLOGISE,)),)
_OVER_COLLECTING = (Arc(S.DONE, (STOP_TIMER, RELEASE)),)

TABLE: Table[PinState, PinCall] = MappingProxyType(
    {
        (S.NEW, Offered): (Arc(S.DONE, (REJECT, RELEASE), when=REFUSED), Arc(S.ANSWERING, (ANSWER,))),
        (S.NEW, Ended): _OVER,
        (S.NEW, WorkerLost): _OVER,
        (S.ANSWERING, MediaUp): (Arc(S.COLLECTING, (GREET, TIMER)),),
        (S.ANSWERING, NegotiationFailed): (Arc(S.DONE, (HANG_UP, RELEASE)),),
        (S.ANSWERING, Ended): _OVER,
        (S.ANSWERING, WorkerLost): _OVER,
        (S.ANSWERING, StopRequested): _HANG_UP,
        (S.COLLECTING, Pressed): (
            Arc(S.CHECKING, (STOP_TIMER, LOOK_UP), when=COMPLETE),
            Arc(S.COLLECTING, (SILENCE, TIMER)),
        ),
        (S.COLLECTING, HoldTimeout): _HANG_UP,
        (S.COLLECTING, Ended): _OVER_COLLECTING,
        (S.COLLECTING, WorkerLost): _OVER_COLLECTING,
        (S.COLLECTING, StopRequested): (Arc(S.ENDING, (STOP_TIMER, HANG_UP)),),
        (S.CHECKING, RoomFound): (
            Arc(S.MOVED, (MOVE, RELEASE), when=LIVE),
            Arc(S.WAITING, (MUSIC,), when=WAITS),
            Arc(S.APOLOGISING, (APOLOGISE,)),
        ),
        (S.CHECKING, NoRoom): _SEND_AWAY,
        (S.CHECKING, Ended): _OVER,
        (S.CHECKING, WorkerLost): _OVER,
        (S.CHECKING, StopRequested): _HANG_UP,
        (S.WAITING, MeetingStarted): (Arc(S.MOVED, (SILENCE, MOVE, RELEASE)),),
        (S.WAITING, NoRoom): _SEND_AWAY,
        (S.WAITING, Ended): _OVER,
        (S.WAITING, WorkerLost): _OVER,
        (S.WAITING, StopRequested): _HANG_UP,
        (S.APOLOGISING, SoundOver): _HANG_UP,
        (S.APOLOGISING, Ended): _OVER,
        (S.APOLOGISING, WorkerLost): _OVER,
        (S.APOLOGISING, StopRequested): _HANG_UP,
        (S.ENDING, Ended): _OVER,
        (S.ENDING, WorkerLost): _OVER,
    }
)

_OFFERED: dict[tuple[type[object], ...], str] = {(Offered,): "one INVITE, one offer"}
_UP: dict[tuple[type[object], ...], str] = {(Answered, MediaUp, NegotiationFailed): "media was up before"}
_NO_CODE: dict[tuple[type[object], ...], str] = {(RoomFound, NoRoom): "no code was looked up"}
_NOT_WAITING: dict[tuple[type[object], ...], str] = {(MeetingStarted,): "the caller waits for no meeting"}
_NO_END: dict[tuple[type[object], ...], str] = {(SoundOver,): "nothing that has an end is waited for"}
_NO_TIMER: dict[tuple[type[object], ...], str] = {(HoldTimeout,): "the key timer does not run"}
_ALL = (
    Offered,
    Answered,
    MediaUp,
    NegotiationFailed,
    Ended,
    WorkerLost,
    StopRequested,
    Pressed,
    HoldTimeout,
    RoomFound,
    NoRoom,
    MeetingStarted,
    SoundOver,
)

IGNORED: Ignored[PinState] = ignoring(
    {
        S.NEW: {
            (Answered, MediaUp, NegotiationFailed, Pressed): "nothing was answered yet",
            (StopRequested,): "the verdict on the INVITE comes first",
            **_NO_TIMER,
            **_NO_CODE,
            **_NOT_WAITING,
            **_NO_END,
        },
        S.ANSWERING: {
            **_OFFERED,
            (Answered, Pressed): "the greeting comes first, and begins with the media",
            **_NO_TIMER,
            **_NO_CODE,
            **_NOT_WAITING,
            **_NO_END,
        },
        S.COLLECTING: {**_OFFERED, **_UP, **_NO_CODE, **_NOT_WAITING, **_NO_END},
        S.CHECKING: {**_OFFERED, **_UP, (Pressed,): "the code is complete", **_NO_TIMER, **_NOT_WAITING, **_NO_END},
        S.WAITING: {
            **_OFFERED,
            **_UP,
            (Pressed,): "the code is complete",
            **_NO_TIMER,
            (RoomFound,): "the room is found",
            **_NO_END,
        },
        S.APOLOGISING: {
            **_OFFERED,
            **_UP,
            (Pressed, RoomFound, NoRoom, MeetingStarted): "the caller is being sent away",
            **_NO_TIMER,
        },
        S.ENDING: {
            **_OFFERED,
            (Answered, MediaUp, NegotiationFailed, Pressed): "no news of a call that was hung up",
            (StopRequested,): "stopping already",
            **_NO_TIMER,
            **_NO_CODE,
            **_NOT_WAITING,
            **_NO_END,
        },
        S.MOVED: {_ALL: "the call belongs to the room"},
        S.DONE: {_ALL: "the call is over"},
    }
)


class PinCall(Machine[PinState, PinInput]):
    """One caller. `feed` it `PinInput`s and do what it returns, in order. `state`, `media`, `code` can be read."""

    table = TABLE
    ignored = IGNORED

    def __init__(self, rules: PinRules | None = None) -> None:
        self.rules: PinRules = rules or PinRules()
        self.state = PinState.NEW
        self.refusal: Refusal | None = None
        self.media: MediaUp | None = None
        self.found: RoomFound | None = None
        self.because: str = "nobody is in the room"
        """Why the caller is sent away, if that happens."""
        self.code: str = ""
        """The digits so far."""

    def _learn(self, fact: PinInput) -> None:
        match fact:
            case Offered(refusal):
                self.refusal = refusal
            case MediaUp():
                self.media = fact
            case Pressed(key) if key.isdecimal():
                self.code += key
            case RoomFound():
                self.found = fact
            case NoRoom(because):
                self.because = because

    def _note(self, outputs: tuple[Output, ...]) -> None:
        """Nothing here is done at most once but by the table."""
