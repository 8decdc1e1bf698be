"""A phone's call that a persona takes: where the persona stands, and what the peer has chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.far_end import FarEnd
    from simulator.phone_call import PhoneCall


class PersonaCall:
    """Base of `PhoneCall`: the far end that follows the steps of the phone's persona, if it has one."""

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
    def branch(self) -> str | None:
        """The branch that the peer has chosen last in a menu of the phone's persona; None before."""
        return self._far_end.branches[-1] if self._far_end is not None and self._far_end.branches else None

    @property
    def persona_place(self) -> str | None:
        """Where the phone's persona stands: `in menu 'main', had heard 2, expected 1 or 3`; None without one."""
        return None if self._far_end is None else self._far_end.place

    def _follow_persona(self, far_end: FarEnd, *, delay_ms: int) -> None:
        self._far_end = far_end
        far_end.start(delay_ms=delay_ms)

    def _persona_hears_digit(self) -> None:
        if self._far_end is not None:
            self._far_end.digit_heard()

    def _stop_persona(self) -> None:
        if self._far_end is not None:
            self._far_end.stop()
