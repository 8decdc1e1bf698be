"""Reading and narrowing the audio section of an SDP text (RFC 4566, RFC 3264)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.useragent.codecs import TELEPHONE_EVENT

_STATIC = {0: ("PCMU", 8000), 3: ("GSM", 8000), 8: ("PCMA", 8000), 9: ("G722", 8000), 18: ("G729", 8000)}
"""Payload types that need no rtpmap (RFC 3551 §6)."""


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type of an audio section; `name` in upper case."""

    payload_type: int
    name: str
    clock_rate: int


@dataclass(frozen=True, slots=True)
class AudioSection:
    """The first `m=audio` of an SDP text."""

    port: int
    formats: tuple[Format, ...]

    @classmethod
    def parse(cls, sdp: str) -> AudioSection | None:
        """Read the first audio section; None when there is none. Junk lines are passed over."""
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
        """Encoding names in order, each once, without telephone-event, comfort noise and redundancy."""
        return tuple(dict.fromkeys(f.name for f in self.formats if f.name not in _NOT_CODECS))

    def telephone_event(self, clock_rate: int = 8000) -> int | None:
        """Payload type of telephone-event at this RTP clock (RFC 4733 §2.4.1)."""
        for f in self.formats:
            if f.name == TELEPHONE_EVENT and f.clock_rate == clock_rate:
                return f.payload_type
        return None


_NOT_CODECS = (TELEPHONE_EVENT, "CN", "RED")


def narrow(sdp: str, codecs: Sequence[str], *, telephone_event: bool) -> str:
    """The same SDP whose audio section has only `codecs`, in that order, and telephone-event if wanted.

    The text is returned unchanged when nothing would be left: an audio section without formats aborts PJSIP.
    """
    section = AudioSection.parse(sdp)
    if section is None:
        return sdp
    kept = [f for codec in codecs for f in section.formats if f.name == codec]
    if not kept:
        return sdp
    if telephone_event:
        clocks = {f.clock_rate for f in kept}
        kept += [f for f in section.formats if f.name == TELEPHONE_EVENT and f.clock_rate in clocks]
    return _with_formats(sdp, [str(f.payload_type) for f in kept])


@dataclass(frozen=True, slots=True)
class MediaAddress:
    """Where an audio section wants its packets: IPv4 host, RTP port, RTCP port (RFC 3605 or one above)."""

    host: str
    rtp: int
    rtcp: int

    @classmethod
    def parse(cls, sdp: str) -> MediaAddress | None:
        """Of the first audio section; None when there is none, or when it is refused (port 0)."""
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


def moved(sdp: str, host: str, port: int) -> str:
    """The same SDP whose audio section wants its RTP at `port` of an IPv4 `host`, and its RTCP one above.

    Unchanged when it has no audio section, or one that is refused.
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


def _with_formats(sdp: str, payload_types: Sequence[str]) -> str:
    lines = sdp.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("m=audio"))
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("m=")), len(lines))
    head = " ".join([*lines[start].split()[:3], *payload_types])
    section = [line for line in lines[start + 1 : end] if _belongs(line, payload_types)]
    return "\r\n".join([*lines[:start], head, *section, *lines[end:]]) + "\r\n"


def _belongs(line: str, payload_types: Sequence[str]) -> bool:
    for attribute in ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"):
        if line.startswith(attribute):
            return line[len(attribute) :].split(" ", 1)[0] in payload_types
    return True


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
