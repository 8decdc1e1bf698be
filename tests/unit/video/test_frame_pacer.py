"""The spacing of the pictures that are sent, for sources of different rates."""

from __future__ import annotations

import itertools

import pytest

from simulator.video.frame_pacer import FramePacer


def sent_at(fps: int, arrivals: list[float]) -> list[float]:
    """When pictures are sent that arrive at these times; one that waits is replaced by the next."""
    pacer, sent, waiting = FramePacer(fps), list[float](), False
    for arrival, following in itertools.pairwise([*arrivals, float("inf")]):
        due = arrival + pacer.wait_s(arrival)
        waiting = due > following
        if not waiting:
            sent.append(due)
            pacer.sent(due)
    return sent


@pytest.mark.parametrize(("fps", "source"), [(15, 20), (15, 30), (15, 24), (5, 30), (30, 60), (15, 15)])
def test_pictures_of_a_faster_source_are_spaced_evenly(fps: int, source: int) -> None:
    times = sent_at(fps, [number / source for number in range(source * 10)])
    assert len(times) == pytest.approx(10 * fps, abs=1)
    spaces = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert min(spaces) == pytest.approx(1 / fps)
    assert max(spaces) == pytest.approx(1 / fps)


def test_all_pictures_of_a_slower_source_are_sent_as_they_come() -> None:
    arrivals = [number / 10 for number in range(50)]
    assert sent_at(15, arrivals) == pytest.approx(arrivals)


def test_a_source_that_is_not_exact_loses_no_picture() -> None:
    arrivals = [number / 15 + (0.005 if number % 2 else 0) for number in range(150)]
    assert len(sent_at(15, arrivals)) == 150


def test_after_a_gap_the_spacing_starts_anew() -> None:
    assert sent_at(10, [0.0, 5.0, 5.02, 5.04]) == pytest.approx([0.0, 5.0, 5.1])
