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
"""First path segments of this server's own routes, which no room can have as its name."""

_LETTERS = string.ascii_letters + string.digits


def new_uuid() -> str:
    """A random UUID: the form of room ids and session ids."""
    return str(uuid.uuid4())


def new_room_name() -> str:
    """20 random letters and digits, for rooms that were created without a name."""
    return "".join(secrets.choice(_LETTERS) for _ in range(20))


def new_call_client_id() -> str:
    """A `callClientId` as daily-js makes it: the time in ms, and a random fraction appended to it."""
    return f"{time.time_ns() // 1_000_000}{random.random()}"  # noqa: S311 - an identifier, not a secret


def new_dialin_code() -> str:
    """11 random digits, the PIN of a room with PIN dial-in."""
    return "".join(secrets.choice(string.digits) for _ in range(11))


def number_id(number: str) -> str:
    """The id of a purchased number. The same number has the same id in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tel:{number}"))


@dataclass(frozen=True, slots=True)
class SipEndpoint:
    """The SIP address of one dial-in endpoint of a room: user part `<room>.<index>`, index from 0."""

    room: str
    index: int

    @classmethod
    def parse(cls, address: str) -> SipEndpoint | None:
        """Parse `sip:<room>.<index>@host…`, also without `sip:` or with it twice; None for any other address."""
        room, _, index = (SipAddress.received(address).uri.user or "").rpartition(".")
        if not ROOM_NAME.fullmatch(room) or not re.fullmatch(r"0|[1-9][0-9]?", index):
            return None
        return cls(room, int(index))

    def at(self, host_and_port: str, *, prefix: str = "sip:") -> str:
        """The SIP URI of the endpoint at a server `host:port`, such as `sip:demo.0@127.0.0.1:5060`."""
        return f"{prefix}{self.room}.{self.index}@{host_and_port}"
