"""Everything the fake Daily refuses with, as one tree.

DailyError                  `status`, `error` (stable, for machines), `info` (for people)
├── InvalidRequest              400 invalid-request-error: a missing, wrong or unknown value
├── BadJson                     400 json-parsing-error: the body is not JSON
├── BadAuthorizationHeader      400 authorization-header-error: no `Authorization: Bearer <API key>`
├── WrongApiKey                 401 authentication-error: a key of no domain here
├── Forbidden                   403 forbidden-error: a key or a participant that may not
├── NotFound                    404 not-found: no such resource, or nothing live in it
├── JoinRefused                 403 with one of Daily's fatal join errors: exp-room, nbf-token, meeting-full, …
├── Gone                        403 gone: a stay in a room that cannot be resumed
└── ServerFault                 500 server-error: a bug of the fake, or a part of it that is missing

Every HTTP error response is `{error, info}` (https://docs.daily.co/reference/rest-api/errors); the signalling
answers errors with the same two and the status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from simulator.errors import SimulatorError

JoinErrorType = Literal["exp-room", "nbf-room", "exp-token", "nbf-token", "no-room", "meeting-full", "not-allowed"]
"""Why a join is refused, in the words of daily-js's fatal errors."""


class DailyError(SimulatorError):
    """A refusal in Daily's form. `extra` are further fields of the body, for the few answers that have them."""

    def __init__(self, status: int, error: str, info: str, extra: Mapping[str, Any] | None = None) -> None:
        self.status = status
        self.error = error
        self.info = info
        self.extra = dict(extra or {})
        super().__init__(f"{status} {error}: {info}")

    def as_body(self) -> dict[str, Any]:
        """The body of the HTTP response."""
        return {"error": self.error, "info": self.info, **self.extra}


class InvalidRequest(DailyError):
    """A value that cannot be used, or something that cannot be done now."""

    def __init__(self, info: str, *, status: int = 400) -> None:
        super().__init__(status, "invalid-request-error", info)


class BadJson(DailyError):
    """The request body is not JSON."""

    def __init__(self, info: str) -> None:
        super().__init__(400, "json-parsing-error", info)


class BadAuthorizationHeader(DailyError):
    """The Authorization header is missing or has another form than `Bearer <API key>`."""

    def __init__(self, info: str) -> None:
        super().__init__(400, "authorization-header-error", info)


class WrongApiKey(DailyError):
    """The API key belongs to no domain here."""

    def __init__(self, info: str) -> None:
        super().__init__(401, "authentication-error", info)


class Forbidden(DailyError):
    """Known, but not allowed."""

    def __init__(self, info: str) -> None:
        super().__init__(403, "forbidden-error", info)


class NotFound(DailyError):
    """No such resource."""

    def __init__(self, info: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(404, "not-found", info, extra)


class JoinRefused(DailyError):
    """A participant may not join."""

    def __init__(self, reason: JoinErrorType, info: str) -> None:
        super().__init__(403, reason, info)


class Gone(DailyError):
    """A stay in a room that has ended, or was lost for too long."""

    def __init__(self, info: str) -> None:
        super().__init__(403, "gone", info)


class ServerFault(DailyError):
    """Not the caller's fault."""

    def __init__(self, info: str, *, status: int = 500) -> None:
        super().__init__(status, "server-error", info)
