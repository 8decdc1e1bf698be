"""The packets of a digit in place of those of the audio: times, segments, and what our own receiver makes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.dtmf import DIGITS, TelephoneEvent
from simulator.relay import RtpDigit, RtpPacket, TelephoneEventReceiver
from simulator.relay.digit_train import DigitTrain

EVENT_TYPE = 101


def audio(number: int, step: int, *, ssrc: int = 7, base: int = 1000) -> RtpPacket:
    return RtpPacket(0, number & 0xFFFF, (base + number * step) % 2**32, ssrc, b"\xff" * 160)


def sent(train: DigitTrain, step: int, *, base: int = 1000, most: int = 2000) -> list[RtpPacket]:
    """The packets of a train, in place of audio packets of `step` units each."""
    packets = []
    for number in range(most):
        packets.append(train.instead_of(audio(number, step, base=base), step))
        if train.finished:
            return packets
    raise AssertionError(f"the digit has not ended after {most} packets")


def events(packets: list[RtpPacket]) -> list[TelephoneEvent]:
    return [event for packet in packets if (event := TelephoneEvent.parse(packet.payload))]


def received(packets: list[RtpPacket], clock: int, step: int) -> list[RtpDigit]:
    receiver, updates = TelephoneEventReceiver(), []
    for packet in packets:
        at = packet.sequence * step / clock
        updates += receiver.packet(packet, clock, at)
    updates += receiver.finish()
    return [update.digit for update in updates if update.what == "settled"]


def test_the_packets_of_a_digit_are_those_of_rfc_4733() -> None:
    packets = sent(DigitTrain("5", 800, EVENT_TYPE), 160)
    assert [packet.marker for packet in packets] == [True, *[False] * 6]
    assert {packet.timestamp for packet in packets} == {1000}
    assert {packet.payload_type for packet in packets} == {EVENT_TYPE}
    assert {packet.ssrc for packet in packets} == {7}
    assert [packet.sequence for packet in packets] == list(range(7))
    assert [(event.duration, event.end) for event in events(packets)] == [
        *((160 * number, False) for number in range(1, 5)),
        *[(800, True)] * 3,
    ]


def test_a_digit_that_ends_between_two_packets_has_the_duration_that_was_asked_for() -> None:
    packets = events(sent(DigitTrain("5", 840, EVENT_TYPE), 160))
    assert [event.duration for event in packets] == [160, 320, 480, 640, 800, 840, 840, 840]


def test_a_digit_shorter_than_a_packet_has_end_packets_only() -> None:
    packets = sent(DigitTrain("5", 100, EVENT_TYPE), 160)
    assert events(packets) == [TelephoneEvent("5", end=True, duration=100)] * 3
    assert packets[0].marker


def test_a_long_digit_has_segments() -> None:
    packets = sent(DigitTrain("5", 150_000, EVENT_TYPE), 960)
    segments = sorted({packet.timestamp for packet in packets})
    assert segments == [1000, 1000 + 0xFFFF, 1000 + 2 * 0xFFFF]
    for timestamp in segments[:2]:
        own = events([packet for packet in packets if packet.timestamp == timestamp])
        assert own[-3:] == [TelephoneEvent("5", end=False, duration=0xFFFF)] * 3
        assert not any(event.end for event in own)
    assert events(packets)[-3:] == [TelephoneEvent("5", end=True, duration=150_000 - 2 * 0xFFFF)] * 3
    assert [packet.marker for packet in packets] == [True, *[False] * (len(packets) - 1)]


@pytest.mark.parametrize("units", [0xFFFF - 1, 0xFFFF, 0xFFFF + 1, 2 * 0xFFFF, 2 * 0xFFFF + 1])
def test_the_last_segment_ends_the_digit(units: int) -> None:
    packets = events(sent(DigitTrain("5", units, EVENT_TYPE), 960))
    assert [event.end for event in packets[-4:]] == [False, True, True, True]
    assert packets[-1].duration == (units - 1) % 0xFFFF + 1


def test_audio_of_another_ssrc_continues_the_digit() -> None:
    train = DigitTrain("5", 800, EVENT_TYPE)
    first = [train.instead_of(audio(number, 160), 160) for number in range(2)]
    rest = [train.instead_of(audio(number, 160, ssrc=9, base=50_000), 160) for number in range(5)]
    assert [event.duration for event in events([*first, *rest])] == [160, 320, 480, 640, 800, 800, 800]
    assert {packet.timestamp for packet in rest} == {50_000 - 320}
    assert train.finished


@given(
    digit=st.sampled_from(DIGITS),
    duration_ms=st.integers(20, 8000),
    clock=st.sampled_from([8000, 48_000]),
    packet_ms=st.sampled_from([10, 20, 30, 40, 60]),
    base=st.integers(0, 2**32 - 1),
)
def test_our_own_receiver_hears_one_digit_of_that_duration(
    digit: str, duration_ms: int, clock: int, packet_ms: int, base: int
) -> None:
    units, step = duration_ms * clock // 1000, packet_ms * clock // 1000
    packets = sent(DigitTrain(digit, units, EVENT_TYPE), step, base=base)
    heard = received(packets, clock, step)
    assert [(each.digit, each.units, each.over) for each in heard] == [(digit, units, "end")]
    assert heard[0].packets == len(packets)
