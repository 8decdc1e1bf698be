"""Checks and parses telephone numbers (E.164) and SIP URIs given by users."""

from __future__ import annotations

import contextlib
import re
import urllib.parse
from dataclasses import dataclass, field

import phonenumbers
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
    """A SIP URI, and the header fields in its `?name=value&…` part (RFC 3261 §19.1.1)."""

    uri: URI
    headers: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def parse(cls, text: str, *, name: str = "uri") -> SipAddress:
        """Parse `sip:…`, and also `sip:sip:…` and a bare `user@host`, which occur in practice.

        Raises ConfigurationError, which names the field `name`, if `text` is no SIP URI.
        """
        bare = text.strip() if isinstance(text, str) else ""
        while bare.lower().startswith("sip:"):
            bare = bare[4:]
        address, _, query = bare.partition("?")
        try:
            uri = URI.parse(f"sip:{address}")
        except ValueError:
            raise ConfigurationError(name, text, URI_FORM) from None
        headers = tuple(urllib.parse.parse_qsl(query, keep_blank_values=True))
        for header, value in headers:
            if any(mark in header + value for mark in "\r\n\0"):
                raise ConfigurationError(name, text, "a SIP URI without line breaks and NUL in its header fields")
        return cls(uri, headers)

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
        return cls(URI("sip", host, user or None, port=int(port) if port else None))

    @property
    def number(self) -> str | None:
        """The user as an E.164 number, without visual separators (RFC 3966 §5.1.1); None when it is no such number."""
        plain = re.sub(r"[-.()]", "", self.uri.user or "")
        return plain if re.fullmatch(r"\+[0-9]{1,15}", plain) else None

    def __str__(self) -> str:
        return str(self.uri)

    @property
    def destination(self) -> str:
        """The host to which a request with this URI is sent: its parameter `maddr` goes before its host."""
        maddrs = (value for name, value in self.uri.parameters.items() if name.lower() == "maddr")
        return next(filter(None, maddrs), self.uri.host)

    def is_equivalent(self, other: SipAddress) -> bool:
        """Whether user, host and port are equal (RFC 3261 §19.1.4, without the parameters)."""
        mine, theirs = self.uri, other.uri
        return (mine.user, mine.host.lower(), mine.port or 5060) == (
            theirs.user,
            theirs.host.lower(),
            theirs.port or 5060,
        )
