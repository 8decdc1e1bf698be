"""A caller on hold until somebody says to which room the call goes (pinless dial-in and SIP interconnect), as a table.

What always holds: the customer's server is asked once, when the caller is held and hears music; a held call is moved,
or told that nobody came in time, or it ends, and only one of these; once it is moved, the very same SIP dialog
belongs to a session of the room, and nothing more is done to it here.

How a shell drives it: as a dial-in (see `dialin`), with a timer for `StartHoldTimer` and a player for `PlaySound`.
`Claimed` is fed by pinlessCallUpdate, after it was found that the room takes the call and that the state is `HELD`.

Source: https://docs.daily.co/guides/products/dial-in-dial-out/dialin-pinless. The documentation tells of music that
is played twice and of a message afterwards, not of how the call ends; here it is hung up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Literal

from fake_daily_server.telephony.inputs import (
    Answered,
    Claimed,
    Ended,
    HeldInput,
    HoldTimeout,
    MediaUp,
    NegotiationFailed,
    Offered,
    Refusal,
    RoomNotMade,
    SoundOver,
    StopRequested,
    WorkerLost,
)
from fake_daily_server.telephony.machine import Act, Arc, Guard, Ignored, Machine, Table, ignoring
from fake_daily_server.telephony.outputs import (
    Answer,
    AskForRoom,
    HangUp,
    MoveToRoom,
    Output,
    PlaySound,
    Reject,
    Release,
    StartHoldTimer,
    StopHoldTimer,
    StopSound,
)


@dataclass(frozen=True, slots=True)
class HeldRules:
    """What Daily leaves open, as settings. `limit_s` counts from the beginning of the music."""

    limit_s: float = 40
    when_no_room_is_made: Literal["hold", "drop"] = "hold"
    """`drop`: a server that fails ends the wait at once; else a later pinlessCallUpdate may still come."""
    timeout_message: str | None = None


class HeldState(Enum):
    """Where a caller is."""

    NEW = "new"
    """An INVITE came in and was not judged yet."""
    ANSWERING = "answering"
    """Let in; the 200 is on its way."""
    HELD = "held"
    """Hears music; can be moved."""
    APOLOGISING = "apologising"
    """Nobody came in time; the message is played."""
    ENDING = "ending"
    """Hung up here; SIP has not confirmed it yet."""
    MOVED = "moved"
    """In a room."""
    DONE = "done"
    """Over."""


S = HeldState


def _reject(call: HeldCall) -> tuple[Output, ...]:
    return (Reject(call.refusal.status, call.refusal.reason),) if call.refusal else ()


REJECT = Act("refuse the INVITE", _reject)
ANSWER: Act[HeldCall] = Act("answer", lambda _: (Answer(),))
MUSIC: Act[HeldCall] = Act("play hold music", lambda _: (PlaySound("hold music"),))
SILENCE: Act[HeldCall] = Act("stop the music", lambda _: (StopSound(),))
ASK: Act[HeldCall] = Act("ask room_creation_api", lambda _: (AskForRoom(),))
START_TIMER: Act[HeldCall] = Act("start the hold timer", lambda call: (StartHoldTimer(call.rules.limit_s),))
STOP_TIMER: Act[HeldCall] = Act("stop the hold timer", lambda _: (StopHoldTimer(),))
APOLOGISE: Act[HeldCall] = Act(
    "play the timeout message", lambda call: (PlaySound("timeout message", call.rules.timeout_message),)
)
MOVE: Act[HeldCall] = Act("move the call to the room", lambda _: (MoveToRoom(),))
HANG_UP: Act[HeldCall] = Act("hang up", lambda _: (HangUp(),))
RELEASE: Act[HeldCall] = Act("release", lambda _: (Release(),))

REFUSED: Guard[HeldCall] = Guard("refused", lambda call: call.refusal is not None)
DROPS: Guard[HeldCall] = Guard("set to drop then", lambda call: call.rules.when_no_room_is_made == "drop")

_OVER = (Arc(S.DONE, (RELEASE,)),)
_OVER_HELD = (Arc(S.DONE, (STOP_TIMER, RELEASE)),)
_HANG_UP = (Arc(S.ENDING, (HANG_UP,)),)

TABLE: Table[HeldState, HeldCall] = MappingProxyType(
    {
        (S.NEW, Offered): (Arc(S.DONE, (REJECT, RELEASE), when=REFUSED), Arc(S.ANSWERING, (ANSWER,))),
        (S.NEW, Ended): _OVER,
        (S.NEW, WorkerLost): _OVER,
        (S.ANSWERING, MediaUp): (Arc(S.HELD, (MUSIC, START_TIMER, ASK)),),
        (S.ANSWERING, NegotiationFailed): (Arc(S.DONE, (HANG_UP, RELEASE)),),
        (S.ANSWERING, Ended): _OVER,
        (S.ANSWERING, WorkerLost): _OVER,
        (S.ANSWERING, StopRequested): _HANG_UP,
        (S.HELD, Claimed): (Arc(S.MOVED, (STOP_TIMER, SILENCE, MOVE, RELEASE)),),
        (S.HELD, HoldTimeout): (Arc(S.APOLOGISING, (APOLOGISE,)),),
        (S.HELD, RoomNotMade): (Arc(S.APOLOGISING, (STOP_TIMER, APOLOGISE), when=DROPS), Arc(S.HELD)),
        (S.HELD, Ended): _OVER_HELD,
        (S.HELD, WorkerLost): _OVER_HELD,
        (S.HELD, StopRequested): (Arc(S.ENDING, (STOP_TIMER, HANG_UP)),),
        (S.APOLOGISING, SoundOver): _HANG_UP,
        (S.APOLOGISING, Ended): _OVER,
        (S.APOLOGISING, WorkerLost): _OVER,
        (S.APOLOGISING, StopRequested): _HANG_UP,
        (S.ENDING, Ended): _OVER,
        (S.ENDING, WorkerLost): _OVER,
    }
)

_OFFERED: dict[tuple[type[object], ...], str] = {(Offered,): "one INVITE, one offer"}
_NOT_HELD: dict[tuple[type[object], ...], str] = {
    (Claimed, HoldTimeout, RoomNotMade, SoundOver): "the caller is not on hold"
}
_ALL = (
    Offered,
    Answered,
    MediaUp,
    NegotiationFailed,
    Ended,
    WorkerLost,
    StopRequested,
    Claimed,
    HoldTimeout,
    RoomNotMade,
    SoundOver,
)

IGNORED: Ignored[HeldState] = ignoring(
    {
        S.NEW: {
            (Answered, MediaUp, NegotiationFailed): "nothing was answered yet",
            (StopRequested,): "the verdict on the INVITE comes first",
            **_NOT_HELD,
        },
        S.ANSWERING: {**_OFFERED, (Answered,): "the music begins with the media", **_NOT_HELD},
        S.HELD: {
            **_OFFERED,
            (Answered, MediaUp, NegotiationFailed): "media was up before",
            (SoundOver,): "hold music has no end",
        },
        S.APOLOGISING: {
            **_OFFERED,
            (Answered, MediaUp, NegotiationFailed): "media was up before",
            (Claimed, HoldTimeout, RoomNotMade): "too late",
        },
        S.ENDING: {
            **_OFFERED,
            (Answered, MediaUp, NegotiationFailed): "no news of a call that was hung up",
            (StopRequested,): "stopping already",
            **_NOT_HELD,
        },
        S.MOVED: {_ALL: "the call belongs to the room"},
        S.DONE: {_ALL: "the call is over"},
    }
)


class HeldCall(Machine[HeldState, HeldInput]):
    """One caller on hold. `feed` it `HeldInput`s and do what it returns, in order. `state` and `media` can be read."""

    table = TABLE
    ignored = IGNORED

    def __init__(self, rules: HeldRules | None = None) -> None:
        self.rules: HeldRules = rules or HeldRules()
        self.state = HeldState.NEW
        self.refusal: Refusal | None = None
        self.media: MediaUp | None = None

    def _learn(self, fact: HeldInput) -> None:
        match fact:
            case Offered(refusal):
                self.refusal = refusal
            case MediaUp():
                self.media = fact

    def _note(self, outputs: tuple[Output, ...]) -> None:
        """Nothing here is done at most once but by the table."""
