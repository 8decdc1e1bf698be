"""Where packets to a peer are sent when its own come from another address than its session description names."""

from __future__ import annotations

from itertools import count

from simulator.return_address import PACKETS_OF_A_MOVE, Address, ReturnAddress

NAMED, OTHER, THIRD = ("10.0.2.100", 4000), ("127.0.0.1", 5000), ("127.0.0.1", 6000)


def described(*, symmetric: bool = True) -> ReturnAddress:
    address = ReturnAddress(symmetric=symmetric)
    address.describe(NAMED)
    return address


clock = count()


def received(address: ReturnAddress, source: Address, *, at_once: bool = False) -> bool:
    """Take in a packet: 20 ms after the one before, or at the same time as all that come at once."""
    return address.received_from(source, 0.0 if at_once else next(clock) * 0.02)


def test_until_a_packet_comes_the_described_address_is_used() -> None:
    assert ReturnAddress(symmetric=True).target is None
    assert described().target == NAMED


def test_packets_before_the_description_decide_nothing() -> None:
    address = ReturnAddress(symmetric=True)
    assert not received(address, OTHER)
    address.describe(NAMED)
    assert address.target == NAMED


def test_the_first_packet_decides() -> None:
    address = described()
    assert received(address, OTHER)
    assert not received(address, OTHER)
    assert (address.source, address.target) == (OTHER, OTHER)


def test_a_peer_that_sends_from_the_described_address_moves_after_ten_packets_in_a_row() -> None:
    address = described()
    assert received(address, NAMED)
    assert not any(received(address, OTHER) for _ in range(PACKETS_OF_A_MOVE - 1))
    assert address.target == NAMED
    assert received(address, OTHER)
    assert address.target == OTHER


def test_packets_of_two_sources_in_turn_move_nothing() -> None:
    address = described()
    received(address, NAMED)
    assert not any(received(address, source) for source in (OTHER, NAMED) * 20)
    assert not any(received(address, source) for source in (OTHER, THIRD) * 20)
    assert address.target == NAMED


def test_one_packet_from_the_described_address_is_enough_to_return_there() -> None:
    address = described()
    received(address, OTHER)
    assert received(address, NAMED)
    assert address.target == NAMED


def test_the_same_description_again_changes_nothing() -> None:
    address = described()
    received(address, OTHER)
    address.describe(NAMED)
    assert address.target == OTHER


def test_after_another_description_late_packets_of_the_old_source_do_not_count() -> None:
    address = described()
    received(address, OTHER)
    address.describe(THIRD)
    assert address.target == THIRD
    assert not any(received(address, OTHER) for _ in range(PACKETS_OF_A_MOVE - 1))
    assert address.target == THIRD
    assert received(address, OTHER)
    assert address.target == OTHER


def test_a_peer_that_wants_no_packets_gets_none() -> None:
    address = described()
    received(address, OTHER)
    address.describe(None)
    assert address.target is None
    assert not any(received(address, OTHER) for _ in range(2 * PACKETS_OF_A_MOVE))
    assert address.target is None


def test_without_symmetric_the_source_is_known_and_not_used() -> None:
    address = described(symmetric=False)
    assert received(address, OTHER)
    assert (address.source, address.target) == (OTHER, NAMED)


def test_a_burst_between_two_packets_of_the_peer_is_no_move() -> None:
    address = described()
    received(address, NAMED)
    assert not any(received(address, OTHER, at_once=True) for _ in range(10 * PACKETS_OF_A_MOVE))
    assert not received(address, NAMED)
    assert address.target == NAMED
