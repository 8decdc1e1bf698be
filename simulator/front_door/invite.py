"""What the front door asks of its owner: where does this call go?"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import ConfigurationError, RouteError
from simulator.front_door.guard import Request
from simulator.front_door.pacing import OVERLOADED, Group, Refusal
from simulator.sip_bytes import Message, value_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invite:
    """What the switch is asked about. Text is decoded as UTF-8, and as Latin-1 where it is none."""

    request_uri: str
    call_id: str
    source: str
    """`host:port`"""
    transport: str
    """`UDP` or `TCP`"""
    message: Message

    def header(self, name: str) -> str | None:
        """The first value of a header by its long name, in any case; None when it is absent."""
        value = self.message.value(name.lower().encode())
        return None if value is None else _text(value)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """All header fields, by their long names in lower case, in wire order."""
        return tuple((name.decode(), _text(value_of(line))) for name, line in self.message.fields)


Switch = Callable[[Invite], Group | Refusal]
"""Says where a new INVITE goes. A `RouteError` that it raises becomes its status and reason."""


def ask(switch: Switch, request: Request) -> Group | Refusal:
    """The switch's word on a new INVITE; whatever it raises becomes a refusal."""
    source = request.source
    invite = Invite(_text(request.uri), request.call_id, str(source), source.transport, request.message)
    try:
        return switch(invite)
    except RouteError as error:
        return Refusal(error.status, error.reason, OVERLOADED.headers if error.status == 503 else ())
    except ConfigurationError as error:
        return Refusal(400, f"Bad Request: {error}")
    except Exception:
        logger.exception("the switch failed", extra={"sip_call_id": request.call_id})
        return Refusal(500, "Server Internal Error: the switch failed")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
