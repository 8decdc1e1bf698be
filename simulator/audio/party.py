"""The parties that send and receive audio, as protocols. This module does not load numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from simulator.owner_loop import OwnerLoop

if TYPE_CHECKING:
    from simulator.audio.audio_line import AudioLine


class AudioParty(Protocol):
    """A party with audio: a phone's call, or a client in a room."""

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop on which the party's audio line is used."""

    async def audio_line(self) -> AudioLine:
        """The party's audio in both directions; the first call opens it. Can be awaited from any loop."""


@runtime_checkable
class BlockingParty(Protocol):
    """The blocking form of a party."""

    @property
    def handle(self) -> AudioParty:
        """The async form."""


AnyParty = AudioParty | BlockingParty


def async_form(party: AnyParty) -> AudioParty:
    """Return the async form of `party`, or `party` itself if it is one."""
    if isinstance(party, BlockingParty):
        return party.handle
    return party
