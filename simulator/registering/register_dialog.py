"""The REGISTERs of one phone without sockets, clock and tasks: requests out, responses in (RFC 3261 §10.2)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from simulator.registering.challenge import Challenge
from simulator.registrar.expiry import seconds_of
from simulator.sip_bytes import Address, Message, split_list

_MOST_ATTEMPTS = 4
"""Requests of one exchange: bare, with a fresh nonce, with the interval that the registrar demands, and one more."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who registers where; all are texts as they appear in the messages."""

    registrar: str
    """The Request-URI."""
    address: str
    """The address of record, such as `sip:bench@127.0.0.1:5060`."""
    contact: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"<account {self.address} at {self.registrar}>"


@dataclass(frozen=True, slots=True)
class Registered:
    """The registrar has accepted; `expires` are the seconds until the registration ends, 0 without one."""

    expires: int


@dataclass(frozen=True, slots=True)
class Again:
    """The request has to be sent again, now with what the registrar asked for."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The registrar has refused."""

    status: int
    reason: str
    because: str | None = None
    """What the status does not say."""


Outcome = Registered | Again | Refusal


class RegisterDialog:
    """One Call-ID, whose CSeq grows. `begin` starts an exchange; then `request` and `receive` until an outcome."""

    def __init__(self, account: Account, *, call_id: str = "", new_text: Callable[[], str] | None = None) -> None:
        """`new_text` makes the From tag and the cnonce; by default they are random."""
        self._account = account
        self._new_text = new_text or (lambda: secrets.token_hex(8))
        self.call_id = call_id or f"{uuid4().hex}@registering"
        self._tag = self._new_text()
        self._cseq = 0
        self._challenge: Challenge | None = None
        self._challenged_by = b""
        self._count = 0
        self._expires = 0
        self._attempts = 0
        self._is_fresh = False

    def begin(self, expires: int) -> None:
        """Begin an exchange that asks for so many seconds; 0 ends the registration."""
        self._expires, self._attempts, self._is_fresh = expires, 0, False

    def request(self, via: bytes) -> bytes:
        """The next REGISTER, with this Via line."""
        self._cseq += 1
        self._attempts += 1
        account = self._account
        lines = [
            f"From: <{account.address}>;tag={self._tag}",
            f"To: <{account.address}>",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self._cseq} REGISTER",
            f"Contact: <{account.contact}>;expires={self._expires}",
            f"Expires: {self._expires}",
            *self._credentials(),
        ]
        head = [f"REGISTER {account.registrar} SIP/2.0".encode(), via, b"Max-Forwards: 70"]
        return b"\r\n".join([*head, *(line.encode() for line in lines), b"Content-Length: 0", b"", b""])

    def receive(self, response: Message) -> Outcome:
        """What a final response to the latest request means."""
        status, text = int(response.start[8:11]), response.start[12:].decode("utf-8", "replace")
        if 200 <= status < 300:
            return Registered(self._granted(response) if self._expires else 0)
        if self._attempts < _MOST_ATTEMPTS:
            if status in (401, 407):
                return self._take_challenge(response, status, text)
            least = seconds_of(response.value(b"min-expires"))
            if status == 423 and least is not None and least > self._expires:
                self._expires = least
                return Again()
        wrong = "it refuses the username or the password" if status == 403 and self._is_fresh else None
        return Refusal(status, text, wrong)

    def _take_challenge(self, response: Message, status: int, text: str) -> Outcome:
        asks, answers = (
            (b"www-authenticate", b"Authorization")
            if status == 401
            else (b"proxy-authenticate", b"Proxy-Authorization")
        )
        challenge = Challenge.first_usable(response.values(asks))
        if challenge is None:
            return Refusal(status, text, "it has no digest challenge with MD5 or SHA-256 and qop=auth")
        if self._is_fresh and not challenge.stale:
            return Refusal(status, text, "the username or the password is wrong")
        self._challenge, self._challenged_by, self._count, self._is_fresh = challenge, answers, 0, True
        return Again()

    def _credentials(self) -> list[str]:
        if self._challenge is None:
            return []
        self._count += 1
        account = self._account
        value = self._challenge.answer(
            "REGISTER",
            account.registrar,
            account.username,
            account.password,
            count=self._count,
            cnonce=self._new_text(),
        )
        return [f"{self._challenged_by.decode()}: {value}"]

    def _granted(self, response: Message) -> int:
        """The seconds in our Contact of the response, else in its Expires, else what was asked for (§10.2.4)."""
        for text in (part for line in response.values(b"contact") for part in split_list(line)):
            contact = Address.parse(text)
            if contact is not None and contact.uri == self._account.contact.encode():
                own = seconds_of(dict(contact.params).get(b"expires"))
                if own is not None:
                    return own
        given = seconds_of(response.value(b"expires"))
        return self._expires if given is None else given
