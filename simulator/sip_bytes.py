"""Parses SIP messages leniently as bytes, line by line and without decoding them (RFC 3261 §7).

Made for hostile input: `read` accepts any bytes and never raises. `Message.flaw` describes the first error; the parts
that could be parsed are available nevertheless, so that a malformed request can be answered. Header lines are
kept byte for byte, except that folded lines are unfolded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

MOST_FIELDS = 100
"""Maximum number of header lines in a message. Further lines are ignored, and reported as a flaw."""

_COMPACT = {
    b"v": b"via",
    b"i": b"call-id",
    b"f": b"from",
    b"t": b"to",
    b"m": b"contact",
    b"l": b"content-length",
    b"c": b"content-type",
    b"k": b"supported",
    b"s": b"subject",
    b"e": b"content-encoding",
    b"r": b"refer-to",
    b"x": b"session-expires",
}
"""Compact forms of header names (RFC 3261 §7.3.3 and the RFCs of the headers)."""
_TOKEN = re.compile(rb"[A-Za-z0-9\-.!%*_+`'~]+\Z")
_FORBIDDEN = re.compile(rb"[\x00\r\n]")
_VIA = re.compile(
    rb"(\s*SIP\s*/\s*([0-9]{1,3}\.[0-9]{1,3})\s*/\s*([A-Za-z0-9\-]+)\s+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(?:\s*:\s*([0-9]{1,5}))?\s*)"
    rb"(;.*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS = re.compile(
    rb'(?:(?:"(?:[^"\\]|\\.)*"|[^<>"])*<([^<>]*)>|([^;<>"\s]+))\s*(;.*)?\Z',
    re.DOTALL,
)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.?)*("|\Z)', re.DOTALL)
"""Also matches an unclosed string, so that its quotes are not each tried as a start, which takes quadratic time."""
_URI = re.compile(
    rb"sips?:(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(?::([0-9]{1,5}))?(?:[;?].*)?\Z",
    re.IGNORECASE | re.DOTALL,
)


def is_token(text: bytes) -> bool:
    """Whether `text` is a token (RFC 3261 §25.1), as methods and header names are."""
    return _TOKEN.match(text) is not None


def shown(text: bytes, most: int = 40) -> str:
    """`text` as printable ASCII in one line of at most `most` characters, for logs and errors."""
    plain = "".join(chr(byte) if 32 <= byte < 127 and byte != 34 else "?" for byte in text[: most + 1])
    return plain if len(plain) <= most else plain[: most - 3] + "..."


@dataclass(slots=True)
class Message:
    """A SIP request or response."""

    start: bytes
    """The start line."""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Name and whole line of each header field, in order. Names are in lower case and in their long form."""
    body: bytes = b""
    flaw: str | None = None
    """The first thing that is wrong with the message; None if it is well-formed."""

    def lines(self, name: bytes) -> list[bytes]:
        """The whole lines of the header fields named `name`."""
        return [line for known, line in self.fields if known == name]

    def values(self, name: bytes) -> list[bytes]:
        """The values of the header fields named `name`, one for each line."""
        return [value_of(line) for known, line in self.fields if known == name]

    def value(self, name: bytes) -> bytes | None:
        """The value of the first header field named `name`; None if there is none."""
        for known, line in self.fields:
            if known == name:
                return value_of(line)
        return None

    @property
    def is_response(self) -> bool:
        """Whether the message is a response, judged by its start line."""
        return self.start[:4].upper() == b"SIP/"

    def __bytes__(self) -> bytes:
        return b"\r\n".join([self.start, *(line for _, line in self.fields), b"", self.body])


def value_of(line: bytes) -> bytes:
    """The value of a header line, which follows the colon."""
    return line.partition(b":")[2].strip(b" \t")


