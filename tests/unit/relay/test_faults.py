"""Faults, and the decisions of an impairment about packets."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ConfigurationError
from simulator.relay import Faults, Impairment, PhoneImpairment

PACKETS = 20_000
SIZE = 172
"""20 ms of PCMU, with its RTP header."""


def sending_times(faults: Faults, *, packets: int = PACKETS, seed: int | str = 1) -> list[tuple[float, ...]]:
    impairment = Impairment(faults, seed=seed)
    return [impairment.schedule(number * 0.020, SIZE) for number in range(packets)]


def delays_ms(faults: Faults, *, packets: int = PACKETS, seed: int = 1) -> list[float]:
    return [
        (out[0] - number * 0.020) * 1000 for number, out in enumerate(sending_times(faults, packets=packets)) if out
    ]


def runs_of_loss(outs: list[tuple[float, ...]]) -> list[int]:
    lengths, run = [], 0
    for out in [*outs, (0.0,)]:
        if not out:
            run += 1
        elif run:
            lengths.append(run)
            run = 0
    return lengths


def test_without_faults_every_packet_is_sent_at_once() -> None:
    assert Faults().clean
    assert sending_times(Faults(), packets=50) == [(number * 0.020,) for number in range(50)]


@pytest.mark.parametrize("loss", [0.01, 0.2, 0.5, 0.9])
def test_independent_losses_have_the_given_share(loss: float) -> None:
    lost = sum(not out for out in sending_times(Faults(loss=loss)))
    assert lost / PACKETS == pytest.approx(loss, abs=0.02)


@pytest.mark.parametrize(("loss", "burst"), [(0.05, 3), (0.2, 5), (0.5, 10), (0.5, 1)])
def test_losses_in_bursts_have_the_given_share_and_length(loss: float, burst: float) -> None:
    outs = sending_times(Faults(loss=loss, burst=burst), packets=100_000)
    assert sum(not out for out in outs) / len(outs) == pytest.approx(loss, rel=0.1)
    if burst > 1:
        runs = runs_of_loss(outs)
        assert sum(runs) / len(runs) == pytest.approx(burst, rel=0.1)


@pytest.mark.parametrize(("loss", "lost"), [(0, 0), (1, 100)])
def test_a_loss_of_0_or_1_is_exact(loss: float, lost: int) -> None:
    assert sum(not out for out in sending_times(Faults(loss=loss), packets=100)) == lost


@pytest.mark.parametrize("name", ["blocked", "frozen"])
def test_no_packet_is_sent_when_blocked_or_frozen(name: str) -> None:
    assert set(sending_times(Faults(**{name: True}), packets=50)) == {()}


def test_the_delay_is_the_same_for_all_packets() -> None:
    assert delays_ms(Faults(delay_ms=80)) == pytest.approx([80.0] * PACKETS)


def test_jitter_varies_the_delay_and_keeps_the_order() -> None:
    outs = [out[0] for out in sending_times(Faults(delay_ms=10, jitter_ms=60))]
    assert all(earlier <= later for earlier, later in pairwise(outs))
    late = delays_ms(Faults(delay_ms=10, jitter_ms=60))
    assert min(late) >= 10
    assert 60 < max(late) <= 70 + 1e-6
    assert len({round(each, 3) for each in late}) > 1000


def test_reordered_packets_are_overtaken() -> None:
    outs = [out[0] for out in sending_times(Faults(reordering=0.1, reordering_ms=50))]
    overtaken = sum(later < earlier for earlier, later in pairwise(outs))
    assert overtaken / PACKETS == pytest.approx(0.09, abs=0.01)


def test_duplicates_are_sent_at_the_same_time() -> None:
    outs = sending_times(Faults(duplication=0.25))
    twice = [out for out in outs if len(out) == 2]
    assert len(twice) / PACKETS == pytest.approx(0.25, abs=0.01)
    assert all(first == second for first, second in twice)


def test_packets_beyond_the_bandwidth_are_queued_and_then_lost() -> None:
    """50 packets/s of 200 bytes are 80 kbit/s; through 40 kbit/s every second one passes, late by up to the queue."""
    outs = sending_times(Faults(bandwidth_kbps=40, queue_ms=200), packets=1000)
    passed = [(number, out[0]) for number, out in enumerate(outs) if out]
    assert len(passed) == pytest.approx(500, abs=10)
    assert max(out - number * 0.020 for number, out in passed) <= 0.200 + 0.040 + 1e-6
    spacing = [later[1] - earlier[1] for earlier, later in pairwise(passed)]
    assert min(spacing) == pytest.approx(200 * 8 / 40_000)


def test_enough_bandwidth_only_delays_packets_by_their_duration() -> None:
    assert delays_ms(Faults(bandwidth_kbps=160), packets=100) == pytest.approx([10.0] * 100)


def test_decisions_depend_on_the_seed_alone() -> None:
    faults = Faults(loss=0.2, burst=2, jitter_ms=40, reordering=0.05, duplication=0.05)
    assert sending_times(faults, seed="a") == sending_times(faults, seed="a")
    assert sending_times(faults, seed="a") != sending_times(faults, seed="b")


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
def test_no_packet_is_sent_before_it_arrived(faults: Faults, packets: list[tuple[float, int]], seed: int) -> None:
    impairment, at = Impairment(faults, seed=seed), 0.0
    for gap, size in packets:
        at += gap
        out = impairment.schedule(at, size)
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
        ({"lost": 0.1}, "lost"),
        ({"blocked": "yes"}, "blocked"),
    ],
)
def test_the_error_for_an_invalid_fault_names_the_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Faults(**wrong)
    assert refused.value.field == field


def test_the_error_for_too_short_bursts_names_the_shortest_possible() -> None:
    with pytest.raises(ConfigurationError, match=r"9 or more, for a loss of 0\.9"):
        Faults(loss=0.9, burst=2)


def test_the_error_for_an_invalid_direction_names_it() -> None:
    with pytest.raises(ConfigurationError, match="sideways"):
        PhoneImpairment(Faults(), "sideways")  # type: ignore[arg-type]


def test_faults_as_text_are_the_fields_that_differ_from_the_defaults() -> None:
    assert str(Faults(loss=0.2, jitter_ms=30)) == "loss=0.2 jitter_ms=30"
    assert str(Faults()) == "clean"
