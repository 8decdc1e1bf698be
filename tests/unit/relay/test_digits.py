"""A receiver of telephone-events against good senders on bad lines, and against all bad senders."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.dtmf import DIGITS
from simulator.dtmf_senders import BAD_SENDERS, BadSender, EventPacket, digit_packets, markdown_table
from simulator.relay import Faults, Impairment, Receiver, RtpPacket
from simulator.relay.digits import LOST_END, Change, Press

CLOCK = 8000


def received(
    train: Iterable[EventPacket], *, base: int = 1000, line: Impairment | None = None
) -> tuple[list[Press], list[Change]]:
    """The presses of a train, and all that the receiver said."""
    receiver, changes = Receiver(), []
    arrivals = []
    for number, packet in enumerate(train):
        rtp = RtpPacket(101, number, (base + packet.timestamp) % 2**32, 1, packet.payload, packet.marker)
        sent = packet.at_ms / 1000
        arrivals += [(moment, number, rtp) for moment in (line.schedule(sent, 16) if line else (sent,))]
    for moment, _, rtp in sorted(arrivals, key=lambda arrival: arrival[:2]):
        while (deadline := receiver.deadline) is not None and deadline <= moment:
            changes += receiver.tick(deadline)
        changes += receiver.packet(rtp, CLOCK, moment)
    changes += receiver.finish()
    return [change.press for change in changes if change.what == "ended"], changes


def text(presses: Iterable[Press]) -> str:
    return "".join(press.digit for press in presses)


def dialled(digits: str, *, duration_ms: int = 100, gap_ms: int = 60) -> tuple[EventPacket, ...]:
    """A dial string as a good sender has it."""
    step = max(duration_ms + gap_ms, duration_ms + 60)
    return tuple(
        p for number, digit in enumerate(digits) for p in digit_packets(digit, duration_ms, at_ms=number * step)
    )


@pytest.mark.parametrize("sender", BAD_SENDERS.values(), ids=list(BAD_SENDERS))
@pytest.mark.parametrize("base", [0, 1000, 2**32 - 400], ids=["from 0", "from 1000", "wraps"])
def test_each_bad_sender_yields_what_the_table_says(sender: BadSender, base: int) -> None:
    declared = [packet for packet in sender.train if not packet.undeclared]
    presses, _ = received(declared, base=base)
    assert [(each.digit, each.duration_ms) for each in presses] == [
        (each.digit, each.duration_ms) for each in sender.expected
    ]


def test_there_are_twenty_bad_senders_each_described() -> None:
    assert len(BAD_SENDERS) >= 20
    assert all(sender.name == name for name, sender in BAD_SENDERS.items())
    for sender in BAD_SENDERS.values():
        assert sender.train
        assert sender.about.endswith((".", "!"))


@pytest.mark.parametrize("sender", BAD_SENDERS.values(), ids=list(BAD_SENDERS))
def test_each_press_begins_once_ends_once_and_settles_once(sender: BadSender) -> None:
    _, changes = received([packet for packet in sender.train if not packet.undeclared])
    whats = [change.what for change in changes]
    assert whats.count("began") == whats.count("ended") == whats.count("settled") == len(sender.expected)
    last = 0
    for what in whats:
        last += {"began": 1, "ended": -1, "settled": 0}[what]
        assert last in (0, 1)


def test_what_a_press_is_told_with() -> None:
    _, changes = received(digit_packets("5"))
    [settled] = [change.press for change in changes if change.what == "settled"]
    assert (settled.digit, settled.packets, settled.end_packets, settled.units) == ("5", 7, 3, 800)
    assert (settled.marked, settled.payload_type, settled.volume, settled.over) == (True, 101, 10, "end")


@pytest.mark.parametrize("seed", range(10))
def test_digits_survive_a_fifth_of_the_packets_being_lost(seed: int) -> None:
    digits = "0123456789*#ABCD5500"
    presses, _ = received(dialled(digits), line=Impairment(Faults(loss=0.2), seed=seed))
    assert text(presses) == digits


@pytest.mark.parametrize("seed", range(10))
def test_digits_survive_jitter_duplicates_and_overtaking(seed: int) -> None:
    digits = "0123456789*#ABCD5500"
    bad = Faults(jitter_ms=60, duplication=0.3, reordering=0.2, reordering_ms=30)
    presses, _ = received(dialled(digits, gap_ms=100), line=Impairment(bad, seed=seed))
    assert text(presses) == digits


def test_a_burst_that_takes_a_whole_key_takes_only_that_key() -> None:
    train = [packet for packet in dialled("123") if packet.event != 2]
    assert text(received(train)[0]) == "13"


@given(
    st.text(DIGITS, min_size=1, max_size=12),
    st.integers(40, 300),
    st.integers(60, 200),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**16),
)
@settings(max_examples=200)
def test_one_press_for_each_key_as_long_as_one_packet_of_each_gets_through(
    digits: str, duration_ms: int, gap_ms: int, base: int, seed: int
) -> None:
    """Any packets may be lost. Two of one key need an end or a first packet, or a pause, between them to be two."""
    chance = random.Random(seed)
    train: list[EventPacket] = []
    for number, digit in enumerate(digits):
        own = digit_packets(digit, duration_ms, at_ms=number * (duration_ms + gap_ms))
        kept = [packet for packet in own if chance.random() < 0.5]
        train += kept or [chance.choice(own)]
    presses, _ = received(train, base=base)
    assert text(presses) == digits


def test_a_press_without_an_end_is_over_after_half_a_second_and_not_before() -> None:
    receiver = Receiver()
    for packet in digit_packets("7", ends=0):
        receiver.packet(RtpPacket(101, 1, 0, 1, packet.payload, packet.marker), CLOCK, packet.at_ms / 1000)
    assert receiver.deadline == pytest.approx(0.080 + LOST_END)
    assert receiver.tick(0.080 + LOST_END - 0.001) == []
    ended, settled = receiver.tick(0.080 + LOST_END)
    assert settled.what == "settled"
    assert (ended.what, ended.press.over, ended.press.duration_ms) == ("ended", "silence", 80)
    late = digit_packets("7")[-1]
    assert receiver.packet(RtpPacket(101, 9, 0, 1, late.payload), CLOCK, 0.7) == []


@pytest.mark.parametrize("payload", [b"", b"\x05", b"\x05\x0a\x00", b"\x10\x0a\x00\xa0", b"\xff\x8a\x00\xa0"])
def test_what_is_no_key_is_passed_over(payload: bytes) -> None:
    receiver = Receiver()
    assert receiver.packet(RtpPacket(101, 1, 0, 1, payload), CLOCK, 0.0) == []
    assert receiver.deadline is None


@given(st.lists(st.tuples(st.binary(min_size=0, max_size=6), st.integers(0, 2**32 - 1), st.booleans()), max_size=40))
def test_no_packets_break_it_and_its_story_is_in_order(packets: list[tuple[bytes, int, bool]]) -> None:
    receiver, changes = Receiver(), []
    for number, (payload, timestamp, marker) in enumerate(packets):
        changes += receiver.packet(RtpPacket(101, number, timestamp, 1, payload, marker), CLOCK, number * 0.02)
    changes += receiver.finish()
    whats = [change.what for change in changes]
    assert whats.count("began") == whats.count("ended") == whats.count("settled")


def test_the_documented_table_is_the_one_that_is_tested() -> None:
    page = Path(__file__).parents[3] / "docs" / "dtmf.md"
    assert page.read_text().endswith(markdown_table() + "\n"), (
        "write the output of simulator.dtmf_senders.markdown_table() there"
    )
