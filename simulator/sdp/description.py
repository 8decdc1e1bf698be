"""A session description (RFC 4566): read tolerantly, and written.

Read is what peers send, not only what the RFC allows: lines that end with LF alone, empty lines, unknown lines,
attribute names in any case, payload types beyond 127, the same payload type twice. Nothing here raises.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from simulator.sdp.formats import Format, parse_rtpmap, static_format

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
"""Direction of a media section (RFC 3264 §5.1), as seen by the side that described it."""

_DIRECTIONS: dict[str, Direction] = {each: each for each in ("sendrecv", "sendonly", "recvonly", "inactive")}
_NOT_RECEIVING: dict[Direction, Direction] = {"sendrecv": "sendonly", "recvonly": "inactive"}
_LINE_END = re.compile(r"\r\n|\n|\r")
"""Only these end a line: `str.splitlines` would split at a form feed and at U+2028 too."""
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_`'~+-]+")
"""What PJSIP takes for a media type or a format."""
_SECTION_ATTRIBUTES = frozenset({"rtpmap", "fmtp", "rtcp", "ptime", "maxptime"})
"""The attributes that a media section is read for; all other lines are kept as written."""
_HIGHEST_PORT = 65_535
HOLD_ADDRESS = "0.0.0.0"  # noqa: S104  # not bound; RFC 3264 §8.4
"""The address of a side that wants neither RTP nor RTCP (RFC 3264 §8.4)."""


@dataclass(frozen=True, slots=True)
class MediaAddress:
    """Where a section receives: IPv4 hosts and ports of RTP and RTCP."""

    host: str
    rtp: int
    rtcp: int
    rtcp_host: str = ""
    """Host of RTCP when it is another one."""

    @property
    def wants_nothing(self) -> bool:
        """Whether neither RTP nor RTCP may be sent there: the side holds the call in the old way (RFC 3264 §8.4)."""
        return self.host == HOLD_ADDRESS


@dataclass(frozen=True, slots=True)
class MediaSection:
    """One `m=` line and what belongs to it."""

    kind: str
    """`audio`, `video`, … in lower case."""
    port: int
    """0 when the section is refused or not readable."""
    protocol: str
    tokens: tuple[str, ...]
    """The formats of the `m=` line as written."""
    formats: tuple[Format, ...] = ()
    """Those formats that are known; a payload type with several rtpmaps has several. None is beyond 127."""
    host: str = ""
    """Host of the `c=` line that applies, as written."""
    is_ip4: bool = True
    rtcp: tuple[str, int] | None = None
    """Host (may be empty) and port of `a=rtcp` (RFC 3605)."""
    direction: Direction = "sendrecv"
    ptime: int | None = None
    maxptime: int | None = None
    others: tuple[str, ...] = ()
    """The remaining lines as written."""

    @property
    def address(self) -> MediaAddress | None:
        """Where it receives; None for a refused section, an IPv6 address and a name, which is never looked up."""
        host = self._ip4_host
        if host is None or not self.port:
            return None
        rtcp_host, rtcp = self.rtcp or ("", min(self.port + 1, _HIGHEST_PORT))  # the last port has no next one
        own = literal_ip4(rtcp_host)
        return MediaAddress(host, self.port, rtcp, "" if own == host else own or "")

    @property
    def _ip4_host(self) -> str | None:
        return literal_ip4(self.host) if self.is_ip4 else None

    @property
    def codecs(self) -> tuple[str, ...]:
        """Encoding names in the section's order, each once, without telephone-event, comfort noise and redundancy."""
        return tuple(dict.fromkeys(each.name for each in self.formats if each.is_audio))

    def at(self, host: str, port: int) -> MediaSection:
        """The section receiving RTP at `port` of an IPv4 `host`, and RTCP at the next port."""
        return replace(self, host=host, is_ip4=True, port=port, rtcp=(host, port + 1))

    def with_formats(self, formats: Sequence[Format]) -> MediaSection:
        """The section with exactly these formats, in this order."""
        return replace(self, formats=tuple(formats), tokens=tuple(str(each.payload_type) for each in formats))

    def refused(self) -> MediaSection:
        """The section with port 0 and without attributes, with formats that every reader takes."""
        known = [each for each in self.tokens if _TOKEN.fullmatch(each)]
        usable = tuple(each for each in known if not each.isdecimal() or int(each) < 128)[:4]
        kind = self.kind if _TOKEN.fullmatch(self.kind) else "unknown"
        return MediaSection(kind, 0, self.protocol, usable or ("0",), host=self._ip4_host or "127.0.0.1")

    def lines(self) -> list[str]:
        """The lines that describe it."""
        words = ["m=" + self.kind, str(self.port), self.protocol, *self.tokens]
        head = [" ".join(words), *(line for line in self.others if line.startswith("i="))]
        if self.host:
            head.append(f"c=IN {'IP4' if self.is_ip4 else 'IP6'} {self.host}")
        head += [line for line in self.others if not line.startswith(("i=", "a="))]
        if self.rtcp is not None:
            head.append(f"a=rtcp:{self.rtcp[1]}" + (f" IN IP4 {self.rtcp[0]}" if self.rtcp[0] else ""))
        if self.port:
            head.append(f"a={self.direction}")
        for each in self.formats:
            head += each.attributes
        times = (("ptime", self.ptime), ("maxptime", self.maxptime))
        head += [f"a={name}:{value}" for name, value in times if value is not None]
        return head + [line for line in self.others if line.startswith("a=")]


