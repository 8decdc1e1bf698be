"""RTP as values, and what the tap makes of a stream."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.dtmf_senders import digit_packets
from simulator.relay import RtpPacket, Tap
from simulator.relay.rtp import Extended, forward
from simulator.relay.takeover import Takeover
from simulator.useragent.sdp import Format

PCMU, EVENTS = Format(0, "PCMU", 8000), Format(101, "TELEPHONE-EVENT", 8000)


@given(
    st.integers(0, 127), st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(),
    st.booleans(),
)  # fmt: skip
def test_a_packet_reads_as_it_was_written(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, marker: bool
) -> None:
    packet = RtpPacket(payload_type, sequence, timestamp, ssrc, payload, marker)
    assert RtpPacket.parse(bytes(packet)) == packet


@given(st.binary(max_size=64))
def test_any_bytes_are_a_packet_or_none(data: bytes) -> None:
    RtpPacket.parse(data)


def test_csrcs_extension_and_padding_are_no_payload() -> None:
    header = bytes.fromhex("b2 80 0001 00000002 00000003".replace(" ", ""))
    inside = bytes(8) + b"\xbe\xde\x00\x01" + b"\xaa\xbb\xcc\xdd" + b"voice" + b"\x00\x00\x03"
    packet = RtpPacket.parse(header + inside)
    assert packet is not None
    assert (packet.payload, packet.marker, packet.sequence) == (b"voice", True, 1)


@pytest.mark.parametrize(
    "data", [b"", b"\x80" * 11, b"\x40" + bytes(20), b"\x8f" + bytes(20), b"\xa0" + bytes(20) + b"\xff"]
)
def test_what_is_no_rtp_is_none(data: bytes) -> None:
    assert RtpPacket.parse(data) is None


@pytest.mark.parametrize(
    ("earlier", "later", "ahead"), [(0, 1, 1), (65535, 0, 1), (0, 65535, -1), (10, 10, 0), (0, 32768, -32768)]
)
def test_sequence_numbers_wrap(earlier: int, later: int, ahead: int) -> None:
    assert forward(earlier, later, bits=16) == ahead


def test_extended_numbers_go_on_counting() -> None:
    extended = Extended()
    assert [extended.number(n) for n in (65534, 65535, 0, 65533, 1)] == [65534, 65535, 65536, 65533, 65537]


def tap(sequences: Iterable[int], *, payload_type: int = 0, ssrc: int = 1) -> Tap:
    result = Tap("caller")
    result.declare((PCMU, EVENTS))
    for number, sequence in enumerate(sequences):
        result.saw(RtpPacket(payload_type, sequence, 160 * number, ssrc, bytes(160)), number * 0.02, (0.0,))
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
def test_loss_is_what_never_came(sequences: list[int], lost: int) -> None:
    assert tap(sequences).summary().lost_before == lost


def test_another_source_begins_a_count_of_its_own() -> None:
    watched = tap([1, 2, 3])
    for sequence in (40_000, 40_001):
        watched.saw(RtpPacket(0, sequence, 0, 2, b""), 1.0, (1.0,))
    assert (watched.summary().packets, watched.summary().lost_before) == (5, 0)


def test_a_stream_in_numbers() -> None:
    watched = tap([7, 8, 9])
    watched.saw(RtpPacket(101, 10, 480, 1, digit_packets("5")[0].payload, True), 0.06, (0.06,))
    watched.saw(RtpPacket(0, 11, 640, 1, bytes(160)), 0.08, ())
    total = watched.summary()
    assert (total.packets, total.codec, total.payload_type, total.events, total.dropped) == (5, "PCMU", 0, 1, 1)
    assert (total.first_at, total.last_at) == (0.0, 0.08)
    assert [seen.event.digit for seen in watched.packets if seen.event] == ["5"]


@pytest.mark.parametrize(("payload_type", "codec"), [(0, "PCMU"), (77, "payload type 77"), (101, None)])
def test_the_newest_codec(payload_type: int, codec: str | None) -> None:
    assert tap([1, 2], payload_type=payload_type).codec == codec


def test_what_the_receiver_declares_goes_before_what_the_sender_did() -> None:
    watched = Tap("caller")
    watched.declare_own((Format(101, "TELEPHONE-EVENT", 8000), Format(96, "TELEPHONE-EVENT", 8000)))
    watched.declare((Format(96, "OPUS", 48000),))
    assert (watched.event_clock(101), watched.event_clock(96)) == (None, None)
    names = [known.name for known in (watched.format(101), watched.format(96)) if known]
    assert names == ["TELEPHONE-EVENT", "OPUS"]
    assert watched.formats == (Format(96, "OPUS", 48000),)


def test_memory_is_bounded() -> None:
    watched = tap(number % 65536 for number in range(4000))
    assert len(watched.packets) == 3000
    assert watched.summary().packets == 4000


def test_a_stream_goes_on_as_if_nothing_had_been() -> None:
    sent: list[bytes] = []
    line = Takeover(sent.append)

    def own(sequence: int) -> None:
        passed = line.passing(bytes(RtpPacket(0, sequence, 160 * sequence, 9, b"voice")))
        if passed is not None:
            sent.append(passed)

    own(65533)
    own(65534)
    line.muted = True
    for _ in range(3):
        line.speak(101, 5, b"key")
    own(65535)  # falls into the keys
    line.muted = False
    own(0)
    own(1)
    packets = [RtpPacket.parse(data) for data in sent]
    assert [packet.sequence for packet in packets if packet] == [65533, 65534, 65535, 0, 1, 2, 3]
    assert {packet.ssrc for packet in packets if packet} == {9}


def test_a_stream_beside_has_numbers_of_its_own() -> None:
    sent: list[bytes] = []
    line = Takeover(sent.append)
    line.passing(bytes(RtpPacket(0, 500, 0, 9, b"")))
    line.speak(101, 0, b"", ssrc=77)
    line.speak(101, 0, b"", ssrc=77)
    assert [(p.ssrc, p.sequence) for p in map(RtpPacket.parse, sent) if p] == [(77, 1), (77, 2)]
    assert line.passing(data := bytes(RtpPacket(0, 501, 0, 9, b""))) == data
