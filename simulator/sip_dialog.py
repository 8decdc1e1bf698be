"""A dialog as one of its sides knows it: what a request within it needs (RFC 3261 §12), and Replaces (RFC 3891)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from simulator.sip_bytes import Address, split_list

Headers = Iterable[tuple[str, str]]
"""Names and values of header fields."""


@dataclass(frozen=True, slots=True)
class SentInvite:
    """What a CANCEL takes over from the INVITE (RFC 3261 §9.1)."""

    uri: str
    """Its Request-URI."""
    via: str
    """Its only Via."""
    cseq: int


@dataclass(frozen=True, slots=True)
class SipDialog:
    """A dialog, early or confirmed. `local` and `remote` are From and To of this side's requests, with their tags."""

    call_id: str
    local: str
    remote: str
    target: str
    """The Request-URI of requests: the peer's Contact."""
    routes: tuple[str, ...] = ()
    """The route set, as values of Route."""
    answered: bool = False
    sent_invite: SentInvite | None = None
    """The INVITE that this side has sent; None if the peer has sent the INVITE of the dialog."""

    @classmethod
    def of_response(cls, uri: str, headers: Headers, *, answered: bool) -> SipDialog:
        """The dialog of an INVITE that this side has sent to `uri`, by the header fields of a response to it."""
        fields = tuple(headers)
        cseq = re.match(r"\d+", _first(fields, "cseq"))
        return cls(
            call_id=_first(fields, "call-id"),
            local=_first(fields, "from"),
            remote=_first(fields, "to"),
            target=_contact(fields) or uri,
            routes=tuple(reversed(_list(fields, "record-route"))),
            answered=answered,
            sent_invite=SentInvite(uri, _as_sent(_first(fields, "via")), int(cseq[0]) if cseq else 0),
        )

    @classmethod
    def of_ack(cls, invite: Headers, ack: Headers) -> SipDialog:
        """The dialog of an INVITE that this side has received and answered, by the header fields of both."""
        fields, acknowledged = tuple(invite), tuple(ack)
        return cls(
            call_id=_first(fields, "call-id"),
            local=_first(acknowledged, "to"),
            remote=_first(fields, "from"),
            target=_contact(fields),
            routes=_list(fields, "record-route"),
            answered=True,
        )

    def with_target(self, uri: str) -> SipDialog:
        """The dialog after a target refresh (RFC 3261 §12.2)."""
        return replace(self, target=uri)

    @property
    def ids(self) -> tuple[str, str, str]:
        """What identifies the dialog: Call-ID, local tag and remote tag; the tags in lower case."""
        return self.call_id, _tag(self.local).lower(), _tag(self.remote).lower()

    @property
    def replacing_uri(self) -> str:
        """The Refer-To URI of an attended transfer: the peer, asked to let another call replace this one (RFC 3891)."""
        replaces = f"{self.call_id};to-tag={_tag(self.remote)};from-tag={_tag(self.local)}"
        return f"{self.target}{'&' if '?' in self.target else '?'}Replaces={quote(replaces, safe='')}&Require=replaces"


@dataclass(frozen=True, slots=True)
class Replaces:
    """A Replaces header field: the dialog that an INVITE replaces (RFC 3891 §6.1).

    For the receiver of the INVITE, `to_tag` is its own tag of that dialog and `from_tag` that of its peer.
    """

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool

    @classmethod
    def parse(cls, values: Iterable[str]) -> Replaces:
        """Parse the Replaces value of a message. Raises ValueError unless it has exactly one, with both tags."""
        value, *others = (one for text in values for one in _split(text))
        call_id, *parameters = value.split(";")
        named = {name.strip().lower(): text.strip() for name, _, text in (one.partition("=") for one in parameters)}
        to_tag, from_tag = named.get("to-tag"), named.get("from-tag")
        if others or not call_id.strip() or not to_tag or not from_tag:
            found = ", ".join((value, *others))
            raise ValueError(f"Replaces needs one Call-ID with to-tag and from-tag; it is {found!r}")
        return cls(call_id.strip(), to_tag.lower(), from_tag.lower(), "early-only" in named)

    @property
    def ids(self) -> tuple[str, str, str]:
        """Call-ID, to-tag and from-tag: equal to `SipDialog.ids` of that dialog at the receiver."""
        return self.call_id, self.to_tag, self.from_tag


def _list(headers: Headers, name: str) -> tuple[str, ...]:
    """All values of a comma-separated header field."""
    return tuple(value for known, text in headers if known.lower() == name for value in _split(text))


def _first(headers: Headers, name: str) -> str:
    return next((value for known, value in headers if known.lower() == name), "")


def _split(text: str) -> list[str]:
    return [value.decode().strip() for value in split_list(text.encode())]


def _contact(headers: Headers) -> str:
    contacts = _list(headers, "contact")
    address = Address.parse(contacts[0].encode()) if contacts else None
    return "" if address is None else address.uri.decode()


def _tag(value: str) -> str:
    address = Address.parse(value.encode())
    return "" if address is None or address.tag is None else address.tag.decode()


def _as_sent(via: str) -> str:
    """A Via without what the peer has added to it (RFC 3581)."""
    return re.sub(r";\s*rport\s*=\s*\d+", ";rport", re.sub(r";\s*received\s*=[^;]*", "", via))
