"""The Contact header fields of a REGISTER (RFC 3261 §10.2)."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.registrar.expiry import seconds_of
from simulator.registrar.reply import refused
from simulator.request_line import RequestLineError, check_request_uri
from simulator.sip_bytes import Address, Message, shown, split_list

MOST_BYTES = 500
"""Length of a Contact URI and of an instance, of which each client can have several."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One Contact value."""

    uri: bytes
    key: bytes
    """Its `+sip.instance`, or without one its URI."""
    expires: int | None
    """The seconds that it asks for, by its own parameter or the Expires header field; None when neither says."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """What a REGISTER asks for. Without any Contact it is a query."""

    values: tuple[Contact, ...] = ()
    removes_all: bool = False
    """Whether it has `Contact: *`."""

    @classmethod
    def of(cls, message: Message, client: str) -> Contacts:
        """Read the Contacts of a REGISTER. Raises Refused (400) for those that cannot be used."""
        texts = [part.strip() for line in message.values(b"contact") for part in split_list(line)]
        expires = seconds_of(message.value(b"expires"))
        if b"*" not in texts:
            return cls(tuple(_contact(text, expires, client) for text in texts))
        if len(texts) > 1 or expires != 0:
            why = "Contact: * needs Expires: 0 and no other Contact"
            raise refused(400, f"Bad Request: {why}", why, client=client)
        return cls(removes_all=True)


def _contact(text: bytes, expires: int | None, client: str) -> Contact:
    address = Address.parse(text)
    uri = b"" if address is None else address.uri
    if address is None or _flaw(uri) is not None:
        why = f"Contact {shown(text)} is not the SIP URI of a user agent, in ASCII, with at most {MOST_BYTES} bytes"
        raise refused(400, f"Bad Request: {why}", why, client=client)
    given = dict(address.params)
    own = seconds_of(given.get(b"expires"))
    instance = given.get(b"+sip.instance") or b""
    return Contact(uri, instance if 0 < len(instance) <= MOST_BYTES else uri, expires if own is None else own)


def _flaw(uri: bytes) -> str | None:
    """Why requests cannot be sent with this URI; None if they can be."""
    if len(uri) > MOST_BYTES or not uri.isascii():
        return "it is too long, or not ASCII"
    try:
        check_request_uri(uri)
    except RequestLineError as invalid:
        return invalid.reason
    return None
