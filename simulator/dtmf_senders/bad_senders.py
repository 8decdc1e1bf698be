"""Bad senders of telephone-events, each with what a receiver must report: each digit that was sent, exactly once.

The senders are tables of packets, so that a receiver, such as `simulator.relay.TelephoneEventReceiver`, can be tested
without a network. `press_like` plays them on live calls. Senders of in-band digits: `dtmf_senders.in_band_senders`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

from simulator.dtmf_senders.event_packets import (
    EventPacket,
    PacketTrain,
    digit_packets,
    interleaved,
    with_clock,
    with_fields,
    with_moving_timestamps,
)


@dataclass(frozen=True, slots=True)
class ExpectedDigit:
    """A digit that a receiver must report, with the duration in the packets to within one packet (20 ms)."""

    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class BadSender:
    """A sender of telephone-events, which deviates from RFC 4733 or from common practice."""

    name: str
    about: str
    """How the sender deviates, and which devices do so."""
    train: PacketTrain
    expected: tuple[ExpectedDigit, ...]
    because: str
    """The rule by which a receiver arrives at the expected digits."""


def _long_digit() -> PacketTrain:
    """A digit of 10 s, whose duration does not fit in 16 bits: a segment of 65535 units, then a second one."""
    first = [
        EventPacket(at_ms=number * 2, event=9, timestamp=0, duration=min(1600 * number, 0xFFFF), marker=number == 1)
        for number in range(1, 42)
    ]
    rest = [
        EventPacket(at_ms=82 + number * 2, event=9, timestamp=0xFFFF, duration=min(1600 * number, 14465))
        for number in range(1, 10)
    ]
    ends = [replace(rest[-1], at_ms=102 + 2 * number, duration=14465, end=True) for number in range(3)]
    return (*first, *rest, *ends)


_ALL = (
    BadSender(
        "textbook",
        "Everything as in RFC 4733 §2.5, for comparison.",
        digit_packets("5"),
        (ExpectedDigit("5", 100),),
        "packets with one timestamp are one digit",
    ),
    BadSender(
        "no-marker",
        "No packet has the marker bit; common in gateways that insert events into the voice stream.",
        with_fields(digit_packets("1"), marker=False),
        (ExpectedDigit("1", 100),),
        "a new timestamp starts a digit, with or without the marker bit (§2.5.1.2)",
    ),
    BadSender(
        "all-marked",
        "Every packet has the marker bit.",
        with_fields(digit_packets("2"), marker=True),
        (ExpectedDigit("2", 100),),
        "packets with one timestamp are one digit, whatever the marker bit is",
    ),
    BadSender(
        "timestamp-per-packet",
        "Every packet has a timestamp of its own, and the duration keeps growing.",
        with_moving_timestamps(with_fields(digit_packets("3"), marker=False), restart_durations=False),
        (ExpectedDigit("3", 100),),
        "timestamp and duration grow by the same amount, so there is no pause between the packets",
    ),
    BadSender(
        "timestamp-and-duration-per-packet",
        "Every packet is a short event of its own: a new timestamp, and a duration of 20 ms.",
        with_moving_timestamps(with_fields(digit_packets("4"), marker=False), restart_durations=True),
        (ExpectedDigit("4", 100),),
        "each starts where the previous one ended, like the segments of a long event (§2.5.1.3)",
    ),
    BadSender(
        "new-timestamp-in-mid-digit",
        "After 60 of 120 ms the timestamp jumps to the current time and the duration restarts, without the marker bit.",
        interleaved(digit_packets("6", 60, ends=0), with_fields(digit_packets("6", 60, at_ms=60), marker=False)),
        (ExpectedDigit("6", 120),),
        "the second part starts where the first ended; with a pause of 25 ms or more it would be a second digit",
    ),
    BadSender(
        "long-key",
        "A digit of 10 s in two segments, which is correct and often misread; sent in less time than it lasts.",
        _long_digit(),
        (ExpectedDigit("9", 10_000),),
        "the durations of segments add up (§2.5.1.3)",
    ),
    BadSender(
        "all-at-once",
        "All packets in one burst, as after a stalled scheduler.",
        with_fields(digit_packets("7"), at_ms=0),
        (ExpectedDigit("7", 100),),
        "the duration comes from the packets, not from their arrival times",
    ),
    BadSender(
        "one-end",
        "The end packet is sent once, not three times.",
        digit_packets("8", ends=1),
        (ExpectedDigit("8", 100),),
        "the first end packet ends the digit",
    ),
    BadSender(
        "seven-ends",
        "The end packet is sent seven times.",
        digit_packets("9", ends=7),
        (ExpectedDigit("9", 100),),
        "further packets of an ended digit still belong to it",
    ),
    BadSender(
        "late-end-again",
        "The end packet is sent again 300 ms later.",
        (*digit_packets("0"), replace(digit_packets("0")[-1], at_ms=460)),
        (ExpectedDigit("0", 100),),
        "further packets of an ended digit still belong to it",
    ),
    BadSender(
        "zero-duration",
        "All durations are 0; some phones send this for digits shorter than one packet.",
        with_fields(digit_packets("*"), duration=0),
        (ExpectedDigit("*", 0),),
        "the digit was sent; its duration is unknown",
    ),
    BadSender(
        "shrinking-duration",
        "The end packets have a shorter duration than the updates before them.",
        tuple(replace(packet, duration=160) if packet.end else packet for packet in digit_packets("#", 120)),
        (ExpectedDigit("#", 100),),
        "the longest duration counts, because the digit has lasted that long",
    ),
    BadSender(
        "lost-end",
        "All end packets are lost, and nothing follows.",
        digit_packets("A", ends=0),
        (ExpectedDigit("A", 80),),
        "0.5 s without a packet end a digit",
    ),
    BadSender(
        "lost-end-then-same-key",
        "The end packets of a digit are lost, and the same digit is sent again after a pause of 100 ms.",
        interleaved(digit_packets("5", ends=0), digit_packets("5", at_ms=200)),
        (ExpectedDigit("5", 80), ExpectedDigit("5", 100)),
        "the second timestamp lies after the end of the first digit, as far as its packets arrived",
    ),
    BadSender(
        "only-an-end",
        "Only one end packet of the digit arrives.",
        (digit_packets("B")[-1],),
        (ExpectedDigit("B", 100),),
        "an end packet alone stands for its digit (§2.5.1.4 has it repeated for this case)",
    ),
    BadSender(
        "overlapping-digits",
        "A second digit starts while the first is still being sent; their packets alternate.",
        interleaved(digit_packets("1", 120), digit_packets("2", 120, at_ms=70)),
        (ExpectedDigit("1", 80), ExpectedDigit("2", 120)),
        "a new digit ends the previous one with the duration it had; further packets of an ended digit belong to it",
    ),
    BadSender(
        "new-digit-same-timestamp",
        "The event code changes, but the timestamp does not.",
        interleaved(digit_packets("3", ends=0), with_fields(digit_packets("4", at_ms=100), timestamp=0)),
        (ExpectedDigit("3", 80), ExpectedDigit("4", 100)),
        "another event code is another digit",
    ),
    BadSender(
        "fast-clock",
        "Counts at 48000 Hz although 8000 Hz was declared, as some do in calls with Opus.",
        with_clock(digit_packets("C"), 6),
        (ExpectedDigit("C", 600),),
        "durations are read with the declared clock rate",
    ),
    BadSender(
        "slow-clock",
        "Counts at 1000 Hz, that is in milliseconds.",
        with_clock(digit_packets("D"), 1 / 8),
        (ExpectedDigit("D", 12),),
        "durations are read with the declared clock rate",
    ),
    BadSender(
        "undeclared-payload-type",
        "Uses a payload type that the session description does not declare.",
        with_fields(digit_packets("6"), undeclared=True),
        (),
        "a receiver cannot know what such packets contain (RFC 3264 §5.1)",
    ),
    BadSender(
        "not-a-key",
        "A hook flash (event 16) and a fax tone (event 36) between two digits.",
        interleaved(
            digit_packets("1"),
            with_fields(digit_packets("1", at_ms=200), event=16),
            with_fields(digit_packets("1", at_ms=400), event=36),
            digit_packets("2", at_ms=600),
        ),
        (ExpectedDigit("1", 100), ExpectedDigit("2", 100)),
        "only events 0 to 15 are DTMF digits",
    ),
    BadSender(
        "loudest",
        "Volume 0, that is 0 dBm0.",
        with_fields(digit_packets("7"), volume=0),
        (ExpectedDigit("7", 100),),
        "the volume does not matter (§2.3.4)",
    ),
    BadSender(
        "faintest",
        "Volume 63, that is -63 dBm0, too quiet for a tone detector.",
        with_fields(digit_packets("8"), volume=63),
        (ExpectedDigit("8", 100),),
        "the volume does not matter (§2.3.4)",
    ),
    BadSender(
        "reserved-bit-and-more-bytes",
        "The reserved bit is set, and further bytes follow the event.",
        with_fields(digit_packets("9"), reserved=True, trailing=b"\x00\x00\x00\x00"),
        (ExpectedDigit("9", 100),),
        "receivers ignore the reserved bit (§2.3.3) and unknown bytes",
    ),
)

BAD_SENDERS = MappingProxyType({sender.name: sender for sender in _ALL})
"""The senders by name, including a correct one (`textbook`)."""


def markdown_table() -> str:
    """The senders as a Markdown table, for the end of docs/dtmf.md."""
    lines = ["| sender | what it does | a receiver reports | because |", "|---|---|---|---|"]
    for sender in _ALL:
        digits = ", ".join(f"`{each.digit}` {each.duration_ms} ms" for each in sender.expected) or "nothing"
        lines.append(f"| {sender.name} | {sender.about} | {digits} | {sender.because} |")
    return "\n".join(lines)
