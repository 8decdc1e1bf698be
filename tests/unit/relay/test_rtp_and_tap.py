"""RTP packets as values, what the tap observes of a stream, and the injection of packets."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.dtmf_senders import digit_packets
from simulator.relay import RtpPacket, Tap
from simulator.relay.rtp import ExtendedSequence, serial_distance
from simulator.relay.stream_injector import StreamInjector
from simulator.sdp.formats import Format

PCMU, EVENTS = Format(0, "PCMU", 8000), Format(101, "TELEPHONE-EVENT", 8000)


@given(
    st.integers(0, 127), st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(),
    st.booleans(),
)  # fmt: skip
def test_a_packet_is_parsed_as_it_was_written(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, marker: bool
) -> None:
    packet = RtpPacket(payload_type, sequence, timestamp, ssrc, payload, marker)
    assert RtpPacket.parse(bytes(packet)) == packet


@given(st.binary(max_size=64))
def test_any_bytes_can_be_parsed(data: bytes) -> None:
    RtpPacket.parse(data)


def test_csrcs_extension_and_padding_are_not_in_the_payload() -> None:
    header = bytes.fromhex("b2 80 0001 00000002 00000003".replace(" ", ""))
    inside = bytes(8) + b"\xbe\xde\x00\x01" + b"\xaa\xbb\xcc\xdd" + b"voice" + b"\x00\x00\x03"
    packet = RtpPacket.parse(header + inside)
    assert packet is not None
    assert (packet.payload, packet.marker, packet.sequence) == (b"voice", True, 1)


@pytest.mark.parametrize(
    "data", [b"", b"\x80" * 11, b"\x40" + bytes(20), b"\x8f" + bytes(20), b"\xa0" + bytes(20) + b"\xff"]
)
def test_invalid_rtp_is_none(data: bytes) -> None:
    assert RtpPacket.parse(data) is None


@pytest.mark.parametrize(
    ("earlier", "later", "distance"), [(0, 1, 1), (65535, 0, 1), (0, 65535, -1), (10, 10, 0), (0, 32768, -32768)]
)
def test_the_distance_of_sequence_numbers_with_wraparound(earlier: int, later: int, distance: int) -> None:
    assert serial_distance(earlier, later, bits=16) == distance


def test_extended_sequence_numbers_do_not_wrap_around() -> None:
    extended = ExtendedSequence()
    assert [extended.extend(n) for n in (65534, 65535, 0, 65533, 1)] == [65534, 65535, 65536, 65533, 65537]


def tap(sequences: Iterable[int], *, payload_type: int = 0, ssrc: int = 1) -> Tap:
    result = Tap("caller")
    result.add_receiver_formats((PCMU, EVENTS))
    for number, sequence in enumerate(sequences):
        result.observe(RtpPacket(payload_type, sequence, 160 * number, ssrc, bytes(160)), number * 0.02, (0.0,))
    return result


@pytest.mark.parametrize(
    ("sequences", "lost"),
    [
        ([1, 2, 3], 0),
        ([65534, 65535, 0, 1], 0),
        ([1, 2, 5], 2),
        ([1, 3, 2], 0),
        ([1, 2, 2, 3], 0),
        ([2, 1, 4], 1),
        ([], 0),
    ],
)
def test_packets_lost_before_the_relay_are_counted(sequences: list[int], lost: int) -> None:
    assert tap(sequences).summary().lost_before == lost


def test_losses_are_counted_for_each_ssrc() -> None:
    observed = tap([1, 2, 3])
    for sequence in (40_000, 40_001):
        observed.observe(RtpPacket(0, sequence, 0, 2, b""), 1.0, (1.0,))
    assert (observed.summary().packets, observed.summary().lost_before) == (5, 0)


def test_the_summary_of_a_stream() -> None:
    observed = tap([7, 8, 9])
    observed.observe(RtpPacket(101, 10, 480, 1, digit_packets("5")[0].payload, True), 0.06, (0.06,))
    observed.observe(RtpPacket(0, 11, 640, 1, bytes(160)), 0.08, ())
    total = observed.summary()
    assert (total.packets, total.codec, total.payload_type, total.events, total.dropped) == (5, "PCMU", 0, 1, 1)
    assert (total.first_at, total.last_at) == (0.0, 0.08)
    assert [packet.event.digit for packet in observed.packets if packet.event] == ["5"]


@pytest.mark.parametrize(("payload_type", "codec"), [(0, "PCMU"), (77, "payload type 77"), (101, None)])
def test_the_codec_is_that_of_the_newest_audio_packet(payload_type: int, codec: str | None) -> None:
    assert tap([1, 2], payload_type=payload_type).codec == codec


def test_formats_of_the_receiver_take_precedence_over_those_of_the_sender() -> None:
    observed = Tap("caller")
    observed.add_sender_formats((Format(101, "TELEPHONE-EVENT", 8000), Format(96, "TELEPHONE-EVENT", 8000)))
    observed.add_receiver_formats((Format(96, "OPUS", 48000),))
    assert (observed.event_clock(101), observed.event_clock(96)) == (None, None)
    names = [known.name for known in (observed.format(101), observed.format(96)) if known]
    assert names == ["TELEPHONE-EVENT", "OPUS"]
    assert observed.formats == (Format(96, "OPUS", 48000),)


def test_a_tap_keeps_the_newest_3000_packets() -> None:
    observed = tap(number % 65536 for number in range(4000))
    assert len(observed.packets) == 3000
    assert observed.summary().packets == 4000


def test_sequence_numbers_are_continuous_after_an_injection() -> None:
    sent: list[bytes] = []
    injector = StreamInjector(sent.append)

    def own(sequence: int) -> None:
        rewritten = injector.rewrite(bytes(RtpPacket(0, sequence, 160 * sequence, 9, b"voice")))
        if rewritten is not None:
            sent.append(rewritten)

    own(65533)
    own(65534)
    injector.muted = True
    for _ in range(3):
        injector.send(101, 5, b"key")
    own(65535)  # dropped, because it falls into the injected packets
    injector.muted = False
    own(0)
    own(1)
    packets = [RtpPacket.parse(data) for data in sent]
    assert [packet.sequence for packet in packets if packet] == [65533, 65534, 65535, 0, 1, 2, 3]
    assert {packet.ssrc for packet in packets if packet} == {9}


def test_a_separate_stream_has_its_own_sequence_numbers() -> None:
    sent: list[bytes] = []
    injector = StreamInjector(sent.append)
    injector.rewrite(bytes(RtpPacket(0, 500, 0, 9, b"")))
    injector.send(101, 0, b"", ssrc=77)
    injector.send(101, 0, b"", ssrc=77)
    assert [(p.ssrc, p.sequence) for p in map(RtpPacket.parse, sent) if p] == [(77, 1), (77, 2)]
    assert injector.rewrite(data := bytes(RtpPacket(0, 501, 0, 9, b""))) == data
