"""What holds for the table of every machine: each state against each input, and the form of the tables."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest

from tests.unit.telephony.cases import dialin, dialout, held_caller, pin_caller, refer, transfer, trunk_call
from tests.unit.telephony.machine_case import MachineCase
from tests.unit.telephony.short_names import short_names

CASES = (
    dialout.CASE,
    dialin.CASE,
    held_caller.CASE,
    pin_caller.CASE,
    trunk_call.CASE,
    transfer.CASE,
    refer.CASE,
)

each_machine = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_machine
def test_each_input_is_handled_or_ignored_in_each_state_and_never_both(case: MachineCase) -> None:
    machine = case.make()
    assert set(machine.table) | set(machine.ignored) == {(state, kind) for state in case.states for kind in case.kinds}
    assert not set(machine.table) & set(machine.ignored)


@each_machine
def test_only_the_last_transition_for_an_input_has_no_guard(case: MachineCase) -> None:
    for transitions in case.make().table.values():
        assert [each.guard is None for each in transitions] == [False] * (len(transitions) - 1) + [True]


@each_machine
def test_each_state_can_be_reached(case: MachineCase) -> None:
    machine = case.make()
    reached, before = {machine.state}, set[Enum]()
    while reached != before:
        before = set(reached)
        reached |= {each.to for (state, _), all_ in machine.table.items() if state in before for each in all_}
    assert reached == set(case.states)


@each_machine
def test_labels_and_reasons_are_there_to_be_read(case: MachineCase) -> None:
    machine = case.make()
    transitions = [each for all_ in machine.table.values() for each in all_]
    labels = [action.label for each in transitions for action in each.actions]
    labels += [each.guard.label for each in transitions if each.guard is not None]
    assert all(label.strip() for label in (*labels, *machine.ignored.values()))


@each_machine
def test_the_samples_are_of_every_kind_and_the_paths_lead_to_every_state(case: MachineCase) -> None:
    assert {type(sample) for sample in case.samples} == case.kinds
    assert list(case.paths) == list(case.states)
    assert [case.in_state(state).state for state in case.states] == list(case.states)


@pytest.mark.parametrize(
    ("case", "state", "given"),
    [
        pytest.param(case, state, given, id=f"{case.name}-{state.name}-{given!r}")
        for case in CASES
        for state in case.states
        for given in case.samples
    ],
)
def test_what_an_input_does_in_a_state(case: MachineCase, state: Enum, given: Any) -> None:
    machine = case.in_state(state)
    to, done = case.expected.get((state, given), (state, []))
    assert short_names(machine.feed(given)) == done
    assert machine.state is to
    assert ((state, type(given)) in machine.table) == ((state, given) in case.expected)


@each_machine
def test_an_object_that_is_no_input_is_an_error_that_names_it(case: MachineCase) -> None:
    machine = case.make()
    with pytest.raises(TypeError, match=f"'hello' is not an input of {type(machine).__name__}"):
        machine.feed("hello")
