"""A PIN caller: samples of its inputs, and what each does in each state."""

from __future__ import annotations

from typing import get_args

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
from fake_daily_server.telephony.machines.pin_caller import PinCallerMachine, PinCallerRules, PinCallerState
from tests.unit.telephony.machine_case import MachineCase

S = PinCallerState

CODE = "12345678901"
INVITE = InviteReceived()
REFUSED_INVITE = InviteReceived(Refusal(486, "Busy Here", "full"))
MEDIA = MediaUp("PCMU", telephone_event=True)
BYE = Ended(200, "OK", "remote")
NO_ANSWER = Ended(488, "Not Acceptable Here", "local")
LOST = WorkerLost("killed by SIGKILL")
LIVE = RoomFound(live=True, may_wait=False)
MAY_WAIT = RoomFound(live=False, may_wait=True)
NO_WAITING = RoomFound(live=False, may_wait=False)
DIGITS = tuple(DigitReceived(digit) for digit in CODE)

SAMPLES: tuple[PinCallerInput, ...] = (
    INVITE,
    REFUSED_INVITE,
    Answered(),
    MEDIA,
    NegotiationFailed("no common codec"),
    BYE,
    NO_ANSWER,
    LOST,
    StopRequested(),
    DigitReceived("5"),
    DigitReceived("#"),
    WaitTimeout(),
    LIVE,
    MAY_WAIT,
    NO_WAITING,
    EntryRefused("no room has this code"),
    MeetingStarted(),
    SoundFinished(),
)

PATHS: dict[PinCallerState, tuple[PinCallerInput, ...]] = {
    S.NEW: (),
    S.ANSWERING: (INVITE,),
    S.COLLECTING: (INVITE, Answered(), MEDIA),
    S.CHECKING: (INVITE, MEDIA, *DIGITS),
    S.WAITING: (INVITE, MEDIA, *DIGITS, MAY_WAIT),
    S.PLAYING_REFUSAL: (INVITE, MEDIA, *DIGITS, NO_WAITING),
    S.ENDING: (INVITE, MEDIA, WaitTimeout()),
    S.MOVED: (INVITE, MEDIA, *DIGITS, LIVE),
    S.DONE: (INVITE, BYE),
}

OVER = (S.DONE, ["release"])
OVER_COLLECTING = (S.DONE, ["timer off", "release"])
HANGS_UP = (S.ENDING, ["hang up"])

EXPECTED: dict[tuple[PinCallerState, PinCallerInput], tuple[PinCallerState, list[str]]] = {
    (S.NEW, INVITE): (S.ANSWERING, ["answer"]),
    (S.NEW, REFUSED_INVITE): (S.DONE, ["reject 486", "release"]),
    (S.ANSWERING, MEDIA): (S.COLLECTING, ["greeting 'Your code, please'", "timer 20"]),
    (S.ANSWERING, NegotiationFailed("no common codec")): (
        S.DONE,
        ["start failed: SDP negotiation failed: no common codec", "hang up", "release"],
    ),
    (S.ANSWERING, BYE): OVER,
    (S.ANSWERING, NO_ANSWER): (
        S.DONE,
        ["start failed: SDP negotiation failed: 488 Not Acceptable Here (no common codec)", "release"],
    ),
    (S.ANSWERING, LOST): (
        S.DONE,
        ["start failed: DialIn failed with error: process error, SIP worker lost (killed by SIGKILL)", "release"],
    ),
    (S.COLLECTING, DigitReceived("5")): (S.COLLECTING, ["stop sound", "timer 20"]),
    (S.COLLECTING, DigitReceived("#")): (S.COLLECTING, ["stop sound", "timer 20"]),
    (S.COLLECTING, WaitTimeout()): HANGS_UP,
    (S.COLLECTING, BYE): OVER_COLLECTING,
    (S.COLLECTING, NO_ANSWER): OVER_COLLECTING,
    (S.COLLECTING, LOST): OVER_COLLECTING,
    (S.COLLECTING, StopRequested()): (S.ENDING, ["timer off", "hang up"]),
    (S.CHECKING, LIVE): (S.MOVED, ["move to room", "release"]),
    (S.CHECKING, MAY_WAIT): (S.WAITING, ["hold music"]),
    (S.CHECKING, NO_WAITING): (S.PLAYING_REFUSAL, ["refusal 'nobody is in the room'"]),
    (S.CHECKING, EntryRefused("no room has this code")): (S.PLAYING_REFUSAL, ["refusal 'no room has this code'"]),
    (S.WAITING, MeetingStarted()): (S.MOVED, ["stop sound", "move to room", "release"]),
    (S.WAITING, EntryRefused("no room has this code")): (S.PLAYING_REFUSAL, ["refusal 'no room has this code'"]),
    (S.PLAYING_REFUSAL, SoundFinished()): HANGS_UP,
    **{(state, StopRequested()): HANGS_UP for state in (S.ANSWERING, S.CHECKING, S.WAITING, S.PLAYING_REFUSAL)},
    **{
        (state, end): OVER
        for state in (S.NEW, S.CHECKING, S.WAITING, S.PLAYING_REFUSAL, S.ENDING)
        for end in (BYE, NO_ANSWER, LOST)
    },
}


CASE = MachineCase(
    "PIN caller",
    make=lambda: PinCallerMachine(PinCallerRules(greeting="Your code, please")),
    kinds=frozenset(get_args(PinCallerInput)),
    samples=SAMPLES,
    paths=PATHS,
    expected=EXPECTED,
)
