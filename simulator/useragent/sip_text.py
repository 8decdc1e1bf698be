"""SIP as text: parsing received messages, and checking values that go into sent ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from simulator.errors import ConfigurationError
from simulator.sdp.body import MessageBody, read_body
from simulator.useragent.messages import Headers

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")  # RFC 3261 §25.1
_URI = re.compile(
    r"sips?:(?:[^\s<>\"@]+@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)(?::\d{1,5})?(?:;[^\s<>\"?]*)?", re.IGNORECASE
)
_URI_HEADERS = re.compile(r"(?:\?[^\s<>\"]*)?")
_CONTENT_TYPE = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+/[A-Za-z0-9\-.!%*_+`'~]+")

_STACK_HEADERS = frozenset({
    "via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "contact", "m", "max-forwards", "route",
    "record-route", "content-length", "l", "content-type", "c", "content-encoding", "e", "allow", "supported", "k",
    "require", "proxy-require", "session-expires", "x", "min-se", "authorization", "proxy-authorization",
    "www-authenticate", "proxy-authenticate", "replaces", "rseq", "rack",
})  # fmt: skip
"""Header names in lower case, with their compact forms, that only the SIP stack writes."""

# PJSIP cannot send messages of 4,000 bytes and more, and a proxy on the way adds to them. The stack's own headers and
# an SDP take about 1,200 bytes.
_MAX_HEADER_BYTES = 2400
_MAX_BODY_BYTES = 2800
_MAX_NAME_BYTES = 200
_MAX_URI_BYTES = 500

_COMPACT_FORMS = {
    "a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition",
    "e": "Content-Encoding", "f": "From", "i": "Call-ID", "j": "Reject-Contact", "k": "Supported",
    "l": "Content-Length", "m": "Contact", "o": "Event", "r": "Refer-To", "s": "Subject", "t": "To",
    "u": "Allow-Events", "v": "Via", "x": "Session-Expires", "y": "Identity",
}  # fmt: skip


def destination_of(uri: str) -> str:
    """The host to which a request with this SIP URI is sent: its parameter `maddr` goes before its host.

    Empty for a URI without a host.
    """
    address = re.sub(r"^sips?:(?:[^@]*@)?", "", uri, flags=re.IGNORECASE).partition("?")[0]
    maddr = re.search(r";\s*maddr\s*=\s*([^;\s]+)", address, re.IGNORECASE)
    host = re.match(r"\[[^\]]*\]|[^:;]*", address)
    return maddr[1] if maddr else host[0] if host else ""


def decode_wire_text(text: str) -> str:
    """Decode text from PJSIP, which is UTF-8 with surrogate escapes; as Latin-1 when it is not valid UTF-8."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@dataclass(frozen=True, slots=True)
class SipMessage:
    """A received message: start line, header fields in the order of the message with long names, and body."""

    start: str
    headers: Headers
    body: str
    _first: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The first value of each header, by its name in lower case."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_first", {name.lower(): value for name, value in reversed(self.headers)})

    @classmethod
    def parse(cls, text: str) -> SipMessage:
        """Parse a whole message; folded lines are joined (RFC 3261 §7.3.1), and lines without a colon skipped."""
        return _parse(text)

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever the case of its name; None without one."""
        return self._first.get(name.lower())

    @property
    def content_type(self) -> str:
        """Media type in lower case and without parameters; empty without a Content-Type."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()

    @property
    def media_body(self) -> MessageBody:
        """What the body says about media."""
        return read_body(
            self.header("Content-Type") or "",
            self.body,
            disposition=self.header("Content-Disposition") or "",
            encoding=self.header("Content-Encoding") or "",
        )

    @property
    def sdp(self) -> str | None:
        """The session description in the body, alone or as a part of it; None without one."""
        return self.media_body.sdp

    @property
    def is_request(self) -> bool:
        """Whether it is a request, by its start line."""
        return not self.start.startswith("SIP/")

    @property
    def method(self) -> str:
        """The method by CSeq, also of a response; empty without a CSeq."""
        return (self.header("CSeq") or "").rpartition(" ")[2].strip()

    @property
    def begins_dialog(self) -> bool:
        """Whether To has no tag yet."""
        return re.search(r";\s*tag\s*=", self.header("To") or "", re.IGNORECASE) is None

    @property
    def request_uri(self) -> str:
        """Request-URI of a request; empty for a malformed request line."""
        words = self.start.split(" ")
        return words[1] if len(words) > 2 else ""

    @property
    def status(self) -> tuple[int, str]:
        """Code and reason phrase of a status line; (0, "") for a request."""
        words = self.start.split(" ", 2)
        if words[0].startswith("SIP/") and len(words) > 1 and words[1].isdecimal():
            return int(words[1]), words[2].strip() if len(words) > 2 else ""
        return 0, ""


