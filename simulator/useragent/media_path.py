"""What a call needs of a relay that its media goes through; `simulator.relay` implements it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from simulator.useragent import messages as m
from simulator.useragent.outgoing_digit import OutgoingDigit

Role = Literal["caller", "callee"]
"""The two parties of a call: who called, and who was called."""


def other_role(role: Role) -> Role:
    """The other party of a call."""
    return "callee" if role == "caller" else "caller"


class MediaPath(Protocol):
    """The ports of a relay that one call's media pass, until the call ends."""

    ports: m.RelayPorts

    def set_call_id(self, sip_call_id: str) -> None:
        """Set the Call-ID of the call, once it is known. Repeating it has no effect."""

    def handle_notice(self, notice: m.AnyCallNotice) -> None:
        """Handle a notice of the call that opened this path."""

    def on_digits(self, hearer: Role, listener: Callable[[m.DigitStart | m.DigitEnd], None]) -> None:
        """Call `listener` with each telephone-event that reaches `hearer`; `call` is an empty string in it."""

    async def send_digit(self, sender: Role, digit: OutgoingDigit) -> float:
        """Send a digit in the audio stream of one of the parties; digits of one party are sent one at a time.

        Returns the moment of its first packet (`time.monotonic()`) when its last one was sent. Raises CallError when
        it cannot be sent.
        """

    def close(self) -> None:
        """Release the ports: the call has ended, or could not be dialled. Repeating it has no effect."""


class MediaRelay(Protocol):
    """Opens a path for each call."""

    def open(self, *, answering: str | None = None) -> MediaPath | None:
        """Open a path for a call that is about to be dialled, or for the answer to the call with this Call-ID.

        None when no ports are free; the call's media then goes directly to the peer.
        """

    def find_path(self, incoming: m.Incoming) -> MediaPath | None:
        """Find the path that an incoming call comes through, when one of our own user agents dialled it."""
