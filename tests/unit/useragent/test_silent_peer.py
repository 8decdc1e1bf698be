"""When a peer counts as gone: what it has sent before, what it is to send, and for how long it has not."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.useragent.worker.silent_peer import ReceivedCounts, SilentPeer

LIMIT_S = 10.0


def gone_at(received: Iterable[tuple[int, int, bool]], *, limit_s: float | None = LIMIT_S) -> list[int]:
    """The times, in seconds, at which a peer counts as gone; each item is the time, the packets, and `expected`."""
    peer = SilentPeer(limit_s)
    return [at for at, packets, expected in received if peer.is_gone(ReceivedCounts(packets, expected), at)]


def test_a_peer_that_sends_is_not_gone() -> None:
    assert gone_at((at, at, True) for at in range(100)) == []


def test_a_peer_that_stops_is_gone_after_the_limit() -> None:
    assert gone_at([(0, 5, True), (9, 5, True), (10, 5, True), (11, 5, True)]) == [11]


def test_a_peer_that_has_never_sent_anything_is_not_judged() -> None:
    assert gone_at((at, 0, True) for at in range(100)) == []


def test_the_wait_begins_anew_after_a_hold() -> None:
    assert gone_at([(0, 5, True), (8, 5, False), (100, 5, False), (101, 5, True), (110, 5, True), (112, 5, True)]) == [
        112
    ]


def test_a_stream_that_starts_anew_is_still_that_of_a_peer_that_has_sent() -> None:
    assert gone_at([(0, 5, True), (8, 0, True), (17, 0, True), (19, 0, True)]) == [19]


def test_a_held_peer_that_has_sent_is_judged_after_the_hold() -> None:
    assert gone_at([(0, 5, False), (1, 0, False), (2, 0, True), (13, 0, True)]) == [13]


def test_without_a_limit_no_peer_is_gone() -> None:
    assert gone_at([(0, 5, True), (1_000_000, 5, True)], limit_s=None) == []
