"""Random changes to a SIP message: its bytes, its header fields, its session description; the same for one seed."""

from __future__ import annotations

import random
import re

from tests.unit.front_door.mutations import changed

_KEPT = re.compile(rb"(?i)(?:via|from|to|call-id|cseq):")
"""Header fields without which a message reaches no transaction or dialog; most mutations leave them alone."""
_NUMBERS = (b"0", b"-1", b"1", b"255", b"65535", b"65536", b"2147483648", b"4294967296", b"9" * 30, b"1e9", b"0x7f")
_VALUES = (
    b"",
    b" ",
    b"\t\t",
    b"x" * 900,
    b"%00%ff%",
    b"\xc3\x28",
    b"\xff\xfe",
    b'"',
    b'"\\',
    b"<",
    b"<>",
    b"<sip:>",
    b"<sip:@>;;=;",
    b"<sip:a@[::1]:99999>",
    b"sip:a?b=c&d",
    b"(((((((((" * 20,
    b",,,,",
    b";" * 200,
    b"*",
    b"a/b",
    b"application/sdp;boundary=",
    b"multipart/mixed;boundary=\xff",
    b"IN IP6 ::1",
    b"IN IP4 0.0.0.0",
    b"audio 0 RTP/AVP",
    b"audio 9 RTP/SAVP 0 0 0 0",
    b"video 5000/7 UDP/TLS/RTP/SAVPF 96 97",
    b"rtpmap:96 opus/48000/2",
    b"fmtp:101 0-999999",
    b"crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
)
_METHODS = tuple(
    b"INVITE ACK BYE CANCEL OPTIONS INFO REFER UPDATE PRACK NOTIFY SUBSCRIBE MESSAGE PUBLISH REGISTER WAT".split()
)
_STATUSES = (100, 180, 183, 199, 202, 299, 302, 401, 408, 481, 699, 700)
_LENGTH = re.compile(rb"(?im)^content-length:[^\r\n]*")


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The message with one to four changes. Most keep what identifies its dialog, and state the length of its body."""
    gentle = rng.random() < 0.8
    for _ in range(rng.randint(1, 4)):
        data = _with_changed_line(data, rng, gentle=gentle) if gentle or rng.random() < 0.5 else changed(data, rng)
    if rng.random() < 0.85:
        body = data.partition(b"\r\n\r\n")[2]
        data = _LENGTH.sub(b"Content-Length: %d" % len(body), data, count=1)
    return data


def _with_changed_line(data: bytes, rng: random.Random, *, gentle: bool) -> bytes:
    lines = data.split(b"\r\n")
    allowed = [number for number, line in enumerate(lines) if not (gentle and (number == 0 or _KEPT.match(line)))]
    if not allowed:
        return changed(data, rng)
    place = rng.choice(allowed)
    change = rng.choice((_other_value, _other_number, _damaged, _repeated, _removed, _moved, _other_method))
    return b"\r\n".join(change(lines, place, rng))


def _other_value(lines: list[bytes], place: int, rng: random.Random) -> list[bytes]:
    name, separator, _ = lines[place].partition(rng.choice((b":", b"=", b"=", b" ")))
    return [*lines[:place], name + separator + rng.choice(_VALUES), *lines[place + 1 :]]


def _other_number(lines: list[bytes], place: int, rng: random.Random) -> list[bytes]:
    numbers = [*re.finditer(rb"\d+", lines[place])]
    if not numbers:
        return _other_value(lines, place, rng)
    found = rng.choice(numbers)
    line = lines[place][: found.start()] + rng.choice(_NUMBERS) + lines[place][found.end() :]
    return [*lines[:place], line, *lines[place + 1 :]]


def _damaged(lines: list[bytes], place: int, rng: random.Random) -> list[bytes]:
    return [*lines[:place], changed(lines[place], rng), *lines[place + 1 :]]


def _repeated(lines: list[bytes], place: int, rng: random.Random) -> list[bytes]:
    return [*lines[:place], *lines[place : place + 1] * rng.choice((2, 2, 3, 12, 70)), *lines[place + 1 :]]


def _removed(lines: list[bytes], place: int, rng: random.Random) -> list[bytes]:
    return [*lines[:place], *lines[place + rng.choice((1, 1, 1, 4)) :]]


def _moved(lines: list[bytes], place: int, rng: random.Random) -> list[bytes]:
    rest = [*lines[:place], *lines[place + 1 :]]
    rest.insert(rng.randint(min(1, len(rest)), len(rest)), lines[place])
    return rest


def _other_method(lines: list[bytes], place: int, rng: random.Random) -> list[bytes]:
    """Another method in the start line and in CSeq, or another status."""
    del place
    start, method = lines[0], rng.choice(_METHODS)
    if start.startswith(b"SIP/2.0 "):
        return [
            b"SIP/2.0 %d Other" % rng.choice(_STATUSES),
            *lines[1:],
        ]
    changed_lines = [re.sub(rb"(?i)^(cseq: *\d+ +)\S+", rb"\1" + method, line) for line in lines[1:]]
    return [re.sub(rb"^\S+", method, start), *changed_lines]
