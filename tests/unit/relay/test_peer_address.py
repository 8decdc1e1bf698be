"""Where a peer's packets go: to the described address, or to the one that its packets come from."""

from __future__ import annotations

import pytest

from simulator.relay.peer_address import PACKETS_BEFORE_FOLLOWING, PeerAddress
from simulator.sdp.description import HOLD_ADDRESS, MediaAddress

DESCRIBED, REAL, OTHER = ("10.0.0.1", 4000), ("127.0.0.1", 30_000), ("127.0.0.1", 30_002)


def peer(*, symmetric: bool = True) -> PeerAddress:
    address = PeerAddress(symmetric=symmetric)
    address.describe(MediaAddress(*DESCRIBED, 4001))
    return address


def feed(address: PeerAddress, source: tuple[str, int], packets: int = PACKETS_BEFORE_FOLLOWING) -> list[bool]:
    return [address.rtp_from(source) for _ in range(packets)]


def test_the_described_address_counts_at_first() -> None:
    address = peer()
    assert (address.rtp, address.rtcp) == (DESCRIBED, ("10.0.0.1", 4001))


def test_several_packets_from_another_address_move_rtp_and_rtcp_there() -> None:
    address = peer()
    assert feed(address, REAL) == [False] * (PACKETS_BEFORE_FOLLOWING - 1) + [True]
    assert (address.rtp, address.rtcp) == (REAL, ("127.0.0.1", 30_001))
    assert not any(feed(address, REAL))


def test_the_source_of_rtcp_counts_once_rtp_has_moved() -> None:
    address = peer()
    assert not address.rtcp_from(("127.0.0.1", 40_000))
    feed(address, REAL)
    assert not address.rtcp_from(("127.0.0.9", 40_000))
    assert address.rtcp_from(("127.0.0.1", 40_000))
    assert not address.rtcp_from(("127.0.0.1", 40_000))
    assert address.rtcp == ("127.0.0.1", 40_000)


def test_a_peer_that_sends_from_the_described_address_is_not_followed_elsewhere() -> None:
    address = peer()
    feed(address, DESCRIBED, 1)
    assert not any(feed(address, REAL, 50))
    assert address.rtp == DESCRIBED


def test_the_described_address_counts_again_when_the_peer_sends_from_it() -> None:
    address = peer()
    feed(address, REAL)
    assert feed(address, DESCRIBED, 2) == [True, False]
    assert (address.rtp, address.rtcp) == (DESCRIBED, ("10.0.0.1", 4001))


def test_packets_from_changing_addresses_move_nothing() -> None:
    address = peer()
    assert not any(address.rtp_from(source) for _ in range(20) for source in (REAL, OTHER))


def test_another_description_begins_anew_and_the_same_one_does_not() -> None:
    address = peer()
    feed(address, REAL)
    address.describe(MediaAddress(*DESCRIBED, 4001))
    assert address.rtp == REAL
    address.describe(MediaAddress("10.0.0.2", 5000, 5001))
    assert address.rtp == ("10.0.0.2", 5000)


@pytest.mark.parametrize("symmetric", [True, False])
def test_a_peer_that_wants_nothing_gets_nothing(symmetric: bool) -> None:
    address = peer(symmetric=symmetric)
    address.describe(MediaAddress(HOLD_ADDRESS, 4000, 4001))
    assert not any(feed(address, REAL))
    assert (address.rtp, address.rtcp) == (None, None)


def test_nothing_is_learned_before_a_description_or_when_turned_off() -> None:
    undescribed = PeerAddress(symmetric=True)
    assert not any(feed(undescribed, REAL))
    fixed = peer(symmetric=False)
    assert not any(feed(fixed, REAL, 50))
    assert fixed.rtp == DESCRIBED
