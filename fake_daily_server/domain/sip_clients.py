"""The SIP clients of the domain, by name. In memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fake_daily_server.values.errors import Forbidden, InvalidRequest, NotFound
from fake_daily_server.values.sip_client import SipClient, check_password, new_password

MOST_CLIENTS = 2000
LIMIT_REACHED = "SIP client limit reached for this domain"
"""The text of the 403, by which Pipecat recognises it."""


class SipClients:
    """The clients of one domain; used on one loop. `now` gives unix seconds: a client whose time is over is gone."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._clients: dict[str, SipClient] = {}
        self.on_removed: Callable[[str], None] = lambda username: None
        """Called with the name of each client that is removed."""
        self.ever_used = False
        """Whether there has been a client since the start or the last reset."""

    def clear(self) -> None:
        """Remove all clients."""
        for username in tuple(self._clients):
            self._remove(username)
        self.ever_used = False

    @property
    def all(self) -> tuple[SipClient, ...]:
        """The clients, oldest first."""
        for client in tuple(self._clients.values()):
            if client.expires_at is not None and client.expires_at <= self._now():
                self._remove(client.username)
        return tuple(self._clients.values())

    def find(self, username: str) -> SipClient | None:
        """The client of this name; None if there is none, or its time is over."""
        client = self._clients.get(username)
        if client is not None and client.expires_at is not None and client.expires_at <= self._now():
            self._remove(username)
            return None
        return client

    def get(self, username: str) -> SipClient:
        """The client of this name. Raises NotFound."""
        if (client := self.find(username)) is None:
            raise NotFound(f"no SIP client {username!r}; GET /sip-clients lists all")
        return client

    def password_of(self, username: str) -> str | None:
        """The password of a client; None if there is no such client."""
        client = self.find(username)
        return None if client is None else client.password

    def create(self, username: str, password: str | None = None, *, expires_in_seconds: int | None = None) -> SipClient:
        """Create a client; without a password one is made.

        Raises InvalidRequest for a weak password (400) and a name that is taken (409), and Forbidden at the limit.
        """
        secret = new_password() if password is None else check_password(password)
        if self.find(username) is not None:
            raise InvalidRequest(f"a SIP client named {username!r} already exists", status=409)
        if len(self.all) >= MOST_CLIENTS:
            raise Forbidden(LIMIT_REACHED)
        expires_at = None if expires_in_seconds is None else self._now() + expires_in_seconds
        self._clients[username] = SipClient(username, secret, expires_at)
        self.ever_used = True
        return self._clients[username]

    def rotate(self, username: str, password: str | None = None) -> SipClient:
        """Give a client another password; without one it is made. Raises NotFound, and InvalidRequest as `create`.

        User agents that have registered stay so until they refresh.
        """
        client = self.get(username)
        secret = new_password() if password is None else check_password(password)
        self._clients[username] = replace(client, password=secret)
        return self._clients[username]

    def delete(self, username: str) -> None:
        """Remove a client. Raises NotFound."""
        self._remove(self.get(username).username)

    def _remove(self, username: str) -> None:
        del self._clients[username]
        self.on_removed(username)
