"""DTMF digits as values: dial strings, telephone-event payloads and SIP INFO bodies; and good trains of packets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import dtmf
from simulator.dtmf_senders import digit_packets
from simulator.errors import ConfigurationError

any_digit = st.sampled_from(dtmf.DIGITS)


@given(digit=any_digit, end=st.booleans(), duration=st.integers(0, 0xFFFF), volume=st.integers(0, 63))
def test_a_telephone_event_is_parsed_as_it_was_written(digit: str, end: bool, duration: int, volume: int) -> None:
    event = dtmf.TelephoneEvent(digit, end, duration, volume)
    assert len(bytes(event)) == 4
    assert dtmf.TelephoneEvent.parse(bytes(event)) == event


def test_the_bytes_of_a_telephone_event_are_those_of_the_rfc() -> None:
    assert bytes(dtmf.TelephoneEvent("#", end=True, duration=800, volume=10)).hex() == "0b8a0320"


@pytest.mark.parametrize("payload", [b"", b"\x01\x0a\x00", bytes([16, 10, 0, 160]), bytes([255, 0, 0, 0])])
def test_payloads_that_are_not_dtmf_digits_are_not_parsed(payload: bytes) -> None:
    assert dtmf.TelephoneEvent.parse(payload) is None


@given(digit=any_digit, duration_ms=st.integers(50, 2000), at_ms=st.integers(0, 5000))
def test_the_packets_of_a_digit_have_one_marker_one_timestamp_and_three_ends(
    digit: str, duration_ms: int, at_ms: int
) -> None:
    packets = digit_packets(digit, duration_ms, at_ms=at_ms)
    assert [packet.marker for packet in packets].count(True) == 1
    assert packets[0].marker
    assert {packet.timestamp for packet in packets} == {at_ms * 8}
    assert [packet.end for packet in packets[-3:]] == [True] * 3
    assert sum(packet.end for packet in packets) == 3
    assert packets[-1].duration == duration_ms * 8
    durations = [packet.duration for packet in packets]
    assert durations == sorted(durations)
    assert packets[0].payload == bytes(dtmf.TelephoneEvent(digit, end=False, duration=160))


def test_the_duration_of_a_long_digit_stops_at_sixteen_bits() -> None:
    assert digit_packets("1", 9000)[-1].duration == 0xFFFF


def test_a_digit_shorter_than_a_packet_has_end_packets_only() -> None:
    packets = digit_packets("1", 15)
    assert [(packet.at_ms, packet.marker, packet.end) for packet in packets] == [
        (15, True, True),
        (35, False, True),
        (55, False, True),
    ]


@pytest.mark.parametrize("digits", ["", "12a", "1 2", "1,2", "12345x"])
def test_other_characters_are_refused_by_the_name_of_the_field(digits: str) -> None:
    with pytest.raises(ConfigurationError, match="tones"):
        dtmf.check_digits(digits, field="tones")


def test_pauses_are_allowed_where_they_are_asked_for() -> None:
    assert dtmf.check_digits("1,,2", pauses=True) == "1,,2"


def test_too_many_digits_are_refused_with_the_limit() -> None:
    assert dtmf.check_digits("1" * 20, longest=20) == "1" * 20
    with pytest.raises(ConfigurationError, match="at most 20 digits"):
        dtmf.check_digits("1" * 21, longest=20)


@given(digit=any_digit, duration_ms=st.integers(dtmf.SHORTEST_INFO_MS, dtmf.LONGEST_INFO_MS))
def test_an_info_body_is_parsed_as_it_was_written(digit: str, duration_ms: int) -> None:
    sent = dtmf.InfoDigit(digit, duration_ms)
    expected = dtmf.ReceivedInfoDigit(digit, duration_ms, duration_ms)
    assert dtmf.parse_info("application/dtmf-relay", sent.body()) == expected
    bare = dtmf.parse_info("application/dtmf", sent.body("application/dtmf"))
    assert bare == dtmf.ReceivedInfoDigit(digit, dtmf.UNSTATED_DURATION_MS, None)


@pytest.mark.parametrize(
    ("content_type", "body", "digit"),
    [
        ("application/dtmf-relay", "Signal= 5\nDuration= 160\n", "5"),
        ("Application/DTMF-Relay; charset=x", "Duration=100\r\nSignal=#\r\n", "#"),
        ("application/dtmf-relay", "Signal=10\r\nDuration=100", "*"),
        ("application/dtmf-relay", "Signal=11", "#"),
        ("application/dtmf-relay", "Signal=d", "D"),
        ("application/dtmf-relay", "signal=7", "7"),
        ("application/dtmf-relay", "SIGNAL = 7\rDURATION = 160\r", "7"),
        ("application/dtmf-relay", "\r\n  Signal=7\r\n\r\nDuration=160\r\n", "7"),
        ("application/dtmf-relay", "Version=1\r\nSignal=7\r\nVolume=10\r\n", "7"),
        ("application/dtmf-relay", "Signal=1\r\nSignal=2\r\n", "1"),
        ("application/dtmf", " 12 ", "A"),
        ("application/dtmf", "Signal=7\r\n", "7"),
        ("application/dtmf-relay", "Signal=16", None),
        ("application/dtmf-relay", "Signal=77", None),
        ("application/dtmf-relay", "Signal: 7", None),
        ("application/dtmf-relay", "Signal=", None),
        ("application/dtmf-relay", "7", None),
        ("application/dtmf-relay", "hello", None),
        ("application/dtmf", "", None),
        ("text/plain", "Signal=1", None),
    ],
)
def test_info_bodies_are_parsed_as_real_senders_write_them(content_type: str, body: str, digit: str | None) -> None:
    parsed = dtmf.parse_info(content_type, body)
    assert (parsed.digit if parsed else None) == digit


@pytest.mark.parametrize(
    ("written", "duration_ms", "stated_ms"),
    [
        ("160", 160, 160),
        ("99", 100, 99),
        ("0", 100, 0),
        ("5000", 5000, 5000),
        ("5001", 5000, 5001),
        ("9" * 20, 5000, 10**18 - 1),
        ("9" * 9000, 5000, 10**18 - 1),
        ("160ms", 160, 160),
        ("-160", 250, None),
        ("soon", 250, None),
        ("", 250, None),
    ],
)
def test_the_duration_in_an_info_body_has_the_limits_of_a_gateway(
    written: str, duration_ms: int, stated_ms: int | None
) -> None:
    body = f"Signal=5\r\nDuration={written}\r\n"
    assert dtmf.parse_info("application/dtmf-relay", body) == dtmf.ReceivedInfoDigit("5", duration_ms, stated_ms)


@given(st.text(max_size=200))
def test_any_info_body_is_handled(body: str) -> None:
    for kind in ("application/dtmf-relay", "application/dtmf"):
        parsed = dtmf.parse_info(kind, body)
        assert parsed is None or parsed.digit in dtmf.DIGITS
