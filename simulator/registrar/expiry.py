"""How long a registration lasts (RFC 3261 §10.2.1.1 and §10.3, items 6 and 7)."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_DIGITS = 10
"""A delta-seconds has at most 2**32 - 1 (RFC 3261 §20.19)."""


@dataclass(frozen=True, slots=True)
class ExpiryLimits:
    """The shortest and the longest time that is granted, in seconds."""

    least: int = 60
    most: int = 3600

    def granted(self, asked: int | None) -> int | None:
        """The seconds for what a client asks for, None if it asks for no time; 0 removes the binding.

        Returns None when less is asked for than is allowed. A time of an hour or more is never too short
        (§10.3, item 7).
        """
        if asked is None:
            return self.most
        if 0 < asked < min(self.least, 3600):
            return None
        return min(asked, self.most)


def seconds_of(value: bytes | None) -> int | None:
    """The seconds in an Expires value or an `expires` parameter; None when it is absent or no number.

    A malformed value counts as an absent one (§10.2.1.1).
    """
    if value is None or not value.isdigit():
        return None
    return int(value[-_MOST_DIGITS:]) if len(value.lstrip(b"0")) <= _MOST_DIGITS else 2**32 - 1
