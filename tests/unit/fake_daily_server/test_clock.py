"""Time that is moved forward rings what it passes, in order, once."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.domain.clock import Clock


async def test_what_becomes_due_is_called_in_order_of_its_moments() -> None:
    clock = Clock(lambda: 1000.0)
    rung: list[str] = []
    clock.call_at(1060, lambda: rung.append("minute"))
    clock.call_at(1005, lambda: rung.append("five"))
    clock.call_at(1005, lambda: rung.append("five too"))
    clock.advance(59.9)
    assert rung == ["five", "five too"]
    assert clock() == 1059.9
    clock.advance(0.1)
    assert rung == ["five", "five too", "minute"]
    clock.advance(1000)
    assert len(rung) == 3


async def test_a_call_that_asks_for_another_one_gets_it_in_the_same_move() -> None:
    clock = Clock(lambda: 0.0)
    rung: list[float] = []

    def again() -> None:
        rung.append(clock())
        if len(rung) < 3:
            clock.call_at(len(rung) * 10 + 10, again)

    clock.call_at(10, again)
    clock.advance(25)
    assert rung == [25, 25]
    clock.advance(5)
    assert rung == [25, 25, 30]


async def test_real_time_rings_too_and_cancelled_calls_never() -> None:
    clock = Clock()
    rung = asyncio.Event()
    cancelled = clock.call_at(clock() + 0.01, lambda: pytest.fail("it was cancelled"))
    cancelled.cancel()
    clock.call_at(clock() + 0.02, rung.set)
    async with asyncio.timeout(2):
        await rung.wait()


async def test_a_moment_that_has_passed_rings_soon() -> None:
    clock = Clock()
    rung = asyncio.Event()
    clock.call_at(clock() - 100, rung.set)
    assert not rung.is_set()
    async with asyncio.timeout(2):
        await rung.wait()


async def test_reset_forgets_calls_and_goes_back_to_real_time() -> None:
    clock = Clock(lambda: 5.0)
    clock.call_at(10, lambda: pytest.fail("it was forgotten"))
    clock.advance(1)
    clock.reset()
    assert clock() == 5.0
    clock.advance(100)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_it_moves_forward_only(seconds: float) -> None:
    with pytest.raises(ValueError, match="forward only"):
        Clock().advance(seconds)
