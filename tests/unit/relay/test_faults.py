"""What a bad line does to packets, decided without sockets and clocks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ConfigurationError
from simulator.relay import BadLine, Faults, Impairment

PACKETS = 20_000
SIZE = 172
"""20 ms of PCMU, with its RTP header."""


def fates(faults: Faults, *, packets: int = PACKETS, seed: int | str = 1) -> list[tuple[float, ...]]:
    line = Impairment(faults, seed=seed)
    return [line.schedule(number * 0.020, SIZE) for number in range(packets)]


def delays_ms(faults: Faults, *, packets: int = PACKETS, seed: int = 1) -> list[float]:
    return [(out[0] - number * 0.020) * 1000 for number, out in enumerate(fates(faults, packets=packets)) if out]


def runs_of_loss(outs: list[tuple[float, ...]]) -> list[int]:
    lengths, run = [], 0
    for out in [*outs, (0.0,)]:
        if not out:
            run += 1
        elif run:
            lengths.append(run)
            run = 0
    return lengths


def test_a_clean_line_lets_everything_through_at_once() -> None:
    assert Faults().clean
    assert fates(Faults(), packets=50) == [(number * 0.020,) for number in range(50)]


@pytest.mark.parametrize("loss", [0.01, 0.2, 0.5, 0.9])
def test_loss_at_random_is_the_share_that_was_asked_for(loss: float) -> None:
    lost = sum(not out for out in fates(Faults(loss=loss)))
    assert lost / PACKETS == pytest.approx(loss, abs=0.02)


@pytest.mark.parametrize(("loss", "burst"), [(0.05, 3), (0.2, 5), (0.5, 10), (0.5, 1)])
def test_loss_in_bursts_keeps_the_share_and_has_the_length(loss: float, burst: float) -> None:
    outs = fates(Faults(loss=loss, burst=burst), packets=100_000)
    assert sum(not out for out in outs) / len(outs) == pytest.approx(loss, rel=0.1)
    if burst > 1:
        runs = runs_of_loss(outs)
        assert sum(runs) / len(runs) == pytest.approx(burst, rel=0.1)


@pytest.mark.parametrize(("loss", "lost"), [(0, 0), (1, 100)])
def test_no_loss_and_all_loss_are_exact(loss: float, lost: int) -> None:
    assert sum(not out for out in fates(Faults(loss=loss), packets=100)) == lost


@pytest.mark.parametrize("name", ["blocked", "frozen"])
def test_nothing_passes_a_line_that_is(name: str) -> None:
    assert set(fates(Faults(**{name: True}), packets=50)) == {()}


def test_delay_is_the_same_for_all() -> None:
    assert delays_ms(Faults(delay_ms=80)) == pytest.approx([80.0] * PACKETS)


def test_jitter_spreads_and_keeps_the_order() -> None:
    outs = [out[0] for out in fates(Faults(delay_ms=10, jitter_ms=60))]
    assert all(earlier <= later for earlier, later in pairwise(outs))
    late = delays_ms(Faults(delay_ms=10, jitter_ms=60))
    assert min(late) >= 10
    assert 60 < max(late) <= 70 + 1e-6
    assert len({round(each, 3) for each in late}) > 1000


def test_reordered_packets_are_overtaken() -> None:
    outs = [out[0] for out in fates(Faults(reordering=0.1, reordering_ms=50))]
    overtaken = sum(later < earlier for earlier, later in pairwise(outs))
    assert overtaken / PACKETS == pytest.approx(0.09, abs=0.01)


def test_duplicates_are_two_at_one_moment() -> None:
    outs = fates(Faults(duplication=0.25))
    twice = [out for out in outs if len(out) == 2]
    assert len(twice) / PACKETS == pytest.approx(0.25, abs=0.01)
    assert all(first == second for first, second in twice)


def test_a_narrow_line_queues_and_then_drops() -> None:
    """50 packets/s of 200 bytes are 80 kbit/s; through 40 kbit/s every second one passes, late by up to the queue."""
    outs = fates(Faults(bandwidth_kbps=40, queue_ms=200), packets=1000)
    passed = [(number, out[0]) for number, out in enumerate(outs) if out]
    assert len(passed) == pytest.approx(500, abs=10)
    assert max(out - number * 0.020 for number, out in passed) <= 0.200 + 0.040 + 1e-6
    spacing = [later[1] - earlier[1] for earlier, later in pairwise(passed)]
    assert min(spacing) == pytest.approx(200 * 8 / 40_000)


def test_a_wide_line_only_takes_its_time() -> None:
    assert delays_ms(Faults(bandwidth_kbps=160), packets=100) == pytest.approx([10.0] * 100)


def test_the_same_seed_has_the_same_fates_and_another_has_others() -> None:
    bad = Faults(loss=0.2, burst=2, jitter_ms=40, reordering=0.05, duplication=0.05)
    assert fates(bad, seed="a") == fates(bad, seed="a")
    assert fates(bad, seed="a") != fates(bad, seed="b")


@given(
    st.builds(
        Faults,
        loss=st.floats(0, 0.5),
        delay_ms=st.floats(0, 1000),
        jitter_ms=st.floats(0, 500),
        reordering=st.floats(0, 1),
        duplication=st.floats(0, 1),
        bandwidth_kbps=st.none() | st.floats(1, 10_000),
    ),
    st.lists(st.tuples(st.floats(0, 0.5), st.integers(0, 1500)), max_size=60),
    st.integers(),
)
def test_nothing_leaves_before_it_came(faults: Faults, packets: list[tuple[float, int]], seed: int) -> None:
    line, at = Impairment(faults, seed=seed), 0.0
    for gap, size in packets:
        at += gap
        out = line.schedule(at, size)
        assert len(out) <= 2
        assert all(moment >= at for moment in out)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"loss": 1.1}, "loss"),
        ({"loss": -0.1}, "loss"),
        ({"loss": "much"}, "loss"),
        ({"loss": True}, "loss"),
        ({"burst": 0.5}, "burst"),
        ({"loss": 0.9, "burst": 2}, "burst"),
        ({"delay_ms": -1}, "delay_ms"),
        ({"jitter_ms": 1e9}, "jitter_ms"),
        ({"reordering": 2}, "reordering"),
        ({"duplication": float("nan")}, "duplication"),
        ({"bandwidth_kbps": 0}, "bandwidth_kbps"),
        ({"lost": 0.1}, "faults"),
        ({"blocked": "yes"}, "blocked"),
    ],
)
def test_what_cannot_be_is_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Faults.of(wrong)
    assert refused.value.field == field


def test_the_way_out_of_bursts_that_are_too_short_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"9 or more, for a loss of 0\.9"):
        Faults(loss=0.9, burst=2)


def test_a_direction_that_is_none_is_named() -> None:
    with pytest.raises(ConfigurationError, match="sideways"):
        BadLine(Faults(), "sideways")  # type: ignore[arg-type]


def test_faults_say_what_they_are() -> None:
    assert str(Faults(loss=0.2, jitter_ms=30)) == "loss=0.2 jitter_ms=30"
    assert str(Faults()) == "clean"
