"""Identifiers in Daily's forms: sessions, rooms, clients, and the SIP endpoints of rooms."""

from __future__ import annotations

import random
import re
import secrets
import string
import time
import uuid
from dataclasses import dataclass

from simulator.numbers import SipAddress

ROOM_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
RESERVED_ROOM_NAMES = frozenset({"v1", "_sim", "docs", "redoc", "static", "assets"})
"""First path segments of this server's own routes; no room can have one of them as its name."""

_LETTERS = string.ascii_letters + string.digits


def new_uuid() -> str:
    """A random UUID: the form of room ids and session ids."""
    return str(uuid.uuid4())


def new_room_name() -> str:
    """20 random letters and digits, for a room that is created without a name."""
    return "".join(secrets.choice(_LETTERS) for _ in range(20))


def new_call_client_id() -> str:
    """A `callClientId` in the form of daily-js: unix time in ms, followed by a random number between 0 and 1."""
    return f"{time.time_ns() // 1_000_000}{random.random()}"  # noqa: S311 - an identifier, not a secret


def new_dialin_code() -> str:
    """11 random digits: the code that callers enter for a room with PIN dial-in."""
    return "".join(secrets.choice(string.digits) for _ in range(11))


def number_id(number: str) -> str:
    """The id of a purchased number: a UUID derived from the number, so that it is the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tel:{number}"))


@dataclass(frozen=True, slots=True)
class SipEndpoint:
    """The SIP address of one dial-in endpoint of a room. Its user part is `<room>.<index>`, with the index from 0."""

    room: str
    index: int

    @classmethod
    def parse(cls, address: str) -> SipEndpoint | None:
        """Parse `sip:<room>.<index>@host…`, also with `sip:` missing or doubled. None for any other address."""
        room, _, index = (SipAddress.received(address).uri.user or "").rpartition(".")
        if not ROOM_NAME.fullmatch(room) or not re.fullmatch(r"0|[1-9][0-9]?", index):
            return None
        return cls(room, int(index))

    def at(self, host_and_port: str, *, prefix: str = "sip:") -> str:
        """The SIP URI of the endpoint at the server `host_and_port`, such as `sip:demo.0@127.0.0.1:5060`."""
        return f"{prefix}{self.room}.{self.index}@{host_and_port}"
