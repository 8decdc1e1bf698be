"""The waits of a phone's call: for its answer, for digits, for its end."""

from __future__ import annotations

from typing import Any

from simulator.differences import because, differing
from simulator.dtmf import DigitMethod, check_digits
from simulator.errors import ExpectationFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.received_digits import HeardDigit, ReceivedDigits, by_method, digits_missed, digits_text
from simulator.useragent import messages
from simulator.waiting import Changes


class CallWaits:
    """Mixin: the waits of a `PhoneCall`."""

    phone: str
    heard: list[HeardDigit]
    _changes: Changes
    _digits: ReceivedDigits

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop on which the call's methods run."""
        raise NotImplementedError

    @property
    def state(self) -> str:
        """The state of the call."""
        raise NotImplementedError

    @property
    def media(self) -> messages.Media | None:
        """The negotiated media; None before."""
        raise NotImplementedError

    @property
    def ended(self) -> messages.Ended | None:
        """The end of the call; None before."""
        raise NotImplementedError

    def _failure(self, expected: str, within: float, because: str | None = None, **facts: Any) -> ExpectationFailed:
        raise NotImplementedError

    @on_owner_loop
    async def wait_answered(self, *, within: float = 5) -> messages.Media:
        """Wait until the call is answered and its media is negotiated; return the negotiated media."""

        def outcome() -> messages.Media | messages.Ended | None:
            return self.ended or (self.media if self.state == "answered" else None)

        result = await self._changes.until(outcome, within=within)
        if isinstance(result, messages.Media):
            return result
        raise self._failure(f"{self.phone}: the call is answered", within)

    @on_owner_loop
    async def wait_for_digits(self, digits: str, *, method: DigitMethod | None = None, within: float = 5) -> None:
        """Wait until the next digits are exactly these, sent by `method` if given; fail at the first mismatch.

        Digits received earlier count, too; each digit is matched by one wait only.
        """
        check_digits(digits)
        start = self._digits.matched

        def outcome() -> bool | None:
            matches = self._digits.match(digits, start=start, method=method)
            return False if matches is None and self.ended else matches

        if await self._changes.until(outcome, within=within):
            self._digits.matched = start + len(digits)
            return
        expected, heard = f"{self.phone} hears {digits}" + (f" by {method}" if method else ""), self.heard[start:]
        wrong = digits_missed(digits, heard, by_method(method))
        raise self._failure(expected, within, because(wrong), nearest=digits_text(heard), compared=differing(wrong))

    @on_owner_loop
    async def wait_for_end(self, *, within: float = 5) -> messages.Ended:
        """Wait until the call has ended; return how it ended."""
        ended = await self._changes.until(lambda: self.ended, within=within)
        if ended is None:
            raise self._failure(f"{self.phone}: the call ends", within)
        return ended
