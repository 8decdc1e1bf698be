"""The errors with which the fake Daily refuses a request.

DailyError                  `status`, `error` (a stable code), `info` (human-readable)
├── InvalidRequest              400 invalid-request-error: a missing, wrong or unknown value
├── BadJson                     400 json-parsing-error: the body is not JSON
├── BadAuthorizationHeader      400 authorization-header-error: no `Authorization: Bearer <API key>`
├── WrongApiKey                 401 authentication-error: not the API key of the domain
├── Forbidden                   403 forbidden-error: a participant without the permission
├── NotFound                    404 not-found: no such resource, or no meeting in the room
├── JoinRefused                 403 with one of Daily's fatal join errors: exp-room, nbf-token, meeting-full, …
├── Gone                        403 gone: a client session that cannot be resumed
└── ServerFault                 500 server-error: a bug in the fake, or a part that it lacks

The body of every HTTP error response is `{error, info}` (https://docs.daily.co/reference/rest-api/errors); error
responses of the signalling have the same two fields and the status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from simulator.errors import SimulatorError

JoinErrorType = Literal["exp-room", "nbf-room", "exp-token", "nbf-token", "no-room", "meeting-full", "not-allowed"]
"""Why a join is refused: the types of daily-js's fatal errors."""

OtherErrorCode = Literal[
    "authentication-error",
    "authorization-header-error",
    "forbidden-error",
    "gone",
    "invalid-request-error",
    "json-parsing-error",
    "not-found",
    "rate-limit-error",
    "server-error",
    "vendor-unavailable",
]
"""The codes of all other refusals. `rate-limit-error` is the 429 of the REST API."""

ERROR_CODES: tuple[str, ...] = (*get_args(OtherErrorCode), *get_args(JoinErrorType))
"""All values of `error` with which a request is refused."""


class DailyError(SimulatorError):
    """A refusal in the form of Daily's errors. `extra` holds further fields of the body, which few errors have."""

    def __init__(self, status: int, error: str, info: str, extra: Mapping[str, Any] | None = None) -> None:
        self.status = status
        self.error = error
        self.info = info
        self.extra = dict(extra or {})
        super().__init__(f"{status} {error}: {info}")

    def as_body(self) -> dict[str, Any]:
        """The JSON body of the HTTP response: `error`, `info` and the `extra` fields."""
        return {"error": self.error, "info": self.info, **self.extra}


class InvalidRequest(DailyError):
    """The request has a value that is not usable, or asks for something that is not possible in the current state."""

    def __init__(self, info: str, *, status: int = 400) -> None:
        super().__init__(status, "invalid-request-error", info)


class BadJson(DailyError):
    """The request body is not JSON."""

    def __init__(self, info: str) -> None:
        super().__init__(400, "json-parsing-error", info)


class BadAuthorizationHeader(DailyError):
    """The Authorization header is missing, or is not of the form `Bearer <API key>`."""

    def __init__(self, info: str) -> None:
        super().__init__(400, "authorization-header-error", info)


class WrongApiKey(DailyError):
    """The API key is not that of this server's domain."""

    def __init__(self, info: str) -> None:
        super().__init__(401, "authentication-error", info)


class Forbidden(DailyError):
    """The participant lacks the permission for the request."""

    def __init__(self, info: str) -> None:
        super().__init__(403, "forbidden-error", info)


class NotFound(DailyError):
    """The resource does not exist."""

    def __init__(self, info: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(404, "not-found", info, extra)


class JoinRefused(DailyError):
    """The client may not join the room. `reason` becomes `error`: the type of a fatal error of daily-js."""

    def __init__(self, reason: JoinErrorType, info: str) -> None:
        super().__init__(403, reason, info)


class Gone(DailyError):
    """The client session cannot be resumed: it has ended, or too many events were missed."""

    def __init__(self, info: str) -> None:
        super().__init__(403, "gone", info)


class ServerFault(DailyError):
    """The server failed; the request itself may be valid."""

    def __init__(self, info: str, *, status: int = 500) -> None:
        super().__init__(status, "server-error", info)