@dataclass(frozen=True, slots=True)
class Description:
    """A session description: its sections, and the lines of the session itself."""

    session: tuple[str, ...]
    """The lines before the first `m=`, without the `c=` and direction, which every section has its own of."""
    sections: tuple[MediaSection, ...]

    @classmethod
    def parse(cls, text: str) -> Description | None:
        """Parse a description; None when the text is none at all: without `v=` and without `m=`."""
        return _parse(text)

    def replaced(self, index: int, section: MediaSection) -> Description:
        """The description with another section at `index`."""
        return replace(self, sections=(*self.sections[:index], section, *self.sections[index + 1 :]))

    def __str__(self) -> str:
        lines = [*self.session, *(line for section in self.sections for line in section.lines())]
        return "\r\n".join(lines) + "\r\n"


@lru_cache(maxsize=16)
def _parse(text: str) -> Description | None:
    """Parse a text, once for all that read it while an offer is answered."""
    lines = [line.strip(" \t\0") for line in _LINE_END.split(text)]
    parts = _split([line for line in lines if line])
    session = _Part.read(parts[0])
    if not parts[1:] and not any(line.startswith("v=") for line in session.others):
        return None
    defaults = _Defaults(*(session.connection or ("", True)), session.direction or "sendrecv")
    return Description(session.others, tuple(_section(part, defaults) for part in parts[1:]))


@lru_cache(maxsize=256)
def literal_ip4(host: str) -> str | None:
    """The IPv4 address that `host` is, also for `localhost`; None for any other name, which nothing here looks up."""
    if host.lower() == "localhost":
        return "127.0.0.1"
    if host == "0":
        return HOLD_ADDRESS
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        return None


