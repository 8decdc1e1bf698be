"""The audio section of an SDP text: parsing it, restricting its codecs, changing its address (RFC 4566, RFC 3264)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.useragent.codecs import TELEPHONE_EVENT

_STATIC = {0: ("PCMU", 8000), 3: ("GSM", 8000), 8: ("PCMA", 8000), 9: ("G722", 8000), 18: ("G729", 8000)}
"""Payload types that need no rtpmap (RFC 3551 §6)."""


class Format(NamedTuple):
    """One payload type of an audio section, with its encoding name in upper case."""

    payload_type: int
    name: str
    clock_rate: int


@dataclass(frozen=True, slots=True)
class AudioSection:
    """The first `m=audio` section of an SDP text. `port` is 0 when the section is refused."""

    port: int
    formats: tuple[Format, ...]

    @classmethod
    def parse(cls, sdp: str) -> AudioSection | None:
        """Parse the first audio section; None when there is none. Skips malformed lines."""
        lines = _audio_lines(sdp)
        if not lines:
            return None
        fields = lines[0].split()
        maps = dict(_rtpmaps(lines))
        formats = []
        for text in fields[3:]:
            if not text.isdecimal():
                continue
            payload_type = int(text)
            known = maps.get(payload_type) or _STATIC.get(payload_type)
            if known:
                formats.append(Format(payload_type, *known))
        port = fields[1].partition("/")[0] if len(fields) > 1 else ""
        return cls(int(port) if port.isdecimal() else 0, tuple(formats))

    @property
    def codecs(self) -> tuple[str, ...]:
        """Encoding names in the section's order, each once, without telephone-event, comfort noise and redundancy."""
        return tuple(dict.fromkeys(f.name for f in self.formats if f.name not in _NOT_CODECS))

    def telephone_event(self, rtp_clock: int = 8000) -> Format | None:
        """Return the telephone-event format for a codec with this RTP clock (RFC 4733 §2.4.1); None without one."""
        for clock in event_clocks([rtp_clock], self):
            return next(f for f in self.formats if (f.name, f.clock_rate) == (TELEPHONE_EVENT, clock))
        return None

    def has_event(self, clock_rate: int) -> bool:
        """Whether the section has telephone-event with this clock rate."""
        return any((f.name, f.clock_rate) == (TELEPHONE_EVENT, clock_rate) for f in self.formats)


OPUS_CLOCK = 48_000
"""Clock rate in Hz of RTP timestamps (RFC 7587 §4.1), and so of event durations in the same stream."""
OPUS_FALLBACK_EVENT_CLOCK = 8000
"""Clock rate in Hz of the telephone-event that some peers offer beside Opus instead of one at 48 kHz."""
_NOT_CODECS = (TELEPHONE_EVENT, "CN", "RED")


def restrict_codecs(
    sdp: str, codecs: Sequence[str], *, telephone_event: bool, offered: AudioSection | None = None
) -> str:
    """Return the SDP with only `codecs` in its audio section, in that order, and telephone-event if wanted.

    Telephone-event is kept at the RTP clocks of the codecs (RFC 4733 §2.1). Beside Opus it is kept at 8000 Hz too,
    because many peers have no other; in an answer to `offered`, only when that has none at the right clock. An answer
    has the payload types of the offer, which PJSIP would give it later anyway. The SDP is returned unchanged when no
    codec would remain, because PJSIP aborts on an audio section without formats.
    """
    section = AudioSection.parse(sdp)
    if section is None:
        return sdp
    kept = [f for codec in codecs for f in section.formats if f.name == codec]
    if not kept:
        return sdp
    if telephone_event:
        clocks = event_clocks([f.clock_rate for f in kept], offered)
        kept += [f for clock in clocks for f in section.formats if (f.name, f.clock_rate) == (TELEPHONE_EVENT, clock)]
    return _with_formats(sdp, {str(f.payload_type): str(_offered_type(f, offered)) for f in kept})


def _offered_type(ours: Format, offered: AudioSection | None) -> int:
    same = (f.payload_type for f in (offered.formats if offered else ()) if f[1:] == ours[1:])
    return next(same, ours.payload_type)


