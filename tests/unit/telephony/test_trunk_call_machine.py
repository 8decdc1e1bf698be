"""A call to a SIP trunk: the reason phrases of its refusals, and sequences whose order matters."""

from __future__ import annotations

import pytest

from fake_daily_server.telephony.machines.inputs import RoomMade, TrunkCallInput
from fake_daily_server.telephony.machines.outputs import Reject
from fake_daily_server.telephony.machines.trunk_call import TrunkCallMachine
from tests.unit.telephony.cases.trunk_call import ACCEPTED, CANCEL, FAILED, INVITE, NO_ROOM


@pytest.mark.parametrize(
    ("path", "given", "refusal"),
    [
        ((INVITE,), NO_ROOM, Reject(480, "Temporarily Unavailable")),
        ((INVITE, RoomMade()), FAILED, Reject(480, "Notification Failed")),
    ],
)
def test_what_the_caller_is_told(path: tuple[TrunkCallInput, ...], given: TrunkCallInput, refusal: Reject) -> None:
    machine = TrunkCallMachine()
    for one in path:
        machine.feed(one)
    assert refusal in machine.feed(given)


@pytest.mark.parametrize("end", [CANCEL, FAILED])
def test_an_acceptance_that_comes_too_late_changes_nothing(end: TrunkCallInput) -> None:
    machine = TrunkCallMachine()
    for given in (INVITE, RoomMade(), end):
        machine.feed(given)
    assert machine.feed(ACCEPTED) == ()
