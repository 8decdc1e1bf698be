"""Checks and parses telephone numbers (E.164) and SIP URIs given by users."""

from __future__ import annotations

import contextlib
import re
import urllib.parse
from dataclasses import dataclass, field

from sipmessage import URI

from simulator.errors import ConfigurationError

NUMBER_FORM = "an E.164 number such as +12065550142"
URI_FORM = "a SIP URI such as sip:desk@127.0.0.1:5060"
_ANY_SIP_URI = re.compile(
    r"sips?:(?:(?P<user>[^@:]*)(?::[^@]*)?@)?(?P<host>\[[^\]]*\]|[^:;?]+)(?::(?P<port>\d{1,5}))?(?:[;?].*)?",
    re.IGNORECASE,
)


def check_number(number: str, *, name: str = "number") -> str:
    """Return `number`. Raises ConfigurationError, which names the field `name`, if it is not in E.164.

    Unassigned numbers are accepted if numbers of this length exist in the country.
    """
    import phonenumbers  # noqa: PLC0415 - its metadata takes 10 ms of the start of a server, and few starts need it

    try:
        parsed = phonenumbers.parse(number)
    except (phonenumbers.NumberParseException, TypeError):
        raise ConfigurationError(name, number, NUMBER_FORM) from None
    text: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if text != number or not phonenumbers.is_possible_number(parsed):
        raise ConfigurationError(name, number, f"{NUMBER_FORM}, with + and digits only")
    return text


@dataclass(frozen=True, slots=True)
class SipAddress:
    """A SIP URI (RFC 3261 §19.1), which is written as it was given."""

    uri: URI
    """Its parts, without percent-escapes."""
    address: str
    """The URI as it was given, with a scheme and without its `?name=value&…` part."""
    query: str = ""
    """That part as it was given, without the question mark."""
    headers: tuple[tuple[str, str], ...] = field(default=())
    """The header fields in `query`, without percent-escapes (§19.1.1). A plus is a plus."""

    @classmethod
    def parse(cls, text: str, *, name: str = "uri") -> SipAddress:
        """Parse `sip:…` in any case, and also `sip:sip:…` and a bare `user@host`, which occur in practice.

        Raises ConfigurationError, which names the field `name`, if `text` is no SIP URI.
        """
        scheme, bare = "sip:", text.strip() if isinstance(text, str) else ""
        while bare[:4].lower() == "sip:":
            scheme, bare = bare[:4], bare[4:]
        if bare[:5].lower() == "sips:":
            raise ConfigurationError(name, text, f"{URI_FORM}; sips: needs TLS, which calls from here do not have")
        rest, query = _split_query(bare)
        try:
            uri = URI.parse(f"sip:{rest}")
        except ValueError:
            raise ConfigurationError(name, text, URI_FORM) from None
        if re.search(r"\s", rest):
            raise ConfigurationError(name, text, f"{URI_FORM}, without blanks")
        if uri.port is not None and not 0 < uri.port < 65_536:
            raise ConfigurationError(name, text, "a SIP URI with a port from 1 to 65535, or without one")
        return cls(uri, scheme + rest, query, _header_fields(query, text, name))

    @classmethod
    def received(cls, text: str) -> SipAddress:
        """Read a URI that a SIP peer has sent, which may be of any kind (RFC 3261 §20.20); never raises.

        Of a `tel:` URI the number is the user. Of any other text that is no SIP URI, the text itself is.
        """
        bare = text.strip()
        if not bare.lower().startswith("tel:"):
            with contextlib.suppress(ConfigurationError):
                return cls.parse(bare)
        found = _ANY_SIP_URI.fullmatch(bare)
        if found is None:
            user, host, port = re.sub(r"(?i)^tel:|;.*", "", bare), "", None
        else:
            user, host, port = urllib.parse.unquote(found["user"] or ""), found["host"], found["port"]
        return cls(URI("sip", host, user or None, port=int(port) if port else None), bare)

    @property
    def number(self) -> str | None:
        """The user as an E.164 number, without visual separators (RFC 3966 §5.1.1); None when it is no such number."""
        plain = re.sub(r"[-.()]", "", self.uri.user or "")
        return plain if re.fullmatch(r"\+[0-9]{1,15}", plain) else None

    def __str__(self) -> str:
        return self.address

    @property
    def with_headers(self) -> str:
        """The URI as it was given, with its `?name=value&…` part."""
        return f"{self.address}?{self.query}" if self.query else self.address

    @property
    def destination(self) -> str:
        """The host to which a request with this URI is sent: its parameter `maddr` goes before its host."""
        maddrs = (value for name, value in self.uri.parameters.items() if name.lower() == "maddr")
        return next(filter(None, maddrs), self.uri.host)

    @property
    def transport(self) -> str:
        """Its parameter `transport` in lower case; `udp` without one."""
        values = (value for name, value in self.uri.parameters.items() if name.lower() == "transport")
        return (next(filter(None, values), None) or "udp").lower()

    def is_equivalent(self, other: SipAddress) -> bool:
        """Whether user, host and port are equal (RFC 3261 §19.1.4, without the parameters)."""
        mine, theirs = self.uri, other.uri
        return (mine.user, mine.host.lower(), mine.port or 5060) == (
            theirs.user,
            theirs.host.lower(),
            theirs.port or 5060,
        )


def _split_query(bare: str) -> tuple[str, str]:
    """Split a URI without its scheme before its headers. The user may have question marks too (RFC 3261 §25.1)."""
    begin = bare.find("?", bare.find("@") + 1)
    return (bare, "") if begin < 0 else (bare[:begin], bare[begin + 1 :])


def _header_fields(query: str, text: str, name: str) -> tuple[tuple[str, str], ...]:
    if re.search(r"%(?![0-9A-Fa-f]{2})", query):
        raise ConfigurationError(name, text, "a SIP URI with two hexadecimal digits after each % of its headers")
    pairs = (part.partition("=") for part in query.split("&") if part)
    headers = tuple((urllib.parse.unquote(header), urllib.parse.unquote(value)) for header, _, value in pairs)
    for header, value in headers:
        if any(mark in header + value for mark in "\r\n\0"):
            raise ConfigurationError(name, text, "a SIP URI without line breaks and NUL in its header fields")
    return headers
