from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import dtmf
from simulator.errors import ConfigurationError

keys = st.sampled_from(dtmf.DIGITS)


@given(digit=keys, end=st.booleans(), duration=st.integers(0, 0xFFFF), volume=st.integers(0, 63))
def test_a_telephone_event_survives_the_wire(digit: str, end: bool, duration: int, volume: int) -> None:
    event = dtmf.TelephoneEvent(digit, end, duration, volume)
    assert len(bytes(event)) == 4
    assert dtmf.TelephoneEvent.parse(bytes(event)) == event


def test_the_bytes_of_an_event_are_those_of_the_rfc() -> None:
    assert bytes(dtmf.TelephoneEvent("#", end=True, duration=800, volume=10)).hex() == "0b8a0320"


@pytest.mark.parametrize("payload", [b"", b"\x01\x0a\x00", bytes([16, 10, 0, 160]), bytes([255, 0, 0, 0])])
def test_what_is_no_key_is_none(payload: bytes) -> None:
    assert dtmf.TelephoneEvent.parse(payload) is None


@given(digit=keys, duration_ms=st.integers(50, 2000), starts_ms=st.integers(0, 5000))
def test_a_packet_train_has_one_marker_one_timestamp_and_three_ends(
    digit: str, duration_ms: int, starts_ms: int
) -> None:
    packets = list(dtmf.KeyPress(digit, duration_ms).packets(starts_ms=starts_ms))
    assert [packet.marker for packet in packets].count(True) == 1
    assert packets[0].marker
    assert {packet.timestamp_offset for packet in packets} == {starts_ms * 8}
    assert [packet.event.end for packet in packets[-3:]] == [True] * 3
    assert sum(packet.event.end for packet in packets) == 3
    assert packets[-1].event.duration == duration_ms * 8
    durations = [packet.event.duration for packet in packets]
    assert durations == sorted(durations)


def test_a_long_digit_stops_counting_at_sixteen_bits() -> None:
    last = list(dtmf.KeyPress("1", 9000).packets())[-1]
    assert last.event.duration == 0xFFFF


def test_pauses_lengthen_the_gap_before_the_next_key() -> None:
    presses = dtmf.key_presses("1,,2", duration_ms=80, gap_ms=50)
    assert presses == (dtmf.KeyPress("1", 80, 2050), dtmf.KeyPress("2", 80, 50))
    assert dtmf.length_ms(presses) == 80 + 2050 + 80
    assert dtmf.length_ms(()) == 0


@pytest.mark.parametrize("digits", ["", "12a", "1 2", ",1", "12345x"])
def test_wrong_digits_are_refused_by_name(digits: str) -> None:
    with pytest.raises(ConfigurationError, match="digits"):
        dtmf.key_presses(digits)


def test_too_many_keys_are_refused_with_the_limit() -> None:
    assert dtmf.check_digits("1" * 20, longest=20) == "1" * 20
    with pytest.raises(ConfigurationError, match="at most 20 keys"):
        dtmf.check_digits("1" * 21, longest=20)


@given(digit=keys, duration_ms=st.integers(1, 5000))
def test_an_info_body_survives_the_wire(digit: str, duration_ms: int) -> None:
    sent = dtmf.InfoDigit(digit, duration_ms)
    assert dtmf.parse_info("application/dtmf-relay", sent.body()) == sent
    bare = dtmf.parse_info("application/dtmf", sent.body("application/dtmf"))
    assert bare == dtmf.InfoDigit(digit, dtmf.UNSTATED_DURATION_MS)


@pytest.mark.parametrize(
    ("content_type", "body", "digit"),
    [
        ("application/dtmf-relay", "Signal= 5\nDuration= 160\n", "5"),
        ("Application/DTMF-Relay; charset=x", "Duration=100\r\nSignal=#\r\n", "#"),
        ("application/dtmf-relay", "Signal=10\r\nDuration=100", "*"),
        ("application/dtmf-relay", "Signal=11", "#"),
        ("application/dtmf-relay", "Signal=d", "D"),
        ("application/dtmf", " 12 ", "A"),
        ("application/dtmf", "Signal=7\r\n", "7"),
        ("application/dtmf-relay", "Signal=16", None),
        ("application/dtmf-relay", "hello", None),
        ("application/dtmf", "", None),
        ("text/plain", "Signal=1", None),
    ],
)
def test_info_bodies_as_senders_write_them(content_type: str, body: str, digit: str | None) -> None:
    parsed = dtmf.parse_info(content_type, body)
    assert (parsed.digit if parsed else None) == digit