def parse_name_addr(value: str) -> tuple[str, str]:
    """Split a From, To or Refer-To value into display name, unquoted, and URI."""
    match = re.match(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<([^>]*)>', value)
    if not match:
        return "", value.partition(";")[0].strip()
    quoted, plain, uri = match.groups()
    return (re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain.strip()), uri.strip()


def name_addr(uri: str, display_name: str | None) -> str:
    """Write a name-addr (RFC 3261 §25.1), with the display name quoted."""
    if display_name is None:
        return f"<{uri}>"
    quoted = display_name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{uri}>'


def check_uri(field: str, uri: str, *, headers: bool = False) -> str:
    """Return `uri`; ConfigurationError when it is not a SIP URI that can be dialled.

    With `headers` it may have header fields, `?name=value&…` (RFC 3261 §19.1.1): Refer-To may, a Request-URI may not.
    """
    address = _URI.match(uri)
    rest = uri[address.end() :] if address else uri
    if address is None or (rest and not (headers and _URI_HEADERS.fullmatch(rest))):
        raise ConfigurationError(field, uri, "a SIP URI such as sip:alice@127.0.0.1:5060;transport=tcp")
    if len(uri.encode()) > _MAX_URI_BYTES:
        raise ConfigurationError(field, uri, f"a SIP URI of at most {_MAX_URI_BYTES} bytes")
    return uri


def check_display_name(name: str | None) -> str | None:
    """Return `name`; ConfigurationError when it is too long or has control characters."""
    return _check_text("display_name", name)


def check_headers(headers: Iterable[tuple[str, str]], *, status: int | None = None) -> Headers:
    """Return the headers; ConfigurationError for a name or value that cannot be sent, or for too many bytes.

    Contact is for the SIP stack to write, except in a response with a `status` of 3xx, where it names other addresses.
    A value must not have control characters: after CR and LF the peer would read another header.
    """
    checked = tuple((str(name), str(value)) for name, value in headers)
    for name, value in checked:
        if not _TOKEN.fullmatch(name):
            raise ConfigurationError("headers", name, "a name of letters, digits and -.!%*_+`'~")
        if name.lower() in _STACK_HEADERS and not (name.lower() in ("contact", "m") and 300 <= (status or 0) < 400):
            raise ConfigurationError("headers", name, "a header that the SIP stack does not write itself")
        if _has_control(value):
            raise ConfigurationError(f"headers[{name}]", value, "one line of text without control characters")
    size = sum(len(f"{name}: {value}\r\n".encode()) for name, value in checked)
    if size > _MAX_HEADER_BYTES:
        raise ConfigurationError("headers", f"{size} bytes", f"at most {_MAX_HEADER_BYTES} bytes in all")
    return checked


def check_reason(reason: str | None) -> str | None:
    """Return `reason`; ConfigurationError when it is too long or has control characters."""
    return _check_text("reason", reason)


def check_content_type(content_type: str) -> str:
    """Return `content_type`; ConfigurationError when it is not type/subtype."""
    if not _CONTENT_TYPE.fullmatch(content_type):
        raise ConfigurationError("content_type", content_type, "type/subtype, such as application/json")
    return content_type


def check_body(body: str) -> str:
    """Return `body`; ConfigurationError when it is too long for one message."""
    size = len(body.encode())
    if size > _MAX_BODY_BYTES:
        raise ConfigurationError("body", f"{size} bytes", f"at most {_MAX_BODY_BYTES} bytes")
    return body


def _check_text(field: str, text: str | None) -> str | None:
    if text is not None and (_has_control(text) or len(text.encode()) > _MAX_NAME_BYTES):
        allowed = f"one line of text without control characters, at most {_MAX_NAME_BYTES} bytes"
        raise ConfigurationError(field, text, allowed)
    return text


def _has_control(text: str) -> bool:
    return any(ord(char) < 32 or ord(char) == 127 for char in text)


@lru_cache(maxsize=16)
def _parse(text: str) -> SipMessage:
    """Parse a message, once for all that ask during its handling: several modules of PJSIP and callbacks of a call."""
    head, _, body = decode_wire_text(text).replace("\r\n", "\n").partition("\n\n")
    start, *lines = re.sub(r"\n[ \t]+", " ", head).split("\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            name = name.strip()
            headers.append((_COMPACT_FORMS.get(name.lower(), name), value.strip()))
    return SipMessage(start, tuple(headers), body)
