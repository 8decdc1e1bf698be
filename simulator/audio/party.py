"""Who can talk and listen, for those that only need to name it: this module loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from simulator.owner_loop import OwnerLoop

if TYPE_CHECKING:
    from simulator.audio.line import Line


class AudioParty(Protocol):
    """A call of a phone, or a client in a room."""

    @property
    def owner_loop(self) -> OwnerLoop:
        """Where its line lives."""

    async def audio_line(self) -> Line:
        """Its line, opened by the first who asks; can be awaited from any loop."""


@runtime_checkable
class BlockingParty(Protocol):
    """The blocking form of one."""

    @property
    def handle(self) -> AudioParty:
        """The async form."""


AnyParty = AudioParty | BlockingParty


def party_of(either: AnyParty) -> AudioParty:
    """The async form of either."""
    if isinstance(either, BlockingParty):
        return either.handle
    return either
