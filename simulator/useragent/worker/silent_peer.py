"""Peers that have vanished: they send no RTP and no RTCP any more, and no BYE either."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReceivedCounts:
    """What a call has received from its peer, and whether it may expect more."""

    packets: int
    """Number of RTP packets, and of RTCP reports about what the peer has received.

    It may begin again at 0 when a stream starts anew.
    """
    expected: bool
    """Whether the peer is to send RTP: it is neither held, nor does it hold this side, nor does it only receive."""


class SilentPeer:
    """Tells when a peer has been silent for too long.

    Only a peer that has sent something before is judged: some user agents never send RTP. While none is expected, the
    wait stands still, and it begins anew when RTP is expected again.
    """

    def __init__(self, limit_s: float | None) -> None:
        """`limit_s` is how long a peer may be silent; None: for ever."""
        self._limit = limit_s
        self._packets = 0
        self._has_sent = False
        self._silent_since: float | None = None
        """None before the first packet, and while no RTP is expected."""

    def is_gone(self, received: ReceivedCounts, now: float) -> bool:
        """Whether the peer has been silent for longer than the limit; to be asked a few times a second.

        `now` is in seconds, on any clock that does not go back.
        """
        moved = received.packets != self._packets
        self._packets = received.packets
        self._has_sent |= received.packets > 0
        if not received.expected:
            self._silent_since = None
        elif self._has_sent and (moved or self._silent_since is None):
            self._silent_since = now
        return self._limit is not None and self._silent_since is not None and now - self._silent_since > self._limit
