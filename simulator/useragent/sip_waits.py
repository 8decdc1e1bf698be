"""What a call waits for at the moment, and which SIP timer ends the wait: to explain expectations that fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.sip_timers import SipTimers
from simulator.useragent import messages as m

_REQUESTS: dict[type[m.Command], str] = {
    m.Hold: "re-INVITE",
    m.Resume: "re-INVITE",
    m.Renegotiate: "re-INVITE",
    m.SendInfo: "INFO",
}
"""Commands that are done when the peer has responded, and what they send."""

_FOLLOWED = {m.Answer: ("the ACK of our 200", "H"), m.Transfer: ("the response to our REFER", "F")}
"""Commands that are done when they have sent something, and what is awaited then, with its timer."""


class SipWaits:
    """The responses and requests of the peer that one call waits for."""

    def __init__(self, timers: SipTimers) -> None:
        self._timers = timers
        self._waits: dict[str, tuple[float, float, str]] = {}
        """By what is awaited: since when, for how many seconds at most, and the name of the timer."""

    @property
    def texts(self) -> list[str]:
        """Each wait in one sentence, the oldest first."""
        now = time.monotonic()
        return [
            f"{what} has been awaited for {now - since:.1f} s, which SIP does for at most {seconds:g} s "
            f"(timer {timer}; sip_timers is {self._timers.name!r})"
            for what, (since, seconds, timer) in self._waits.items()
        ]

    @contextmanager
    def during(self, command: type[m.Command]) -> Iterator[None]:
        """Keep that what a command leads to is awaited: a response while the context is open, an ACK beyond it.

        The wait for an ACK begins before the command is done, because the ACK may be told first.
        """
        request, followed = _REQUESTS.get(command), _FOLLOWED.get(command)
        if request is not None:
            self._begin(f"the response to our {request}", "B" if request == "re-INVITE" else "F")
        if followed is not None:
            self._begin(*followed)
        try:
            yield
        except BaseException:
            if followed is not None:
                self._end(followed[0])
            raise
        finally:
            self._end(f"the response to our {request}")

    def follow(self, notice: m.AnyCallNotice) -> None:
        """Begin and end waits according to a notice of the call."""
        match notice:
            case m.Dialling():
                self._begin("a response to our INVITE", "B")
            case m.Trying() | m.Ringing() | m.EarlyMedia():
                self._end("a response to our INVITE")
            case m.Answered():
                self._end("a response to our INVITE", "the ACK of our 200")
            case m.TransferProgress():
                self._end("the response to our REFER", "a NOTIFY about our REFER")
                if not notice.final:
                    self._begin("a NOTIFY about our REFER", "N", notice.expires_s)
            case m.Ended():
                self._waits.clear()

    def _begin(self, what: str, timer: str, seconds: float | None = None) -> None:
        self._waits[what] = (time.monotonic(), self._timers.unanswered_s if seconds is None else seconds, timer)

    def _end(self, *what: str) -> None:
        for one in what:
            self._waits.pop(one, None)
