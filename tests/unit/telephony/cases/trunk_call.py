"""A call to a SIP trunk: samples of its inputs, and what each does in each state."""

from __future__ import annotations

from typing import get_args

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
from fake_daily_server.telephony.machines.trunk_call import TrunkCallMachine, TrunkCallState
from tests.unit.telephony.machine_case import MachineCase

S = TrunkCallState

INVITE = InviteReceived()
REFUSED_INVITE = InviteReceived(Refusal(403, "Forbidden", "disabled"))
CANCEL = Ended(487, "Request Terminated", "remote")
LOST = WorkerLost("killed by SIGKILL")
NO_ROOM = RoomRefused("no dial-out in the plan")
ACCEPTED = CallAccepted()
ACCEPTED_BUT_FULL = CallAccepted(Refusal(486, "Busy Here", "full"))
FAILED = NotificationFailed("answered 500")

SAMPLES: tuple[TrunkCallInput, ...] = (
    INVITE,
    REFUSED_INVITE,
    RoomMade(),
    NO_ROOM,
    ACCEPTED,
    ACCEPTED_BUT_FULL,
    FAILED,
    Answered(),
    MediaUp("PCMU", telephone_event=True),
    CANCEL,
    LOST,
    StopRequested(),
)

PATHS: dict[TrunkCallState, tuple[TrunkCallInput, ...]] = {
    S.NEW: (),
    S.MAKING_ROOM: (INVITE,),
    S.ANNOUNCED: (INVITE, RoomMade()),
    S.MOVED: (INVITE, RoomMade(), ACCEPTED),
    S.DONE: (INVITE, CANCEL),
}

OVER = (S.DONE, ["release"])
GONE = (S.DONE, ["stop announcing", "delete room", "release"])

EXPECTED: dict[tuple[TrunkCallState, TrunkCallInput], tuple[TrunkCallState, list[str]]] = {
    (S.NEW, INVITE): (S.MAKING_ROOM, ["ring", "make room"]),
    (S.NEW, REFUSED_INVITE): (S.DONE, ["reject 403", "release"]),
    (S.NEW, CANCEL): OVER,
    (S.NEW, LOST): OVER,
    (S.MAKING_ROOM, RoomMade()): (S.ANNOUNCED, ["announce"]),
    (S.MAKING_ROOM, NO_ROOM): (S.DONE, ["reject 480", "release"]),
    (S.MAKING_ROOM, CANCEL): OVER,
    (S.MAKING_ROOM, LOST): OVER,
    (S.MAKING_ROOM, StopRequested()): (S.DONE, ["reject 480", "release"]),
    (S.ANNOUNCED, ACCEPTED): (S.MOVED, ["enter room", "release"]),
    (S.ANNOUNCED, ACCEPTED_BUT_FULL): (S.DONE, ["reject 486", "delete room", "release"]),
    (S.ANNOUNCED, FAILED): (S.DONE, ["reject 480", "delete room", "release"]),
    (S.ANNOUNCED, CANCEL): GONE,
    (S.ANNOUNCED, LOST): GONE,
    (S.ANNOUNCED, StopRequested()): (S.DONE, ["stop announcing", "reject 480", "delete room", "release"]),
}


CASE = MachineCase(
    "call to a trunk",
    make=TrunkCallMachine,
    kinds=frozenset(get_args(TrunkCallInput)),
    samples=SAMPLES,
    paths=PATHS,
    expected=EXPECTED,
)
