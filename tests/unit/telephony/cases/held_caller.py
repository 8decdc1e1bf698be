"""A held caller: samples of its inputs, and what each does in each state."""

from __future__ import annotations

from typing import get_args

from fake_daily_server.telephony.machines.held_caller import HeldCallerMachine, HeldCallerRules, HeldCallerState
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
from tests.unit.telephony.machine_case import MachineCase

S = HeldCallerState

INVITE = InviteReceived()
REFUSED_INVITE = InviteReceived(Refusal(486, "Busy Here", "full"))
MEDIA = MediaUp("PCMU", telephone_event=True)
BYE = Ended(200, "OK", "remote")
NO_ANSWER = Ended(488, "Not Acceptable Here", "local")
LOST = WorkerLost("killed by SIGKILL")
CREATION_FAILED = RoomCreationFailed("answered 500")

SAMPLES: tuple[HeldCallerInput, ...] = (
    INVITE,
    REFUSED_INVITE,
    Answered(),
    MEDIA,
    NegotiationFailed("no common codec"),
    BYE,
    NO_ANSWER,
    LOST,
    StopRequested(),
    RoomAssigned(),
    WaitTimeout(),
    CREATION_FAILED,
    SoundFinished(),
)

PATHS: dict[HeldCallerState, tuple[HeldCallerInput, ...]] = {
    S.NEW: (),
    S.ANSWERING: (INVITE,),
    S.HELD: (INVITE, Answered(), MEDIA),
    S.PLAYING_MESSAGE: (INVITE, MEDIA, WaitTimeout()),
    S.ENDING: (INVITE, MEDIA, StopRequested()),
    S.MOVED: (INVITE, MEDIA, RoomAssigned()),
    S.DONE: (INVITE, BYE),
}

OVER = (S.DONE, ["release"])
OVER_HELD = (S.DONE, ["timer off", "release"])
HANGS_UP = (S.ENDING, ["hang up"])

EXPECTED: dict[tuple[HeldCallerState, HeldCallerInput], tuple[HeldCallerState, list[str]]] = {
    (S.NEW, INVITE): (S.ANSWERING, ["answer"]),
    (S.NEW, REFUSED_INVITE): (S.DONE, ["reject 486", "release"]),
    (S.ANSWERING, MEDIA): (S.HELD, ["hold music", "timer 40", "request room"]),
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
    (S.ANSWERING, StopRequested()): HANGS_UP,
    (S.HELD, RoomAssigned()): (S.MOVED, ["timer off", "stop sound", "move to room", "release"]),
    (S.HELD, WaitTimeout()): (S.PLAYING_MESSAGE, ["timeout message 'Nobody came'"]),
    (S.HELD, CREATION_FAILED): (S.HELD, []),
    (S.HELD, BYE): OVER_HELD,
    (S.HELD, LOST): OVER_HELD,
    (S.HELD, StopRequested()): (S.ENDING, ["timer off", "hang up"]),
    (S.PLAYING_MESSAGE, SoundFinished()): HANGS_UP,
    (S.PLAYING_MESSAGE, StopRequested()): HANGS_UP,
    (S.HELD, NO_ANSWER): OVER_HELD,
    **{(state, end): OVER for state in (S.NEW, S.PLAYING_MESSAGE, S.ENDING) for end in (BYE, NO_ANSWER, LOST)},
}


CASE = MachineCase(
    "held caller",
    make=lambda: HeldCallerMachine(HeldCallerRules(timeout_message="Nobody came")),
    kinds=frozenset(get_args(HeldCallerInput)),
    samples=SAMPLES,
    paths=PATHS,
    expected=EXPECTED,
)
