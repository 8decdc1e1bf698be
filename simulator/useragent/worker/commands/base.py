"""What all groups of commands share: the worker they act on, the checks, and the refusal of a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from simulator.errors import ConfigurationError
from simulator.useragent.messages import (
    AnyCallNotice,
    AnyCommand,
    AudioCodec,
    Command,
    Ended,
    Statistics,
)
from simulator.useragent.worker.call import CallOwner, SipCall
from simulator.useragent.worker.endpoint import Endpoint

Handlers = Mapping[type[Command], Callable[[Any], None]]


class CommandRefused(Exception):
    """A command cannot be carried out; the fields are those of the `Refused` notice."""

    def __init__(self, error: str, *, call_ended: bool = False, status: int = 0, reason: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.call_ended = call_ended
        self.status = status
        self.reason = reason

    @classmethod
    def because_ended(cls, key: str, ended: Ended) -> CommandRefused:
        """Make the refusal of a command for a call that has ended."""
        text = f"call: {key} has ended with {ended.status} {ended.reason}"
        return cls(text, call_ended=True, status=ended.status, reason=ended.reason)


class CommandWorker(CallOwner, Protocol):
    """What commands use of their worker."""

    endpoint: Endpoint
    calls: dict[str, SipCall]
    ended: dict[str, Ended]
    """How the latest calls ended, by key."""
    refer_status: int

    def emit(self, notice: AnyCallNotice) -> None: ...

    def done(
        self, command: AnyCommand, descriptors: Sequence[int] = (), *, statistics: Statistics | None = None
    ) -> None: ...

    def refuse(self, command: AnyCommand, refusal: CommandRefused) -> None: ...


class CommandGroup:
    """Handlers of some commands: each checks its command, does it with PJSIP, and answers `Done`.

    A handler raises CommandRefused, ConfigurationError or pj.Error when the command cannot be carried out.
    """

    def __init__(self, worker: CommandWorker) -> None:
        self._worker = worker

    def _find(self, key: str) -> SipCall:
        """Return a call that has not ended; CommandRefused when it has, and for an unknown key."""
        call = self._worker.calls.get(key)
        if call is not None and call.alive:
            return call
        ended = self._worker.ended.get(key) or (call.dialog.ended if call else None)
        if ended:
            raise CommandRefused.because_ended(key, ended)
        raise CommandRefused(
            f"call: {key!r} is not a call of this worker",
            call_ended=True,
            status=481,
            reason="Call Does Not Exist",
        )

    def _find_unanswered(self, key: str) -> SipCall:
        """Return an incoming call that was not answered yet."""
        call = self._find(key)
        if not call.incoming:
            raise CommandRefused("the call is outgoing: it was dialled, not received")
        if call.dialog.answered:
            raise CommandRefused("the call is answered already")
        return call

    def _find_answered(self, key: str, *, or_early_media: bool = False) -> SipCall:
        """Return an answered call, or with `or_early_media` one that has media."""
        call = self._find(key)
        if not call.dialog.confirmed and not (or_early_media and call.media.current is not None):
            raise CommandRefused("the call is not answered yet")
        return call

    def _usable_codecs(self, wanted: tuple[AudioCodec, ...]) -> tuple[AudioCodec, ...]:
        """Return those of the wanted codecs that this worker has, each once; ConfigurationError when it has none.

        An offer that lists a codec twice would have two formats for one rtpmap, on which PJSIP aborts.
        """
        supported = self._worker.endpoint.codecs
        usable = tuple(codec for codec in dict.fromkeys(wanted) if codec in supported)
        if not usable:
            raise ConfigurationError("codecs", list(wanted), f"at least one of {', '.join(sorted(supported))}")
        return usable

    def _answer_command(self, command: AnyCommand, call: SipCall, request: str, status: int, reason: str) -> None:
        """Answer a command whose SIP request got its final response."""
        if call.dialog.ended is not None:
            self._worker.refuse(command, CommandRefused.because_ended(call.key, call.dialog.ended))
        elif status < 300:
            self._worker.done(command)
        else:
            error = f"the {request} was answered {status} {reason}"
            self._worker.refuse(command, CommandRefused(error, status=status, reason=reason))