def read(data: bytes) -> Message:
    """Parse any bytes as a SIP message."""
    head, blank_line, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    message = Message(first)
    if not blank_line:
        message.flaw = "no blank line ends the headers"
    elif _FORBIDDEN.search(first):
        message.flaw = "NUL, CR or LF in the start line"
    if len(rest) > MOST_FIELDS:
        message.flaw = message.flaw or f"{len(rest)} header lines, allowed are {MOST_FIELDS}"
        del rest[MOST_FIELDS:]
    for line in _unfolded(rest, message):
        _add_field(line, message)
    message.body = _body(body, message)
    return message


def _unfolded(lines: list[bytes], message: Message) -> list[bytes]:
    whole: list[bytes] = []
    for line in lines:
        if not line.startswith((b" ", b"\t")):
            whole.append(line)
        elif whole:
            whole[-1] = whole[-1].rstrip(b" \t") + b" " + line.strip(b" \t")
        else:
            message.flaw = message.flaw or "the start line is folded"
    return whole


def _add_field(line: bytes, message: Message) -> None:
    name, colon, _ = line.partition(b":")
    name = name.rstrip(b" \t")
    if _FORBIDDEN.search(line):
        message.flaw = message.flaw or f"NUL, CR or LF in header line {shown(line)}"
    elif not colon:
        message.flaw = message.flaw or f"header line without colon {shown(line)}"
    elif not is_token(name):
        message.flaw = message.flaw or f"no header name {shown(name)}"
    else:
        lowered = name.lower()
        message.fields.append((_COMPACT.get(lowered, lowered), line))


def _body(body: bytes, message: Message) -> bytes:
    """The body, limited to Content-Length bytes; all of it if Content-Length is absent or invalid."""
    given = set(message.values(b"content-length"))
    if not given:
        return body
    if not all(value.isdigit() and len(value) < 10 for value in given):
        message.flaw = message.flaw or f"Content-Length {shown(min(given))} is not a number"
        return body
    lengths = {int(value) for value in given}
    if len(lengths) > 1:
        message.flaw = message.flaw or "Content-Length has several values"
        return body
    length = lengths.pop()
    if length > len(body):
        message.flaw = message.flaw or f"Content-Length {length} exceeds the {len(body)} bytes there"
    return body[:length]


def split_list(value: bytes) -> list[bytes]:
    """Split a comma-separated header value; commas in quotes and in <> do not separate."""
    if b"," not in value:
        return [value]
    parts: list[bytes] = []
    began = 0
    quoted = angled = escaped = False
    for place, byte in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped = byte == 0x5C
            quoted = byte != 0x22
        elif byte == 0x22:
            quoted = True
        elif byte in b"<>":
            angled = byte == 0x3C
        elif byte == 0x2C and not angled:
            parts.append(value[began:place])
            began = place + 1
    parts.append(value[began:])
    return parts


def parameters(text: bytes | None) -> list[tuple[bytes, bytes | None]]:
    """Parse `;name=value;flag` to pairs of lower-case name and value or None; semicolons in quotes do not separate."""
    found: list[tuple[bytes, bytes | None]] = []
    for part in _split_parameters(text or b""):
        name, equals, value = part.partition(b"=")
        if name.strip():
            found.append((name.strip().lower(), value.strip() if equals else None))
    return found


def _split_parameters(text: bytes) -> list[bytes]:
    if b'"' not in text:
        return text.split(b";")
    return [part.replace(b"\0", b";") for part in _hide_quoted(text).split(b";")]


def _hide_quoted(text: bytes) -> bytes:
    return _QUOTED.sub(lambda quoted: quoted[0].replace(b";", b"\0") if quoted[1] else quoted[0], text)


