"""From which address alone RTP is taken, and when that of any is taken again."""

from __future__ import annotations

from simulator.useragent.worker.source_lock import SILENCE_S, Heard, SourceLock

PEER, STRANGER, OTHER = "127.0.0.1:4000", "127.0.0.1:6666", "127.0.0.1:4444"


def locked() -> SourceLock:
    """A lock on the peer, which has sent its fifth packet at the time 1."""
    lock = SourceLock()
    assert lock.update(Heard(PEER, PEER, 5), 1)
    return lock


def test_the_described_address_is_the_only_one_once_a_packet_has_come_from_there() -> None:
    assert locked().only == PEER


def test_without_packets_no_source_is_excluded() -> None:
    lock = SourceLock()
    assert not lock.update(Heard(PEER, PEER, 0), 1)
    assert lock.only is None


def test_a_peer_that_sends_from_another_address_is_heard() -> None:
    lock = SourceLock()
    assert not lock.update(Heard(PEER, OTHER, 5), 1)
    assert lock.only is None


def test_it_stays_as_long_as_the_peer_sends() -> None:
    lock = locked()
    assert not lock.update(Heard(PEER, PEER, 6), 1 + SILENCE_S)
    assert not lock.update(Heard(PEER, PEER, 6), 1 + 2 * SILENCE_S)
    assert lock.only == PEER


def test_a_peer_that_is_silent_may_send_from_elsewhere() -> None:
    lock = locked()
    assert lock.update(Heard(PEER, PEER, 5), 1.1 + SILENCE_S)
    assert lock.only is None
    assert not lock.update(Heard(PEER, STRANGER, 6), 9)


def test_an_old_source_does_not_lock_again() -> None:
    lock = locked()
    lock.update(Heard(PEER, PEER, 5), 1.1 + SILENCE_S)
    assert not lock.update(Heard(PEER, PEER, 5), 9)
    assert lock.only is None


def test_another_description_ends_it() -> None:
    lock = locked()
    assert lock.update(Heard(OTHER, PEER, 6), 2)
    assert lock.only is None
    assert lock.update(Heard(OTHER, OTHER, 7), 3)
    assert lock.only == OTHER
