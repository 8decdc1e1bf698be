"""What the registrar answers to a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.sip_bytes import shown


@dataclass(frozen=True, slots=True)
class Reply:
    """A final response, and the record that it leaves in the timeline."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    """Fields of a record of kind `registrar`; empty for a challenge and a query, which leave none."""


class Refused(Exception):
    """Ends the handling of a request with this reply."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        super().__init__(f"{reply.status} {reply.reason}")


def refused(
    status: int, reason: str, because: str, *, client: str = "", headers: tuple[tuple[str, str], ...] = ()
) -> Refused:
    """A refusal whose record says why."""
    name = shown(client.encode("latin-1", "replace"))
    record = {"action": "refused", "client": name, "status": status, "because": because}
    return Refused(Reply(status, reason, headers, record))
