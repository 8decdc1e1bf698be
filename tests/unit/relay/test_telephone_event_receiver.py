"""A receiver of telephone-events against good senders on bad lines, and against all bad senders."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.dtmf import DIGITS
from simulator.dtmf_senders import BAD_SENDERS, BadSender, EventPacket, digit_packets, markdown_table
from simulator.dtmf_senders.event_packets import replayed
from simulator.relay import Faults, Impairment, RtpDigit, RtpPacket, TelephoneEventReceiver
from simulator.relay.telephone_event_receiver import LOST_END, DigitUpdate

CLOCK = 8000


def received(
    train: Iterable[EventPacket], *, base: int = 1000, impairment: Impairment | None = None
) -> tuple[list[RtpDigit], list[DigitUpdate]]:
    """The digits received from a train of packets, and all updates of the receiver."""
    receiver, updates = TelephoneEventReceiver(), []
    arrivals = []
    for number, packet in enumerate(train):
        sequence = number if packet.repeats is None else packet.repeats
        ssrc = 1 + packet.stream
        rtp = RtpPacket(101, sequence, (base + packet.timestamp) % 2**32, ssrc, packet.payload, packet.marker)
        sent = packet.at_ms / 1000
        arrivals += [(moment, number, rtp) for moment in (impairment.schedule(sent, 16) if impairment else (sent,))]
    for moment, _, rtp in sorted(arrivals, key=lambda arrival: arrival[:2]):
        while (deadline := receiver.deadline) is not None and deadline <= moment:
            updates += receiver.tick(deadline)
        updates += receiver.packet(rtp, CLOCK, moment)
    updates += receiver.finish()
    return [update.digit for update in updates if update.what == "ended"], updates


def text(digits: Iterable[RtpDigit]) -> str:
    return "".join(each.digit for each in digits)


def dialled(digits: str, *, duration_ms: int = 100, gap_ms: int = 60) -> tuple[EventPacket, ...]:
    """The packets of a dial string from a sender that follows RFC 4733."""
    step = max(duration_ms + gap_ms, duration_ms + 60)
    return tuple(
        p for number, digit in enumerate(digits) for p in digit_packets(digit, duration_ms, at_ms=number * step)
    )


@pytest.mark.parametrize("sender", BAD_SENDERS.values(), ids=list(BAD_SENDERS))
@pytest.mark.parametrize("base", [0, 1000, 2**32 - 400], ids=["from 0", "from 1000", "wraps"])
def test_each_bad_sender_yields_what_the_table_says(sender: BadSender, base: int) -> None:
    declared = [packet for packet in sender.train if not packet.undeclared]
    received_digits, _ = received(declared, base=base)
    assert [(each.digit, each.duration_ms) for each in received_digits] == [
        (each.digit, each.duration_ms) for each in sender.expected
    ]


def test_there_are_twenty_bad_senders_each_described() -> None:
    assert len(BAD_SENDERS) >= 20
    assert all(sender.name == name for name, sender in BAD_SENDERS.items())
    for sender in BAD_SENDERS.values():
        assert sender.train
        assert sender.about.endswith((".", "!"))


@pytest.mark.parametrize("sender", BAD_SENDERS.values(), ids=list(BAD_SENDERS))
def test_each_digit_begins_once_ends_once_and_settles_once(sender: BadSender) -> None:
    _, updates = received([packet for packet in sender.train if not packet.undeclared])
    whats = [update.what for update in updates]
    assert whats.count("began") == whats.count("ended") == whats.count("settled") == len(sender.expected)
    last = 0
    for what in whats:
        last += {"began": 1, "ended": -1, "settled": 0}[what]
        assert last in (0, 1)


def test_a_settled_digit_has_the_counts_and_fields_of_its_packets() -> None:
    _, updates = received(digit_packets("5"))
    [settled] = [update.digit for update in updates if update.what == "settled"]
    assert (settled.digit, settled.packets, settled.end_packets, settled.units) == ("5", 7, 3, 800)
    assert (settled.marked, settled.payload_type, settled.volume, settled.over) == (True, 101, 10, "end")


@pytest.mark.parametrize("seed", range(10))
def test_all_digits_are_received_when_a_fifth_of_the_packets_is_lost(seed: int) -> None:
    digits = "0123456789*#ABCD5500"
    received_digits, _ = received(dialled(digits), impairment=Impairment(Faults(loss=0.2), seed=seed))
    assert text(received_digits) == digits


@pytest.mark.parametrize("seed", range(10))
def test_all_digits_are_received_with_jitter_duplicates_and_reordering(seed: int) -> None:
    digits = "0123456789*#ABCD5500"
    faults = Faults(jitter_ms=60, duplication=0.3, reordering=0.2, reordering_ms=30)
    received_digits, _ = received(dialled(digits, gap_ms=100), impairment=Impairment(faults, seed=seed))
    assert text(received_digits) == digits


def test_the_loss_of_all_packets_of_a_digit_affects_no_other_digit() -> None:
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
def test_each_digit_is_received_once_if_one_of_its_packets_arrives(
    digits: str, duration_ms: int, gap_ms: int, base: int, seed: int
) -> None:
    """Any packets may be lost. Equal digits are told apart by an end packet, a first packet or a pause between them."""
    rng = random.Random(seed)
    train: list[EventPacket] = []
    for number, digit in enumerate(digits):
        own = digit_packets(digit, duration_ms, at_ms=number * (duration_ms + gap_ms))
        kept = [packet for packet in own if rng.random() < 0.5]
        train += kept or [rng.choice(own)]
    received_digits, _ = received(train, base=base)
    assert text(received_digits) == digits


def test_a_digit_without_an_end_packet_ends_after_half_a_second_and_not_before() -> None:
    receiver = TelephoneEventReceiver()
    for packet in digit_packets("7", ends=0):
        receiver.packet(RtpPacket(101, 1, 0, 1, packet.payload, packet.marker), CLOCK, packet.at_ms / 1000)
    assert receiver.deadline == pytest.approx(0.080 + LOST_END)
    assert receiver.tick(0.080 + LOST_END - 0.001) == []
    ended, settled = receiver.tick(0.080 + LOST_END)
    assert settled.what == "settled"
    assert (ended.what, ended.digit.over, ended.digit.duration_ms) == ("ended", "silence", 80)
    late = digit_packets("7")[-1]
    assert receiver.packet(RtpPacket(101, 9, 0, 1, late.payload), CLOCK, 0.7) == []


def test_what_a_frozen_line_delivers_later_belongs_to_the_digit() -> None:
    train = digit_packets("7")
    frozen = (*train[:3], *(replace(packet, at_ms=packet.at_ms + 5000) for packet in train[3:]))
    assert text(received(frozen)[0]) == "7"
    frozen_at_the_end = (*train[:-2], *(replace(packet, at_ms=packet.at_ms + 5000) for packet in train[-2:]))
    assert text(received(frozen_at_the_end)[0]) == "7"


@pytest.mark.parametrize("after_ms", [400, 700, 2000, 60_000])
def test_a_recording_that_is_played_again_is_heard_again(after_ms: int) -> None:
    twice = replayed(digit_packets("1"), after_ms=after_ms)
    assert text(received(twice)[0]) == "11"
    assert text(received([*twice, *digit_packets("2", at_ms=90_000)])[0]) == "112"


def test_a_first_packet_that_arrives_last_is_no_second_digit() -> None:
    first, *others = digit_packets("4", 40)
    assert text(received([replace(first, at_ms=200), *others])[0]) == "4"


@pytest.mark.parametrize("payload", [b"", b"\x05", b"\x05\x0a\x00", b"\x10\x0a\x00\xa0", b"\xff\x8a\x00\xa0"])
def test_payloads_that_are_no_digits_are_ignored(payload: bytes) -> None:
    receiver = TelephoneEventReceiver()
    assert receiver.packet(RtpPacket(101, 1, 0, 1, payload), CLOCK, 0.0) == []
    assert receiver.deadline is None


@given(st.lists(st.tuples(st.binary(min_size=0, max_size=6), st.integers(0, 2**32 - 1), st.booleans()), max_size=40))
def test_any_packets_are_handled_and_each_digit_begins_ends_and_settles(packets: list[tuple[bytes, int, bool]]) -> None:
    receiver, updates = TelephoneEventReceiver(), []
    for number, (payload, timestamp, marker) in enumerate(packets):
        updates += receiver.packet(RtpPacket(101, number, timestamp, 1, payload, marker), CLOCK, number * 0.02)
    updates += receiver.finish()
    whats = [update.what for update in updates]
    assert whats.count("began") == whats.count("ended") == whats.count("settled")


def test_the_documented_table_is_the_one_that_is_tested() -> None:
    page = Path(__file__).parents[3] / "docs" / "dtmf.md"
    assert page.read_text().endswith(markdown_table() + "\n"), (
        "write the output of simulator.dtmf_senders.markdown_table() there"
    )