class _Part(NamedTuple):
    """The lines of a part of the description: of the session, or of one media section."""

    connection: tuple[str, bool] | None
    """Host of the last `c=` line, and whether its address type is other than IP6; None if there is no such line."""
    direction: Direction | None
    """The last direction attribute; None if there is none."""
    attributes: dict[str, list[str]]
    """The values of the attributes `a=name:value` that were asked for, in the order of the lines."""
    others: tuple[str, ...]
    """The remaining lines as written."""

    @classmethod
    def read(cls, lines: Iterable[str], names: Container[str] = ()) -> _Part:
        """Sort lines; `names` are the attributes whose values are asked for, in lower case."""
        connection: tuple[str, bool] | None = None
        direction: Direction | None = None
        attributes: dict[str, list[str]] = {}
        others = []
        for line in lines:
            kind = line[:2]
            if kind == "c=":
                words = [*line[2:].split(), "", "", ""]
                connection = words[2].partition("/")[0], words[1].upper() != "IP6"
                continue
            if kind in {"a=", "A="}:
                name, colon, value = line[2:].partition(":")
                name = name.lower()
                if colon and name in names:
                    attributes.setdefault(name, []).append(value.strip())
                    continue
                if not colon and (known := _DIRECTIONS.get(name.strip())):
                    direction = known
                    continue
            others.append(line)
        return cls(connection, direction, attributes, tuple(others))

    def values(self, name: str) -> list[str]:
        """The values of the attributes `a=name:value`, in the order of the lines; empty if there are none."""
        return self.attributes.get(name, [])

    def number(self, name: str) -> int | None:
        """The value, without its fraction, of the last attribute `a=name:` that is from 1 to 9999; None if none is."""
        found = None
        for value in self.values(name):
            whole = value.split(" ")[0].partition(".")[0]
            found = int(whole) if _is_number(whole) and 0 < int(whole) < 10_000 else found
        return found


def _split(lines: list[str]) -> list[list[str]]:
    """The lines of the session, then those of each section."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            parts.append([])
        parts[-1].append(line)
    return parts


class _Defaults(NamedTuple):
    """Address and direction at session level, for sections without their own (RFC 4566 §5)."""

    host: str
    is_ip4: bool
    direction: Direction


def _section(part: list[str], defaults: _Defaults) -> MediaSection:
    words = part[0][2:].split()
    kind, port_text, protocol = [*words, "", "", ""][:3]
    tokens = words[3:]
    port = port_text.partition("/")[0]
    lines = _Part.read(part[1:], _SECTION_ATTRIBUTES)
    host, is_ip4 = lines.connection or (defaults.host, defaults.is_ip4)
    direction = lines.direction or defaults.direction
    return MediaSection(
        kind=kind.lower() or "unknown",
        port=int(port) if _is_number(port) and int(port) <= _HIGHEST_PORT else 0,
        protocol=protocol or "RTP/AVP",
        tokens=tuple(tokens) or ("0",),
        formats=_formats(tuple(tokens), tuple(lines.values("rtpmap")), tuple(lines.values("fmtp"))),
        host=host,
        is_ip4=is_ip4,
        rtcp=_rtcp(lines),
        direction=_NOT_RECEIVING.get(direction, direction) if literal_ip4(host) == HOLD_ADDRESS else direction,
        ptime=lines.number("ptime"),
        maxptime=lines.number("maxptime"),
        others=lines.others,
    )


@lru_cache(maxsize=64)
def _formats(tokens: tuple[str, ...], rtpmaps: tuple[str, ...], fmtps: tuple[str, ...]) -> tuple[Format, ...]:
    """The known formats among `tokens`. Nearly all descriptions that a worker reads have one of a few lists of them."""
    maps = [each for each in map(parse_rtpmap, rtpmaps) if each is not None]
    parameters: dict[str, str] = {}
    for value in fmtps:
        number, _, rest = value.partition(" ")
        parameters.setdefault(number, rest.strip())
    found: dict[Format, None] = {}
    for text in dict.fromkeys(tokens):
        if not _is_number(text) or int(text) > 127:
            continue
        static = static_format(int(text))
        known = [each for each in maps if each.payload_type == int(text)] or ([static] if static else [])
        for each in known:
            found[replace(each, fmtp=parameters[text]) if text in parameters else each] = None
    return tuple(found)


def _rtcp(lines: _Part) -> tuple[str, int] | None:
    found = None
    for value in lines.values("rtcp"):
        words = value.split()
        if words and _is_number(words[0]) and 0 < int(words[0]) <= _HIGHEST_PORT:
            is_ip6 = len(words) > 2 and words[2].upper() == "IP6"
            found = ("" if is_ip6 or len(words) < 4 else words[3]), int(words[0])
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
