"""Symmetric RTP (RFC 4961): media are sent to a peer's source address when its session description names another one.

That is the case for a user agent in a container or behind a NAT, which knows only its own address there.
"""

from __future__ import annotations

Address = tuple[str, int]

PACKETS_OF_A_MOVE = 10
"""Packets in a row from another source after which a peer has moved; PJSIP needs as many
(PJMEDIA_RTP_NAT_PROBATION_CNT)."""


class ReturnAddress:
    """Where packets to a peer's port for RTP or RTCP are sent; pure, for the packets of one direction.

    The first packet decides which source is the peer's. After that, and after a description with another address, the
    address that the description names needs one packet, and every other source ten in a row.
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

    def received_from(self, source: Address) -> bool:
        """Take in a packet of the peer. Returns whether its source is another one than that of the packets before."""
        if self.described is None:
            return False
        if source == self.source:
            self._candidate = None
            return False
        self._in_a_row = self._in_a_row + 1 if source == self._candidate else 1
        self._candidate = source
        if source != self.described and self._in_a_row < self._needed:
            return False
        self.source, self._candidate, self._needed = source, None, PACKETS_OF_A_MOVE
        return True
