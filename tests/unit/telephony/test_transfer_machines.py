"""Transfers by sipCallTransfer and by sipRefer: whole sequences of inputs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fake_daily_server.telephony.machines.inputs import (
    ReferInput,
    TargetAnswered,
    TargetDialled,
    TargetEnded,
    TransfereeEnded,
    TransferInput,
    TransferRequested,
)
from fake_daily_server.telephony.machines.refer import ReferMachine, ReferState
from fake_daily_server.telephony.machines.transfer import TransferMachine, TransferRules, TransferState
from tests.unit.telephony.cases import refer, transfer
from tests.unit.telephony.short_names import short_names

RETURNS = TransferRules("return")
LEAVES_LATE = TransferRules(leaves_room="answered")


def transfer_in(state: TransferState, rules: TransferRules | None = None) -> TransferMachine:
    machine = TransferMachine(rules)
    for input_ in transfer.PATHS[state]:
        machine.feed(input_)
    return machine


def refer_in(state: ReferState, rules: TransferRules | None = None) -> ReferMachine:
    machine = ReferMachine(rules)
    for input_ in refer.PATHS[state]:
        machine.feed(input_)
    return machine


def test_a_target_that_hangs_up_completes_the_transfer_and_ends_the_transferee() -> None:
    machine = transfer_in(TransferState.CONNECTED)
    assert short_names(machine.feed(TargetEnded("hung up"))) == ["calltransfer.completed", "hang up transferee"]
    assert short_names(machine.feed(TransfereeEnded())) == ["release"]


def test_a_transferee_that_hangs_up_completes_the_transfer_once_the_target_has_ended() -> None:
    machine = transfer_in(TransferState.CONNECTED)
    assert short_names(machine.feed(TransfereeEnded())) == ["hang up target"]
    assert short_names(machine.feed(TargetEnded("hung up"))) == ["calltransfer.completed", "release"]


def test_a_transferee_whose_target_fails_can_return_to_the_room() -> None:
    bridged = transfer_in(TransferState.INITIATED, RETURNS)
    assert short_names(bridged.feed(transfer.BUSY)) == ["return to room", "release"]
    referred = refer_in(ReferState.INITIATED, RETURNS)
    assert short_names(referred.feed(refer.DECLINED)) == ["return to room", "release"]
    accepted = refer_in(ReferState.INITIATED, RETURNS)
    assert short_names(accepted.feed(refer.ACCEPTED)) == ["hang up transferee"], "a successful transfer never returns"


def test_a_transferee_can_stay_in_the_room_until_the_target_answers() -> None:
    machine = transfer_in(TransferState.TRIGGERED, LEAVES_LATE)
    assert short_names(machine.feed(TargetDialled())) == ["accept", "calltransfer.initiated"]
    assert short_names(machine.feed(TargetAnswered())) == ["leave room", "bridge", "calltransfer.answered"]


def test_a_transferee_that_has_not_left_stays_when_the_target_fails() -> None:
    machine = transfer_in(TransferState.INITIATED, LEAVES_LATE)
    assert short_names(machine.feed(transfer.BUSY)) == ["refuse: 486 Busy Here (busy)", "release"]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(transfer.SAMPLES), max_size=10), st.sampled_from((None, RETURNS, LEAVES_LATE)))
def test_any_sequence_of_inputs_to_a_transfer(sequence: list[TransferInput], rules: TransferRules | None) -> None:
    machine = TransferMachine(rules)
    done = [name for input_ in [TransferRequested(), *sequence] for name in short_names(machine.feed(input_))]
    steps = [name.partition(".")[2] for name in done if name.startswith("calltransfer.")]
    assert steps == ["triggered", "initiated", "answered", "completed"][: len(steps)]
    assert done.count("leave room") == done.count(f"calltransfer.{machine.rules.leaves_room}")
    assert done.count("release") == (machine.state is TransferState.DONE)
    if machine.state is TransferState.DONE and "calltransfer.answered" in done:
        assert "calltransfer.completed" in done
    if any(name.startswith("refuse:") for name in done):
        assert "leave room" not in done


@settings(max_examples=400)
@given(st.lists(st.sampled_from(refer.SAMPLES), max_size=10), st.sampled_from((None, RETURNS)))
def test_any_sequence_of_inputs_to_a_refer(sequence: list[ReferInput], rules: TransferRules | None) -> None:
    machine = ReferMachine(rules)
    done = [name for input_ in [TransferRequested(), *sequence] for name in short_names(machine.feed(input_))]
    steps = [name.partition(".")[2] for name in done if name.startswith("calltransfer.")]
    assert steps == ["triggered", "initiated"][: len(steps)]
    assert done.count("leave room") == done.count("calltransfer.initiated")
    assert done.count("release") == (machine.state is ReferState.DONE)
