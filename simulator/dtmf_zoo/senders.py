"""Bad DTMF senders, each with what a good receiver makes of it: one key press for each key that was pressed.

They are told by tables of packets, so that a receiver can be tested without a network
(`simulator.relay.TelephoneEventReceiver` is one), and on live calls by `simulator.dtmf_zoo.play`. Keys pressed as tones
in the sound are in `simulator.audio.in_band_senders`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

from simulator.dtmf_zoo.trains import EventPacket, Train, each, in_order_of_time, moved, press, scaled


@dataclass(frozen=True, slots=True)
class Yield:
    """A key press that a receiver is to report; `duration_ms` is what the packets say, give or take one of them."""

    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class BadSender:
    """One way of getting telephone-events wrong."""

    name: str
    about: str
    """What it does, and who does so."""
    train: Train
    yields: tuple[Yield, ...]
    because: str
    """Why a receiver may make just that of it."""


def _long_key() -> Train:
    """A key of 10 s, whose duration does not fit in 16 bits: a segment of 65535 units, and the rest."""
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
        "Everything as RFC 4733 §2.5 has it, for comparison.",
        press("5"),
        (Yield("5", 100),),
        "one timestamp, one key",
    ),
    BadSender(
        "no-marker",
        "No packet has the marker bit; common in gateways that mix events into the voice stream.",
        each(press("1"), marker=False),
        (Yield("1", 100),),
        "a new timestamp begins a press, with or without the marker bit (§2.5.1.2)",
    ),
    BadSender(
        "all-marked",
        "Every packet has the marker bit.",
        each(press("2"), marker=True),
        (Yield("2", 100),),
        "packets of one timestamp are one press whatever the marker bit says",
    ),
    BadSender(
        "timestamp-per-packet",
        "Every packet has the timestamp of its own moment while the duration goes on growing.",
        moved(each(press("3"), marker=False), restart=False),
        (Yield("3", 100),),
        "timestamp and duration grow by the same amount: no pause lies between the packets",
    ),
    BadSender(
        "timestamp-and-duration-per-packet",
        "Every packet is a little event of its own: its timestamp moves and its duration stays at 20 ms.",
        moved(each(press("4"), marker=False), restart=True),
        (Yield("4", 100),),
        "each begins where the one before ended, as the segments of a long event do (§2.5.1.3)",
    ),
    BadSender(
        "new-timestamp-in-mid-digit",
        "After 60 of 120 ms the timestamp jumps to now and the duration restarts, without the marker bit.",
        in_order_of_time(press("6", 60, ends=0), each(press("6", 60, at_ms=60), marker=False)),
        (Yield("6", 120),),
        "the second part begins where the first ended; a pause of 25 ms or more would make it two keys",
    ),
    BadSender(
        "long-key",
        "A key of 10 s in two segments (this is right, and often read wrong); sent faster than it lasts.",
        _long_key(),
        (Yield("9", 10_000),),
        "durations of segments add up (§2.5.1.3)",
    ),
    BadSender(
        "all-at-once",
        "The whole train in one burst, as after a stalled scheduler.",
        each(press("7"), at_ms=0),
        (Yield("7", 100),),
        "the duration is in the packets, not in their arrival",
    ),
    BadSender(
        "one-end",
        "The end packet is sent once, not three times.",
        press("8", ends=1),
        (Yield("8", 100),),
        "the first end packet ends the press",
    ),
    BadSender(
        "seven-ends",
        "The end packet is sent seven times.",
        press("9", ends=7),
        (Yield("9", 100),),
        "what comes for a press that is over belongs to it",
    ),
    BadSender(
        "late-end-again",
        "The end packet comes once more 300 ms later.",
        (*press("0"), replace(press("0")[-1], at_ms=460)),
        (Yield("0", 100),),
        "what comes for a press that is over belongs to it",
    ),
    BadSender(
        "zero-duration",
        "All durations are 0; some phones do so for keys shorter than a packet.",
        each(press("*"), duration=0),
        (Yield("*", 0),),
        "the key was pressed; how long, nobody says",
    ),
    BadSender(
        "shrinking-duration",
        "The end packets say less than the updates before them.",
        tuple(replace(packet, duration=160) if packet.end else packet for packet in press("#", 120)),
        (Yield("#", 100),),
        "the longest duration counts, for it has passed",
    ),
    BadSender(
        "lost-end",
        "All end packets are lost, and nothing follows.",
        press("A", ends=0),
        (Yield("A", 80),),
        "0.5 s without a packet end a press",
    ),
    BadSender(
        "lost-end-then-same-key",
        "The end of a key is lost, and the same key is pressed again after a pause of 100 ms.",
        in_order_of_time(press("5", ends=0), press("5", at_ms=200)),
        (Yield("5", 80), Yield("5", 100)),
        "the second timestamp is further on than the first press had lasted",
    ),
    BadSender(
        "only-an-end",
        "Of a whole train a single end packet arrives.",
        (press("B")[-1],),
        (Yield("B", 100),),
        "an end packet of an unknown press is the press (§2.5.1.4 repeats it for that)",
    ),
    BadSender(
        "overlapping-digits",
        "A second key begins while the first is still sent; their packets alternate.",
        in_order_of_time(press("1", 120), press("2", 120, at_ms=70)),
        (Yield("1", 80), Yield("2", 120)),
        "a new key ends the one before, as far as that had come; its remains belong to it",
    ),
    BadSender(
        "new-digit-same-timestamp",
        "The event code changes, the timestamp does not.",
        in_order_of_time(press("3", ends=0), each(press("4", at_ms=100), timestamp=0)),
        (Yield("3", 80), Yield("4", 100)),
        "another code is another key",
    ),
    BadSender(
        "fast-clock",
        "Counts at 48000 Hz where 8000 was declared, as beside Opus.",
        scaled(press("C"), 6),
        (Yield("C", 600),),
        "durations are taken by the declared clock",
    ),
    BadSender(
        "slow-clock",
        "Counts at 1000 Hz, that is in ms.",
        scaled(press("D"), 1 / 8),
        (Yield("D", 12),),
        "durations are taken by the declared clock",
    ),
    BadSender(
        "undeclared-payload-type",
        "Uses a payload type that the session description does not have.",
        each(press("6"), undeclared=True),
        (),
        "nobody can know what such packets are (RFC 3264 §5.1)",
    ),
    BadSender(
        "not-a-key",
        "A hook flash (event 16) and a fax tone (event 36) between two keys.",
        in_order_of_time(
            press("1"),
            each(press("1", at_ms=200), event=16),
            each(press("1", at_ms=400), event=36),
            press("2", at_ms=600),
        ),
        (Yield("1", 100), Yield("2", 100)),
        "only events 0 to 15 are keys",
    ),
    BadSender(
        "loudest",
        "Volume 0, that is 0 dBm0.",
        each(press("7"), volume=0),
        (Yield("7", 100),),
        "a key is a key at any volume (§2.3.4)",
    ),
    BadSender(
        "faintest",
        "Volume 63, that is -63 dBm0, below what a tone detector would hear.",
        each(press("8"), volume=63),
        (Yield("8", 100),),
        "a key is a key at any volume",
    ),
    BadSender(
        "reserved-bit-and-more-bytes",
        "The reserved bit is set, and further bytes follow the event.",
        each(press("9"), reserved=True, trailing=b"\x00\x00\x00\x00"),
        (Yield("9", 100),),
        "receivers ignore the reserved bit (§2.3.3), and bytes they do not know",
    ),
)

ZOO = MappingProxyType({sender.name: sender for sender in _ALL})
"""By name."""


def table() -> str:
    """All of them as a Markdown table."""
    lines = ["| sender | what it does | yields | because |", "|---|---|---|---|"]
    for sender in _ALL:
        keys = ", ".join(f"`{each.digit}` {each.duration_ms} ms" for each in sender.yields) or "nothing"
        lines.append(f"| {sender.name} | {sender.about} | {keys} | {sender.because} |")
    return "\n".join(lines)
