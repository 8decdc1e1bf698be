"""Digits that the relay hears for a call, in their order among the notices of the call's worker."""

from __future__ import annotations

from collections.abc import Callable

from simulator.useragent import messages as m

Digit = m.DigitStart | m.DigitEnd


class HeardDigits:
    """Passes digits on to `deliver` from the call's media on, and until its end.

    The relay is in this process: a digit may be heard here before the worker's notice of the media was read.
    """

    def __init__(self, key: str, deliver: Callable[[Digit], None]) -> None:
        self._key = key
        self._deliver = deliver
        self._held: list[Digit] | None = []
        """What was heard before the media; None from then on."""

    def hear(self, digit: Digit) -> None:
        """Pass a digit on, or keep it until there is media."""
        own = digit.model_copy(update={"call": self._key})
        if self._held is None:
            self._deliver(own)
        else:
            self._held.append(own)

    def follow(self, notice: m.AnyCallNotice) -> None:
        """Take notice of the media, or of the end: what was kept is delivered, or forgotten."""
        held = self._held
        if isinstance(notice, m.Media) and held is not None:
            self._held = None
            for digit in held:
                self._deliver(digit)
        elif isinstance(notice, m.Ended):
            self._held = []