@dataclass(frozen=True, slots=True)
class Via:
    """A Via header value (RFC 3261 §20.42)."""

    head: bytes
    """The unchanged text before the parameters."""
    version: bytes
    """`2.0`, or that of a SIP to come."""
    transport: bytes
    host: bytes
    port: int | None
    params: tuple[tuple[bytes, bytes | None], ...]
    raw: bytes
    """The unchanged text of the whole value."""

    @classmethod
    def parse(cls, raw: bytes) -> Via | None:
        """Parse a value; None if it has no host, an invalid port, or a protocol other than SIP."""
        match = _VIA.match(raw)
        if match is None:
            return None
        head, version, transport, host, port, params = match.groups()
        number = int(port) if port else None
        if number is not None and not 0 < number < 65536:
            return None
        return cls(
            head.strip(), version, transport.upper(), host.lower(), number, tuple(parameters(params)), raw.strip()
        )

    def get(self, name: bytes) -> bytes | None:
        """The value of a parameter; None if it is absent or has no value."""
        for known, value in self.params:
            if known == name:
                return value
        return None

    @property
    def asks_rport(self) -> bool:
        """Whether the sender requests responses to its source port (RFC 3581)."""
        return any(known == b"rport" for known, _ in self.params)

    @property
    def sent_by(self) -> bytes:
        """`host:port` of the sender; the port is 5060 by default."""
        return b"%s:%d" % (self.host, self.port or 5060)

    def stamped(self, host: str, port: int) -> bytes:
        """The header value with the actual source address added (RFC 3261 §18.2.1, RFC 3581).

        `received` is added if the host differs or `rport` is requested; `rport` is set to the port.
        """
        actual = host.encode()
        if self.host == actual and not self.asks_rport and self.get(b"received") is None:
            return self.raw
        text = [self.head]
        for name, value in self.params:
            if name == b"rport":
                text.append(b"rport=%d" % port)
            elif name != b"received":
                text.append(name if value is None else name + b"=" + value)
        if self.host != actual or self.asks_rport:
            text.append(b"received=" + actual)
        return b";".join(text)


@dataclass(frozen=True, slots=True)
class Address:
    """The value of a From, To or Contact header: the URI, the `tag` parameter if there is one, and all parameters."""

    uri: bytes
    tag: bytes | None
    params: tuple[tuple[bytes, bytes | None], ...] = ()

    @classmethod
    def parse(cls, value: bytes) -> Address | None:
        """Parse a value; None if it is empty, or its quotes or brackets do not match."""
        match = _ADDRESS.match(value.strip())
        if match is None:
            return None
        bracketed, bare, params = match.groups()
        uri = (bracketed if bare is None else bare).strip()
        if not uri:
            return None
        given = tuple(parameters(params))
        return cls(uri, next((text for name, text in given if name == b"tag"), None), given)


def destination_of(uri: bytes) -> tuple[bytes, int] | None:
    """Host and port to which a request with this URI is sent: the parameter `maddr` goes before the host.

    None when the text is not a SIP URI (RFC 3261 §19.1.1).
    """
    found = host_and_port(uri)
    if found is None:
        return None
    address = uri[uri.find(b"@") + 1 :].partition(b"?")[0]
    params = parameters(address.partition(b";")[2])
    maddr = next((value for name, value in params if name == b"maddr" and value), None)
    return (found[0] if maddr is None else maddr.lower(), found[1])


def host_and_port(uri: bytes) -> tuple[bytes, int] | None:
    """Lower-case host and port (by default 5060) of a SIP URI; None if `uri` is not a SIP URI."""
    match = _URI.match(uri)
    if match is None:
        return None
    port = int(match[2]) if match[2] else 5060
    return (match[1].lower(), port) if 0 < port < 65536 else None


def user_and_host(uri: bytes) -> tuple[str, str]:
    """The user without escapes and the lower-case host of a SIP URI; both are empty when `uri` is not a SIP URI."""
    found = host_and_port(uri)
    if found is None:
        return "", ""
    user = uri.partition(b":")[2].rpartition(b"@")[0].partition(b":")[0]
    return unquote_to_bytes(user).decode("latin-1"), found[0].decode()
