"""Routing of new calls: the front door asks its owner which workers take an INVITE."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import ConfigurationError, RouteError
from simulator.front_door.final_responses import OVERLOADED, FinalResponse
from simulator.front_door.load_balancing import DestinationGroup
from simulator.sip_bytes import Message, value_of
from simulator.sip_requests.request import Request

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invite:
    """The INVITE of a new call, as a router gets it. Text is UTF-8, or Latin-1 if it is not valid UTF-8."""

    request_uri: str
    call_id: str
    source: str
    """`host:port` that the INVITE came from."""
    transport: str
    """`UDP`, `TCP` or `TLS`."""
    message: Message

    def header(self, name: str) -> str | None:
        """The first value of a header, by its long name in any case; None when it is absent."""
        value = self.message.value(name.lower().encode())
        return None if value is None else _decoded(value)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """All header fields as (long name in lower case, value), in the order of the message."""
        return tuple((name.decode(), _decoded(value_of(line))) for name, line in self.message.fields)


CallRouter = Callable[[Invite], DestinationGroup | FinalResponse]
"""Returns the workers that take a new call, or the response that refuses it.

A `RouteError` that it raises becomes a response with the error's status and reason.
"""


def route(router: CallRouter, request: Request, uri: bytes = b"") -> DestinationGroup | FinalResponse:
    """Ask the router about a new INVITE; an exception that it raises becomes a final response.

    `uri` is what the router gets instead of the Request-URI.
    """
    source = request.source
    invite = Invite(_decoded(uri or request.uri), request.call_id, str(source), source.transport, request.message)
    try:
        return router(invite)
    except RouteError as error:
        return FinalResponse(error.status, error.reason, OVERLOADED.headers if error.status == 503 else ())
    except ConfigurationError as error:
        return FinalResponse(400, f"Bad Request: {error}")
    except Exception:
        logger.exception("the call router raised an exception", extra={"sip_call_id": request.call_id})
        return FinalResponse(500, "Server Internal Error: call routing failed")


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
