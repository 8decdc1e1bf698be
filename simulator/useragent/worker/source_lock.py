"""Whether a call takes RTP of its peer's address only, so that a stranger cannot disturb the stream."""

from __future__ import annotations

from dataclasses import dataclass

SILENCE_S = 2.0
"""Seconds without RTP after which other sources are heard again: the peer may send from another port now."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a call knows of the RTP that it receives; addresses are `host:port`."""

    described: str
    """Where RTP is sent: the address in the peer's session description, or the relay."""
    source: str
    """Where the latest packet has come from."""
    packets: int
    """Number of packets so far."""


class SourceLock:
    """Decides from which address alone RTP is taken: from the described one, once a packet has come from there.

    A peer that sends from another address than the described one is heard as well: then no source is excluded. Neither
    is any when the peer has been silent for some time, or has described another address.
    """

    def __init__(self) -> None:
        self.only: str | None = None
        """The one address whose RTP is taken; None while that of any is."""
        self._packets = 0
        self._heard_at = 0.0

    def update(self, heard: Heard, now: float) -> bool:
        """Take in what was heard, a few times a second; `now` is in seconds. Returns whether `only` has changed."""
        before = self.only
        if heard.packets != self._packets:
            self._packets, self._heard_at = heard.packets, now
        if self.only is None:
            self.only = heard.described if self._heard_at == now and heard.source == heard.described else None
        elif heard.described != self.only or now - self._heard_at > SILENCE_S:
            self.only = None
        return self.only != before
