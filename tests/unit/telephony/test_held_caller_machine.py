"""A held caller: settings, and whole sequences of inputs."""

from __future__ import annotations

from fake_daily_server.telephony.machines.held_caller import HeldCallerMachine, HeldCallerRules
from fake_daily_server.telephony.machines.inputs import HeldCallerInput, RoomAssigned, SoundFinished, WaitTimeout
from tests.unit.telephony.cases.held_caller import CREATION_FAILED, INVITE, MEDIA
from tests.unit.telephony.short_names import short_names


def held_caller(*sequence: HeldCallerInput, rules: HeldCallerRules | None = None) -> HeldCallerMachine:
    machine = HeldCallerMachine(rules)
    for given in sequence:
        machine.feed(given)
    return machine


def test_a_failed_room_creation_can_end_the_hold() -> None:
    machine = held_caller(INVITE, MEDIA, rules=HeldCallerRules(when_no_room_is_made="drop"))
    assert short_names(machine.feed(CREATION_FAILED)) == ["timer off", "timeout message"]
    assert short_names(machine.feed(SoundFinished())) == ["hang up"]


def test_the_hold_limit_is_that_of_the_rules() -> None:
    assert "timer 12.5" in short_names(held_caller(INVITE, rules=HeldCallerRules(limit_s=12.5)).feed(MEDIA))


def test_a_room_that_is_assigned_too_late_changes_nothing() -> None:
    machine = held_caller(INVITE, MEDIA, WaitTimeout())
    assert machine.feed(RoomAssigned()) == ()
    assert short_names(machine.feed(SoundFinished())) == ["hang up"]
