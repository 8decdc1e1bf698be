"""Everything the simulator raises.

SimulatorError
├── ConfigurationError      a wrong setting, number, URI or digit; also a ValueError
├── RouteError              a dialled target leads nowhere
│   ├── UnknownNumber           404: nobody has this number or URI
│   ├── LineBusy                486: somebody has it, and all its lines are in use
│   ├── NoRoute                 503: somebody has it, and the line is out
│   └── HostNotAllowed          403: a host outside this machine that was not allowed by name
├── CallError               a verb on a call could not be done
│   ├── CallRefused             SIP said no: `status` and `reason` as received
│   └── CallEnded               the call is over already
├── WorkerCrashed           the process behind a call or a phone died
└── ExpectationFailed       something awaited did not happen; also an AssertionError
"""

from __future__ import annotations

from collections.abc import Iterable


class SimulatorError(Exception):
    """Base of all errors of this package."""


class ConfigurationError(SimulatorError, ValueError):
    """A value that cannot be used. The text names the field, the value and what is allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field = field
        self.value = value
        self.allowed = allowed
        super().__init__(f"{field}: {value!r} is not usable; allowed: {allowed}")


class RouteError(SimulatorError):
    """A dialled target leads nowhere. `status` and `reason` are what SIP says of it."""

    status = 500
    reason = "Server Internal Error"

    def __init__(self, target: str, because: str) -> None:
        self.target = target
        super().__init__(f"{target!r} cannot be reached: {because} ({self.status} {self.reason})")


class UnknownNumber(RouteError):
    """Nobody has the number or the URI."""

    status = 404
    reason = "Not Found"


class LineBusy(RouteError):
    """The far end exists and all its lines are in use."""

    status = 486
    reason = "Busy Here"


class NoRoute(RouteError):
    """The far end exists and its line is out."""

    status = 503
    reason = "Service Unavailable"


class HostNotAllowed(RouteError):
    """The host is outside this machine and was not allowed by name."""

    status = 403
    reason = "Forbidden"


class CallError(SimulatorError):
    """A verb on a call could not be done."""


class CallRefused(CallError):
    """SIP said no. `status` and `reason` are the ones received."""

    def __init__(self, what: str, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{what}: {status} {reason}")


class CallEnded(CallError):
    """The call is over already."""

    def __init__(self, what: str, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{what}: the call has ended with {status} {reason}")


class WorkerCrashed(SimulatorError):
    """The process behind a call or a phone died; `pid` and `how` say which and by what."""

    def __init__(self, pid: int, how: str) -> None:
        self.pid = pid
        self.how = how
        super().__init__(f"the SIP worker with process id {pid} died: {how}")


class ExpectationFailed(SimulatorError, AssertionError):
    """Something awaited did not happen.

    `expected` is what was awaited and how long; `nearest` the closest thing that did happen, if any;
    `because` an explanation when one is known; `happened` the latest happenings, oldest first.
    """

    def __init__(
        self,
        expected: str,
        *,
        nearest: str | None = None,
        because: str | None = None,
        happened: Iterable[str] = (),
    ) -> None:
        self.expected = expected
        self.nearest = nearest
        self.because = because
        self.happened = tuple(happened)
        lines = [f"Expected  {expected}", f"Nearest   {nearest or 'nothing like it happened'}"]
        if because:
            lines.append(f"Because   {because}")
        if self.happened:
            lines.append("Happened")
            lines.extend(f"   {line}" for line in self.happened)
        super().__init__("\n".join(lines))
