"""The nonces of challenges: each is valid for a while, and each of its counts for one request (RFC 7616 §3.3)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import blake2b

LIFETIME = 300.0
"""Seconds that a nonce is valid."""
MOST_USED = 4096
"""How many used nonces are remembered. When there are more, the oldest become stale, used or not."""


@dataclass(slots=True)
class _Use:
    issued: int
    count: int
    request: tuple[str, int]


class Nonces:
    """Makes nonces and says which are fresh. It remembers those only with which somebody has proved a password.

    A nonce has the time and a number under a keyed hash of `secret`, so that issuing one needs no memory. `now` is in
    seconds of any one clock.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._issued = 0
        self._used: dict[str, _Use] = {}
        self._forgotten = -1
        """Nonces up to this number are stale."""

    def issue(self, now: float) -> str:
        """A new nonce."""
        self._issued += 1
        text = f"{int(now * 1000):x}.{self._issued:x}"
        return f"{text}.{self._seal(text)}"

    def use(self, nonce: str, count: int, request: tuple[str, int], now: float) -> bool:
        """Note that a request has proved a password with a nonce; whether the nonce and its count were fresh.

        `request` is the Call-ID and the CSeq number, by which a retransmission with the same count is recognised.
        """
        found = self._read(nonce)
        if found is None:
            return False
        issued_at, number = found
        if number <= self._forgotten or not 0 <= now - issued_at <= LIFETIME:
            self._used.pop(nonce, None)
            return False
        use = self._used.get(nonce)
        if use is not None and count <= use.count:
            return count == use.count and request == use.request
        self._used[nonce] = _Use(number, count, request)
        self._limit()
        return True

    def _limit(self) -> None:
        while len(self._used) > MOST_USED:
            oldest = next(iter(self._used))  # the one that was used first
            self._forgotten = max(self._forgotten, self._used.pop(oldest).issued)

    def _read(self, nonce: str) -> tuple[float, int] | None:
        """When a nonce was issued, and its number; None when it is not one of these."""
        text, _, seal = nonce.rpartition(".")
        if not seal.isascii() or not hmac.compare_digest(seal, self._seal(text)):
            return None
        moment, _, number = text.partition(".")
        return int(moment, 16) / 1000, int(number, 16)

    def _seal(self, text: str) -> str:
        return blake2b(text.encode("latin-1", "replace"), key=self._secret, digest_size=16).hexdigest()
