"""Symmetric RTP (RFC 4961): media are sent to a peer's source address when its session description names another one.

That is the case for a user agent in a container or behind a NAT, which knows only its own address there.
"""

from __future__ import annotations

Address = tuple[str, int]

PACKETS_OF_A_MOVE = 10
"""Packets in a row from another source after which a peer has moved; PJSIP needs as many
(PJMEDIA_RTP_NAT_PROBATION_CNT)."""

MOVE_SECONDS = 0.08
"""How long these packets take at least, so that a burst between two packets of the peer does not count as a move."""


class ReturnAddress:
    """Where packets to a peer's port for RTP or RTCP are sent; pure, for the packets of one direction.

    The first packet decides which source is the peer's. After that, and after a description with another address, the
    address that the description names needs one packet, and every other source ten in a row, over some time.
    """

    def __init__(self, *, symmetric: bool) -> None:
        """Without `symmetric` the source is determined, but packets are sent to the described address."""
        self.described: Address | None = None
        """The address in the peer's session description; None before there is one, and while it wants no packets."""
        self.source: Address | None = None
        """The source of the peer's packets; None as long as it is unknown."""
        self._symmetric = symmetric
        self._needed = 1
        self._candidate: Address | None = None
        self._in_a_row = 0
        self._in_a_row_since = 0.0

    @property
    def target(self) -> Address | None:
        """Where to send packets; None when none may be sent."""
        if self.described is not None and self._symmetric and self.source is not None:
            return self.source
        return self.described

    def describe(self, address: Address | None) -> None:
        """Take in the address of a session description. If it has changed, the source has to be determined again."""
        if address == self.described:
            return
        if self.described is not None:
            self._needed = PACKETS_OF_A_MOVE
        self.described, self.source = address, None
        self._candidate, self._in_a_row = None, 0

    def received_from(self, source: Address, at: float) -> bool:
        """Take in a packet of the peer, received `at` (seconds).

        Returns whether its source is another one than that of the packets before.
        """
        if self.described is None:
            return False
        if source == self.source:
            self._candidate = None
            return False
        if source != self._candidate:
            self._candidate, self._in_a_row, self._in_a_row_since = source, 0, at
        self._in_a_row += 1
        if source != self.described and not self._has_moved(at):
            return False
        self.source, self._candidate, self._needed = source, None, PACKETS_OF_A_MOVE
        return True

    def _has_moved(self, at: float) -> bool:
        if self._needed == 1:
            return True
        return self._in_a_row >= self._needed and at - self._in_a_row_since >= MOVE_SECONDS
