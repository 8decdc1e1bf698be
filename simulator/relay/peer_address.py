"""Where a peer's RTP and RTCP are sent: where its description says, or where its own packets come from (RFC 4961)."""

from __future__ import annotations

from simulator.sdp.description import MediaAddress

Address = tuple[str, int]
PACKETS_BEFORE_FOLLOWING = 5
"""So many RTP packets in a row have to come from one other address before RTP is sent there: 100 ms of audio."""


class PeerAddress:
    """The address of one peer, which may not know its own, such as a user agent in a container.

    RTP goes to the described address until the peer's RTP comes from one other address, and none from the described
    one. As soon as the peer sends from the described address, that one counts again. A peer that wants no packets gets
    none (RFC 3264 §8.4).
    """

    def __init__(self, *, symmetric: bool) -> None:
        self.rtp: Address | None = None
        """Where RTP goes; None for nowhere."""
        self.rtcp: Address | None = None
        """Where RTCP goes; None for nowhere."""
        self._symmetric = symmetric
        self._described: MediaAddress | None = None
        self._described_sends = False
        self._candidate: Address | None = None
        self._packets = 0

    def describe(self, address: MediaAddress) -> None:
        """Take over the address of a new description; what was learned before is forgotten."""
        if address != self._described:
            self._described = address
            self._described_sends = False
            self._candidate, self._packets = None, 0
            self._use_described()

    @property
    def described(self) -> Address | None:
        """Where the peer's description wants its RTP; None before there is one, and when it wants none."""
        if self._described is None or self._described.wants_nothing:
            return None
        return self._described.host, self._described.rtp

    def rtp_from(self, source: Address) -> bool:
        """Note the source of an RTP packet of the peer; returns whether `rtp` and `rtcp` have changed."""
        if not self._symmetric or self.described is None:
            return False
        if source == self.described:
            self._described_sends = True
            self._candidate, self._packets = None, 0
            return self.rtp != source and self._use_described()
        if self._described_sends or source == self.rtp:
            return False
        self._packets = self._packets + 1 if source == self._candidate else 1
        self._candidate = source
        if self._packets < PACKETS_BEFORE_FOLLOWING:
            return False
        self.rtp, self.rtcp = source, (source[0], source[1] + 1)
        return True

    def rtcp_from(self, source: Address) -> bool:
        """Note the source of an RTCP packet of the peer; returns whether `rtcp` has changed.

        It counts only when RTP does not go to the described address either.
        """
        if self.rtp == self.described or self.rtp is None or source[0] != self.rtp[0] or source == self.rtcp:
            return False
        self.rtcp = source
        return True

    def _use_described(self) -> bool:
        self.rtp = self.rtcp = None
        if self._described is not None and not self._described.wants_nothing:
            address = self._described
            self.rtp, self.rtcp = (address.host, address.rtp), (address.rtcp_host or address.host, address.rtcp)
        return True
