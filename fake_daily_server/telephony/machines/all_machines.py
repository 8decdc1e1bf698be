"""All call machines, in the order of docs/reference/machines.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_daily_server.telephony.machines.dialin import DialInMachine
from fake_daily_server.telephony.machines.dialout import DialOutMachine
from fake_daily_server.telephony.machines.held_caller import HeldCallerMachine
from fake_daily_server.telephony.machines.machine import Machine, Step
from fake_daily_server.telephony.machines.pin_caller import PinCallerMachine
from fake_daily_server.telephony.machines.refer import ReferMachine
from fake_daily_server.telephony.machines.transfer import TransferMachine
from fake_daily_server.telephony.machines.trunk_call import TrunkCallMachine

MACHINES: tuple[type[Machine[Any, Any]], ...] = (
    DialOutMachine,
    DialInMachine,
    HeldCallerMachine,
    PinCallerMachine,
    TrunkCallMachine,
    TransferMachine,
    ReferMachine,
)


def steps(machine: type[Machine[Any, Any]]) -> Iterator[Step]:
    """All steps that a machine can take, one for each state, input and transition of its table."""
    for (state, kind), transitions in machine.table.items():
        for transition in transitions:
            yield Step.of(state, kind, transition)
