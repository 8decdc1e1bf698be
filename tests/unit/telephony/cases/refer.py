"""A transfer by sipRefer: samples of its inputs, and what each does in each state."""

from __future__ import annotations

from typing import get_args

from fake_daily_server.telephony.machines.inputs import (
    ReferFailed,
    ReferInput,
    ReferProgress,
    StopRequested,
    TransfereeEnded,
    TransferRequested,
)
from fake_daily_server.telephony.machines.refer import ReferMachine, ReferState
from tests.unit.telephony.machine_case import MachineCase

S = ReferState

TRYING = ReferProgress(100, "Trying", final=False)
ACCEPTED = ReferProgress(200, "OK", final=True)
DECLINED = ReferProgress(603, "Decline", final=True)

SAMPLES: tuple[ReferInput, ...] = (
    TransferRequested(),
    TRYING,
    ACCEPTED,
    DECLINED,
    ReferFailed("no answer"),
    TransfereeEnded(),
    StopRequested(),
)

PATHS: dict[ReferState, tuple[ReferInput, ...]] = {
    S.NEW: (),
    S.TRIGGERED: (TransferRequested(),),
    S.INITIATED: (TransferRequested(), TRYING),
    S.ENDING: (TransferRequested(), ACCEPTED),
    S.DONE: (TransferRequested(), DECLINED),
}

EXPECTED: dict[tuple[ReferState, ReferInput], tuple[ReferState, list[str]]] = {
    (S.NEW, TransferRequested()): (S.TRIGGERED, ["calltransfer.triggered", "send REFER"]),
    (S.TRIGGERED, TRYING): (S.INITIATED, ["leave room", "calltransfer.initiated"]),
    (S.TRIGGERED, ACCEPTED): (S.ENDING, ["leave room", "calltransfer.initiated", "hang up transferee"]),
    (S.TRIGGERED, DECLINED): (S.DONE, ["refuse: the peer refused the REFER: 603 Decline", "release"]),
    (S.TRIGGERED, ReferFailed("no answer")): (S.DONE, ["refuse: no answer", "release"]),
    (S.TRIGGERED, TransfereeEnded()): (S.DONE, ["refuse: the call has ended", "release"]),
    (S.TRIGGERED, StopRequested()): (S.DONE, ["refuse: the server is being reset", "hang up transferee", "release"]),
    (S.INITIATED, TRYING): (S.INITIATED, []),
    (S.INITIATED, ACCEPTED): (S.ENDING, ["hang up transferee"]),
    (S.INITIATED, DECLINED): (S.ENDING, ["hang up transferee"]),
    (S.INITIATED, TransfereeEnded()): (S.DONE, ["release"]),
    (S.INITIATED, StopRequested()): (S.ENDING, ["hang up transferee"]),
    (S.ENDING, TransfereeEnded()): (S.DONE, ["release"]),
}

CASE = MachineCase(
    "REFER",
    make=ReferMachine,
    kinds=frozenset(get_args(ReferInput)),
    samples=SAMPLES,
    paths=PATHS,
    expected=EXPECTED,
)
