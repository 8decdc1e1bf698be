"""A phone's call that a persona takes: where the persona stands, and what the peer has chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.errors import ConfigurationError, ExpectationFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.useragent import messages
from simulator.waiting import Changes

if TYPE_CHECKING:
    from simulator.far_end import FarEnd
    from simulator.personas.positions import Positions
    from simulator.phone_call import PhoneCall


class PersonaCall:
    """Base of `PhoneCall`: the far end that follows the steps of the phone's persona, if it has one."""

    phone: str
    _changes: Changes
    made_at: str | None = None
    """The line of the test that dialled, as `path:line`; None for an incoming call, and if it is not known."""
    _far_end: FarEnd | None = None
    dial_beside: Callable[[str], Awaitable[PhoneCall]]
    """Makes another call from the same phone, as a persona does before an attended transfer."""

    replace_answer_headers: Callable[[str, Mapping[str, str]], None]
    """Replaces header fields of the 200 of the call with this Call-ID."""
    expect_second_answer: Callable[[str], None]
    """Lets a second branch answer the call with this Call-ID, too."""

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop on which the call's methods run."""
        raise NotImplementedError

    @property
    def ended(self) -> messages.Ended | None:
        """The end of the call; None before."""
        raise NotImplementedError

    def _failure(self, expected: str, within: float, **facts: Any) -> ExpectationFailed:
        raise NotImplementedError

    @property
    def branch(self) -> str | None:
        """The branch that the peer has chosen last in a menu of the phone's persona; None before."""
        return self._far_end.branches[-1] if self._far_end is not None and self._far_end.branches else None

    @property
    def persona_place(self) -> str | None:
        """Where the phone's persona stands: `in menu 'main', had heard 2, expected 1 or 3`; None without one."""
        return None if self._far_end is None else self._far_end.place

    @property
    def positions(self) -> Positions:
        """The positions in its steps that the phone's persona has reached.

        Raises ConfigurationError for a phone without a persona.
        """
        if self._far_end is None:
            raise ConfigurationError("phone", self.phone, "a phone with a persona")
        return self._far_end.positions

    @on_owner_loop
    async def expect_persona(
        self,
        *,
        branch: str | None = None,
        menu: str | None = None,
        step: str | None = None,
        text: str | None = None,
        digits: str | None = None,
        within: float = 5,
    ) -> None:
        """Wait until the phone's persona reaches a position in its steps: what it does, and in which menu and branch.

        `step` is the word of a step, such as `record_s`; `text` says in words what it does or what has happened, as its
        records on the timeline do. Each may be a `/pattern/`. Positions reached before count, too; each wait looks only
        at those after the one that the last wait has matched.
        """
        from simulator.personas.positions import comparing  # noqa: PLC0415  # loads the patterns

        given = {"branch": branch, "menu": menu, "step": step, "text": text, "digits": digits}
        wanted = {name: value for name, value in given.items() if value is not None}
        positions, compare = self.positions, comparing(wanted)

        def outcome() -> bool | None:
            return True if positions.take(compare) else False if self.ended else None

        if not await self._changes.until(outcome, within=within):
            nearest, because, compared = positions.miss(compare)
            conditions = ", ".join(f"{name}: {value}" for name, value in wanted.items())
            raise self._failure(
                f"{self.phone}: its persona is at {{{conditions}}}",
                within,
                nearest=nearest,
                because=because,
                compared=compared,
            )

    def persona_moved(self) -> None:
        """The persona has reached a position."""
        self._changes.notify()

    def _follow_persona(self, far_end: FarEnd, *, delay_ms: int) -> None:
        self._far_end = far_end
        far_end.start(delay_ms=delay_ms)

    def _persona_hears_digit(self) -> None:
        if self._far_end is not None:
            self._far_end.digit_heard()

    def _stop_persona(self) -> None:
        if self._far_end is not None:
            self._far_end.stop()
