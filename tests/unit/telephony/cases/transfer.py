"""A transfer by sipCallTransfer: samples of its inputs, and what each does in each state."""

from __future__ import annotations

from typing import get_args

from fake_daily_server.telephony.machines.inputs import (
    StopRequested,
    TargetAnswered,
    TargetDialled,
    TargetEnded,
    TransfereeEnded,
    TransferInput,
    TransferRequested,
)
from fake_daily_server.telephony.machines.transfer import TransferMachine, TransferState
from tests.unit.telephony.machine_case import MachineCase

S = TransferState

BUSY = TargetEnded("486 Busy Here (busy)")

SAMPLES: tuple[TransferInput, ...] = (
    TransferRequested(),
    TargetDialled(),
    TargetAnswered(),
    BUSY,
    TransfereeEnded(),
    StopRequested(),
)

PATHS: dict[TransferState, tuple[TransferInput, ...]] = {
    S.NEW: (),
    S.TRIGGERED: (TransferRequested(),),
    S.INITIATED: (TransferRequested(), TargetDialled()),
    S.CONNECTED: (TransferRequested(), TargetDialled(), TargetAnswered()),
    S.ENDING: (TransferRequested(), TargetDialled(), StopRequested()),
    S.DONE: (TransferRequested(), BUSY),
}

BOTH = ["hang up target", "hang up transferee"]

EXPECTED: dict[tuple[TransferState, TransferInput], tuple[TransferState, list[str]]] = {
    (S.NEW, TransferRequested()): (S.TRIGGERED, ["calltransfer.triggered", "dial target"]),
    (S.TRIGGERED, TargetDialled()): (S.INITIATED, ["leave room", "calltransfer.initiated"]),
    (S.TRIGGERED, BUSY): (S.DONE, ["refuse: 486 Busy Here (busy)", "release"]),
    (S.TRIGGERED, TransfereeEnded()): (S.ENDING, ["refuse: the call has ended", "hang up target"]),
    (S.TRIGGERED, StopRequested()): (S.ENDING, ["refuse: the server is being reset", *BOTH]),
    (S.INITIATED, TargetAnswered()): (S.CONNECTED, ["bridge", "calltransfer.answered"]),
    (S.INITIATED, BUSY): (S.ENDING, ["hang up transferee"]),
    (S.INITIATED, TransfereeEnded()): (S.ENDING, ["hang up target"]),
    (S.INITIATED, StopRequested()): (S.ENDING, BOTH),
    (S.CONNECTED, BUSY): (S.ENDING, ["calltransfer.completed", "hang up transferee"]),
    (S.CONNECTED, TransfereeEnded()): (S.ENDING, ["hang up target"]),
    (S.CONNECTED, StopRequested()): (S.ENDING, BOTH),
    (S.ENDING, BUSY): (S.ENDING, []),
    (S.ENDING, TransfereeEnded()): (S.ENDING, []),
}

CASE = MachineCase(
    "transfer",
    make=TransferMachine,
    kinds=frozenset(get_args(TransferInput)),
    samples=SAMPLES,
    paths=PATHS,
    expected=EXPECTED,
)