def event_clocks(rtp_clocks: Sequence[int], offered: AudioSection | None = None) -> tuple[int, ...]:
    """Return the clock rates in Hz for telephone-event beside codecs with these RTP clocks, the best first.

    At most one when there is an offer to answer.
    """
    clocks = tuple(dict.fromkeys((*rtp_clocks, *((OPUS_FALLBACK_EVENT_CLOCK,) if OPUS_CLOCK in rtp_clocks else ()))))
    if offered is None:
        return clocks
    return tuple(clock for clock in clocks if offered.has_event(clock))[:1]


@dataclass(frozen=True, slots=True)
class MediaAddress:
    """Where an audio section receives: IPv4 host, RTP port, RTCP port (by RFC 3605, else the port after RTP)."""

    host: str
    rtp: int
    rtcp: int

    @classmethod
    def parse(cls, sdp: str) -> MediaAddress | None:
        """Parse the address of the first audio section; None when there is none, or when it is refused (port 0)."""
        section = AudioSection.parse(sdp)
        if section is None or not 0 < section.port < 65536:
            return None
        lines = _audio_lines(sdp)
        host, rtcp = "", section.port + 1
        for line in [*_session_lines(sdp), *lines]:
            if line.startswith("c="):
                host = line.split()[-1].partition("/")[0]
        for line in lines:
            port = line[len("a=rtcp:") :].split(" ")[0] if line.startswith("a=rtcp:") else ""
            rtcp = int(port) if port.isdecimal() and int(port) < 65536 else rtcp
        return cls(host, section.port, rtcp)


def with_media_address(sdp: str, host: str, port: int) -> str:
    """Return the SDP with its audio section receiving RTP at `port` of an IPv4 `host`, and RTCP at the next port.

    The SDP is returned unchanged when it has no audio section, or one that is refused.
    """
    if MediaAddress.parse(sdp) is None:
        return sdp
    lines = sdp.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("m=audio"))
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("m=")), len(lines))
    fields = lines[start].split()
    kept = [line for line in lines[start + 1 : end] if not line.startswith(("c=", "a=rtcp:"))]
    titles = sum(line.startswith("i=") for line in kept)
    head = [" ".join([fields[0], str(port), *fields[2:]]), *kept[:titles], f"c=IN IP4 {host}"]
    rtcp = f"a=rtcp:{port + 1} IN IP4 {host}"
    return "\r\n".join([*lines[:start], *head, *kept[titles:], rtcp, *lines[end:]]) + "\r\n"


def _session_lines(sdp: str) -> list[str]:
    lines = sdp.splitlines()
    return lines[: next((i for i, line in enumerate(lines) if line.startswith("m=")), len(lines))]


def _with_formats(sdp: str, payload_types: Mapping[str, str]) -> str:
    """Keep only these payload types, in this order, with their new numbers."""
    lines = sdp.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("m=audio"))
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("m=")), len(lines))
    head = " ".join([*lines[start].split()[:3], *payload_types.values()])
    section = [_renumbered(line, payload_types) for line in lines[start + 1 : end]]
    return "\r\n".join([*lines[:start], head, *(line for line in section if line), *lines[end:]]) + "\r\n"


def _renumbered(line: str, payload_types: Mapping[str, str]) -> str:
    """Renumber the payload type of an attribute line; empty when that type is not kept."""
    for attribute in ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"):
        if line.startswith(attribute):
            payload_type, space, rest = line[len(attribute) :].partition(" ")
            return attribute + payload_types[payload_type] + space + rest if payload_type in payload_types else ""
    return line


def _audio_lines(sdp: str) -> list[str]:
    lines: list[str] = []
    for line in sdp.splitlines():
        if line.startswith("m="):
            if lines:
                break
            if line.startswith("m=audio"):
                lines.append(line)
        elif lines:
            lines.append(line)
    return lines


def _rtpmaps(lines: Sequence[str]) -> list[tuple[int, tuple[str, int]]]:
    found = []
    for line in lines:
        if not line.startswith("a=rtpmap:"):
            continue
        payload_type, _, encoding = line[9:].partition(" ")
        name, _, clock = encoding.strip().partition("/")
        clock = clock.partition("/")[0]
        if payload_type.isdecimal() and clock.isdecimal():
            found.append((int(payload_type), (name.upper(), int(clock))))
    return found
