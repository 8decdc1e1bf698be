"""The latest calls of the REST API, with their bodies: what `GET /logs/api` tells of. In memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from fake_daily_server.values.ids import new_uuid

MOST_ENTRIES = 1000
LONGEST_BODY = 4096
"""Bytes of a body that are kept."""

Source = Literal["api", "webhook"]


@dataclass(frozen=True, slots=True)
class ApiLogEntry:
    """One call: of the API by a client, or of a client's server by a webhook. `url` is a path for the former."""

    source: Source
    method: str
    url: str
    status: int
    at: str
    """ISO 8601."""
    ip: str = ""
    request: bytes = b""
    response: bytes = b""
    id: str = field(default_factory=new_uuid)

    def as_dict(self, domain_id: str) -> dict[str, Any]:
        """As `GET /logs/api` shows it; one account stands for everybody, under the domain's id."""
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
    """Appended to by the server; the oldest entries are forgotten."""

    def __init__(self) -> None:
        self._entries: deque[ApiLogEntry] = deque(maxlen=MOST_ENTRIES)

    def append(self, entry: ApiLogEntry) -> None:
        """One more call."""
        self._entries.append(entry)

    def newest_first(self) -> list[ApiLogEntry]:
        """All that are kept."""
        return list(reversed(self._entries))

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()


def _text(body: bytes) -> str | None:
    return body.decode("utf-8", "replace") if body else None
