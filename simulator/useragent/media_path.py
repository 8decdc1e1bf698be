"""What a call needs of a relay that its media passes; `simulator.relay` has one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from simulator.useragent import messages as m

Role = Literal["caller", "callee"]
"""The two parties of a call, by who called whom."""


class MediaPath(Protocol):
    """Stands between a call and its peer until the call ends."""

    ports: m.RelayPorts

    def called(self, sip_call_id: str) -> None:
        """The call has its Call-ID. Can be repeated."""

    def notice(self, notice: m.AnyCallNotice) -> None:
        """Take note of what the call's user agent says."""

    def on_digits(self, hearer: Role, listener: Callable[[m.DigitStart | m.DigitEnd], None]) -> None:
        """Tell `listener` of each key that gets through to one party."""

    def close(self) -> None:
        """The call is over, or did not begin. Can be repeated."""


class MediaRelay(Protocol):
    """Makes paths."""

    def open(self, *, answering: str | None = None) -> MediaPath | None:
        """A path for a call that is about to be dialled, or for the answer to the call with this Call-ID.

        None when no more are to be had; the call then goes without.
        """

    def path_of(self, incoming: m.Incoming) -> MediaPath | None:
        """The path that an incoming call comes through already."""
