"""Where the clients can be reached: their bindings, each with the time of its end (RFC 3261 §10.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.sip_requests.hop import Hop

MOST_BINDINGS = 10
"""Bindings of one client at a time."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One user agent of a client."""

    key: bytes
    """What identifies it: its instance (RFC 5626 §4.1), or without one its Contact URI."""
    contact: bytes
    """The URI that requests to it have."""
    source: Hop
    """Where its REGISTER came from, and where requests to it are sent."""
    call_id: str
    cseq: int
    expires_at: float
    """On the clock of the registrar."""

    def remaining(self, now: float) -> int:
        """Seconds until it expires, at least 1 while it is valid."""
        return max(1, round(self.expires_at - now))


class Bindings:
    """The bindings of all clients, those of one in the order in which they registered last."""

    def __init__(self) -> None:
        self._of: dict[str, dict[bytes, Binding]] = {}

    def of(self, client: str, now: float) -> tuple[Binding, ...]:
        """The valid bindings of a client, the latest last."""
        known = self._of.get(client, {})
        for binding in [one for one in known.values() if one.expires_at <= now]:
            del known[binding.key]
        if not known:
            self._of.pop(client, None)
        return tuple(known.values())

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients with bindings, which may have expired meanwhile."""
        return tuple(self._of)

    def replace(self, client: str, removed: Iterable[bytes], added: Iterable[Binding]) -> None:
        """Remove the bindings with these keys, and add others, which become the latest."""
        known = self._of.setdefault(client, {})
        for key in removed:
            known.pop(key, None)
        for binding in added:
            known.pop(binding.key, None)
            known[binding.key] = binding
        if not known:
            del self._of[client]

    def drop(self, client: str) -> None:
        """Remove all bindings of a client."""
        self._of.pop(client, None)

    def drop_connection(self, connection: int) -> None:
        """Remove the bindings that were made over a TCP connection."""
        for client, known in tuple(self._of.items()):
            self.replace(client, [key for key, one in known.items() if one.source.connection == connection], ())
