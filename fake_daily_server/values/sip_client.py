"""A SIP client of the domain: its name and password, and what each of them may be."""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from fake_daily_server.values.errors import InvalidRequest

LONGEST_USERNAME = 64
LIFETIME_S = (60, 2_592_000)
"""The shortest and the longest life of a client, in seconds; the longest are 30 days."""
_GENERATED_LENGTH = 24
_PASSWORD = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[\x21-\x7e]{12,64}")
_RULE = "12 to 64 characters of printable ASCII without blanks, with a letter and a digit"

Username = Annotated[
    str, Field(max_length=LONGEST_USERNAME, pattern=r"^[A-Za-z0-9_-]+(\.[0-9]+)?$", examples=["support.1"])
]
"""Letters, digits, hyphens and underscores; a dot and a number may follow, as in the endpoint of a room."""


@dataclass(frozen=True, slots=True)
class SipClient:
    """A client that user agents can register as."""

    username: str
    password: str = field(repr=False)
    expires_at: float | None = None
    """When it is removed, in unix seconds; None for one that lasts."""


def check_password(password: str, *, name: str = "password", otherwise: str = "; omit it to have one made") -> str:
    """Return `password`. Raises InvalidRequest if it is too weak; the text has the field `name`, not the password."""
    if _PASSWORD.fullmatch(password) is None:
        raise InvalidRequest(f"{name}: allowed are {_RULE}{otherwise}")
    return password


def new_password() -> str:
    """A random password that `check_password` accepts."""
    letters = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(_GENERATED_LENGTH - 2))
    return f"{secrets.choice(string.ascii_letters)}{letters}{secrets.choice(string.digits)}"
