"""How many frames are sent for those received, simulated with another side that takes one frame for each it gives."""

from __future__ import annotations

import random

import pytest

from simulator.audio.send_lead import MOST_AHEAD, SendLead


class OtherSide:
    """Gives and takes one frame every tick; `missing` counts the ticks at which it had nothing to take."""

    def __init__(self) -> None:
        self.lead = SendLead()
        self.waiting = 0
        self.missing = 0
        self._given = 0

    def tick(self, *, delayed: bool = False) -> None:
        """One tick; the party reads what it was given, unless it is delayed."""
        self.missing += self.waiting == 0
        self.waiting = max(0, self.waiting - 1)
        self._given += 1
        if not delayed:
            self.waiting += self.lead.frames_for(self._given)
            self._given = 0

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            self.tick()

    def delay(self, ticks: int) -> None:
        for _ in range(ticks):
            self.tick(delayed=True)
        self.tick()


@pytest.fixture
def other() -> OtherSide:
    other = OtherSide()
    other.tick()
    other.missing = 0
    return other


def test_one_frame_is_sent_for_each(other: OtherSide) -> None:
    other.run(1000)
    assert (other.missing, other.waiting) == (0, 1)


def test_the_second_delay_of_a_length_is_not_heard(other: OtherSide) -> None:
    other.delay(7)
    assert other.missing == 7
    for length in (7, 3, 5, 7):
        other.run(10)
        other.delay(length)
    assert other.missing == 7
    other.run(10)
    other.delay(9)
    assert other.missing == 7 + 2


def test_a_lead_that_is_not_needed_is_given_up_without_a_missing_frame(other: OtherSide) -> None:
    other.delay(8)
    other.run(150)
    assert other.waiting == 1
    assert other.missing == 8


def test_a_lead_is_kept_as_long_as_it_is_needed(other: OtherSide) -> None:
    other.delay(8)
    for _ in range(20):
        other.run(30)
        other.delay(6)
    assert other.missing == 8
    assert other.waiting == 7


def test_a_delay_that_nobody_plans_for_is_not_made_up_for(other: OtherSide) -> None:
    other.delay(500)
    assert other.waiting == MOST_AHEAD + 1


@pytest.mark.parametrize("seed", range(20))
def test_nothing_but_new_lengths_of_delay_is_heard(seed: int) -> None:
    chance = random.Random(seed)
    other = OtherSide()
    other.tick()
    for _ in range(500):
        other.run(chance.randrange(10))
        longest = other.waiting - 1
        before = other.missing
        length = chance.choice([0, 1, 2, 5, 12])
        other.delay(length)
        assert other.missing - before == max(0, length - longest)
        assert 1 <= other.waiting <= MOST_AHEAD + 1


def test_a_sound_is_ahead_from_its_first_frame(other: OtherSide) -> None:
    assert other.lead.frames_for(1, at_least=15) == 16
    other.waiting += 15
    for _ in range(300):
        assert other.lead.frames_for(1, at_least=15) == 1
    other.run(10)
    other.delay(15)
    other.run(200)
    assert (other.missing, other.waiting) == (0, 1)
