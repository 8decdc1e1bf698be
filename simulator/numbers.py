"""Checks and parses telephone numbers (E.164) and SIP URIs given by users."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass, field

import phonenumbers
from sipmessage import URI

from simulator.errors import ConfigurationError

NUMBER_FORM = "an E.164 number such as +12065550142"
URI_FORM = "a SIP URI such as sip:desk@127.0.0.1:5060"


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
