"""The errors of the simulator.

SimulatorError
├── ConfigurationError      an invalid setting, number, URI or digit; also a ValueError
├── RouteError              a dialled number or URI cannot be reached
│   ├── UnknownNumber           404: no phone has this number or URI
│   ├── LineBusy                486: all lines of the phone are in use
│   ├── NoRoute                 503: the phone has no worker process at the moment
│   └── HostNotAllowed          403: the host is outside this machine and not in allow_hosts
├── CallError               a method of a call has failed
│   ├── CallRefused             the request was refused: `status` and `reason` as received
│   └── CallEnded               the call has ended
├── BlockedLoop             a blocking form was used in a running event loop; also a RuntimeError
├── ProgramFailed           a program or a bot under test has failed
├── WorkerCrashed           the process behind a call or a phone has died
└── ExpectationFailed       an expectation was not met in time; also an AssertionError
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.compared_field import ComparedField


class SimulatorError(Exception):
    """Base class of the errors of this package."""


class ConfigurationError(SimulatorError, ValueError):
    """A value is invalid. The text names the field, the value, and what is allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field = field
        self.value = value
        self.allowed = allowed
        super().__init__(f"{field}: {value!r} is not usable; allowed: {allowed}")


class RouteError(SimulatorError):
    """A dialled number or URI cannot be reached. `status` and `reason` are those of the SIP response."""

    status = 500
    reason = "Server Internal Error"

    def __init__(self, target: str, because: str) -> None:
        self.target = target
        super().__init__(f"{target!r} cannot be reached: {because} ({self.status} {self.reason})")


class UnknownNumber(RouteError):
    """No phone has the number or URI."""

    status = 404
    reason = "Not Found"


class LineBusy(RouteError):
    """All lines of the phone are in use."""

    status = 486
    reason = "Busy Here"


class NoRoute(RouteError):
    """The phone exists, but has no worker process at the moment."""

    status = 503
    reason = "Service Unavailable"


class NotRegistered(RouteError):
    """The SIP client exists, but no user agent has registered as it."""

    status = 480
    reason = "Temporarily Unavailable"


class RegistrationFailed(SimulatorError):
    """A phone could not register. `status` is that of the registrar's response; None if there was none."""

    def __init__(self, address: str, registrar: str, status: int | None, because: str) -> None:
        self.status = status
        super().__init__(f"{address} cannot register at {registrar}: {because}")


class HostNotAllowed(RouteError):
    """The host is outside this machine and not in `allow_hosts`."""

    status = 403
    reason = "Forbidden"


class CallError(SimulatorError):
    """A method of a call has failed."""


class CallRefused(CallError):
    """The request was refused; `status` and `reason` are those of the final SIP response."""

    def __init__(self, what: str, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{what}: {status} {reason}")


class CallEnded(CallError):
    """The call has ended; `status` and `reason` are those of its end."""

    def __init__(self, what: str, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{what}: the call has ended with {status} {reason}")


class BlockedLoop(SimulatorError, RuntimeError):
    """A blocking form was used in a running event loop; `method` is the async method to await instead."""

    def __init__(self, method: str) -> None:
        self.method = method
        super().__init__(
            f"Sync{method} would block the event loop that runs here, and every bot on it; in async code use the async "
            f"form: `await` {method}, which the fixture without `sync_` in its name has"
        )


class ProgramFailed(SimulatorError):
    """A program under test has ended with a failure. `output` are the last lines that it has printed."""

    def __init__(self, what: str, output: str = "") -> None:
        self.output = output
        super().__init__(f"{what}\n{output}" if output else what)


class WorkerCrashed(SimulatorError):
    """The worker process of a call or phone has died; `pid` is its process id, `how` its signal or exit status."""

    def __init__(self, pid: int, how: str) -> None:
        self.pid = pid
        self.how = how
        super().__init__(f"the SIP worker with process id {pid} died: {how}")


class ExpectationFailed(SimulatorError, AssertionError):
    """An expectation was not met in time.

    `expected` is the expectation with its time limit; `nearest` is the most similar thing that happened, if any;
    `because` is the reason, if known; `kept` are the files with the received audio, if any; `happened` are the latest
    timeline records, oldest first; `compared` are the fields of the expectation and of the nearest thing, for reports.
    """

    def __init__(
        self,
        expected: str,
        *,
        nearest: str | None = None,
        because: str | None = None,
        kept: str | None = None,
        happened: Iterable[str] = (),
        compared: Iterable[ComparedField] = (),
    ) -> None:
        self.compared = tuple(compared)
        self.expected = expected
        self.nearest = nearest
        self.because = because
        self.kept = kept
        self.happened = tuple(happened)
        lines = [f"Expected  {expected}", f"Nearest   {nearest or 'nothing like it happened'}"]
        if because:
            lines.append(f"Because   {because}")
        if kept:
            lines.append(f"Kept      {kept}")
        self.without_records = "\n".join(lines)
        """The text of the error without the records in `happened`."""
        if self.happened:
            lines.append("Happened")
            lines.extend(f"   {line}" for line in self.happened)
        super().__init__("\n".join(lines))
