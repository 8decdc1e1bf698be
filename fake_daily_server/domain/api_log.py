"""The log of the latest REST API calls and webhook requests, which `GET /logs/api` shows. In memory."""

from __future__ import annotations

import urllib.parse
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from fake_daily_server.values.ids import new_uuid

MAX_ENTRIES = 1000
MAX_BODY_BYTES = 4096
"""How many bytes of each body are kept."""

Source = Literal["api", "webhook"]


@dataclass(frozen=True, slots=True)
class ApiLogEntry:
    """One call of the REST API, with its path as `url`, or one request to a webhook."""

    source: Source
    method: str
    url: str
    status: int
    at: str
    """The time of the call, in ISO 8601."""
    ip: str = ""
    request: bytes = b""
    response: bytes = b""
    id: str = field(default_factory=new_uuid)
    record: int = 0
    """`seq` of the timeline's record of the call; 0 if there is none."""
    query: str = ""
    """The query of an API call, without `?`. This field and those below are not among the fields for users."""
    ms: float = 0.0
    """How long the call took."""
    agent: str = ""
    """The User-Agent header of an API call."""
    whole: bool = True
    """Whether `request` is the whole body: it is not when it was longer, or when the call was refused before."""

    @property
    def path(self) -> str:
        """The path of an API call as it was sent, with its query."""
        path = urllib.parse.quote(self.url, safe="/:@!$&'()*+,;=~")
        return f"{path}?{self.query}" if self.query else path

    def as_dict(self, domain_id: str) -> dict[str, Any]:
        """The object that `GET /logs/api` returns. `userId` is the domain's id, since there is only one account."""
        return {
            "id": self.id,
            "userId": domain_id,
            "domainId": domain_id,
            "source": self.source,
            "ip": self.ip,
            "method": self.method,
            "url": self.url,
            "status": self.status,
            "createdAt": self.at,
            "request": _text(self.request),
            "response": _text(self.response),
        }


class ApiLog:
    """The latest MAX_ENTRIES API calls and webhook requests."""

    def __init__(self) -> None:
        self._entries: deque[ApiLogEntry] = deque(maxlen=MAX_ENTRIES)

    def append(self, entry: ApiLogEntry) -> None:
        """Append an entry, and drop the oldest one if the log is full."""
        self._entries.append(entry)

    def newest_first(self) -> list[ApiLogEntry]:
        """All entries, newest first."""
        return list(reversed(self._entries))

    def request_of(self, record: int) -> bytes:
        """The body of the call of which the timeline has the record with this `seq`; empty if it is not kept whole."""
        return next((entry.request for entry in self._entries if entry.record == record and entry.whole), b"")

    def clear(self) -> None:
        """Remove all entries."""
        self._entries.clear()


def _text(body: bytes) -> str | None:
    return body.decode("utf-8", "replace") if body else None
