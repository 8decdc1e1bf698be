"""Handles can be awaited from any loop of any thread, and from none."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator

import anyio
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.home import Home, HomeThread, anywhere
from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall

DELEGATING = {"start_dialout", "send_dtmf", "sip_call_transfer", "sip_refer", "create_room", "wait_for"}
"""They take `**more` or have overloads, which the decorator's type cannot carry; what they await goes home."""


class Thing:
    def __init__(self) -> None:
        self.home = Home()

    @anywhere
    async def where(self) -> int:
        """The thread that does it."""
        await asyncio.sleep(0)
        return threading.get_ident()

    @anywhere
    async def fail(self) -> None:
        raise KeyError("told")

    @anywhere
    async def forever(self, cancelled: threading.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()


async def make() -> Thing:
    return Thing()


@pytest.fixture
def thing() -> Iterator[Thing]:
    with HomeThread() as thread:
        yield thread.call(make())


@pytest.mark.parametrize("handle", [Client, FakeDaily, Network, Phone, PhoneCall])
def test_every_public_verb_can_be_awaited_anywhere(handle: type) -> None:
    verbs = {
        name: verb
        for name, verb in inspect.getmembers(handle, inspect.iscoroutinefunction)
        if not name.startswith("_") and name not in DELEGATING | {"remove", "adopt"}
    }
    assert verbs
    assert [name for name, verb in verbs.items() if not hasattr(verb, "__wrapped__")] == []


async def test_it_runs_at_home_and_the_result_comes_back(thing: Thing) -> None:
    assert await thing.where() not in (threading.get_ident(), None)
    with pytest.raises(KeyError, match="told"):
        await thing.fail()


def test_without_a_loop_it_is_called(thing: Thing) -> None:
    assert thing.home.call(thing.where()) != threading.get_ident()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio_and_trio_can_await_it(thing: Thing, backend: str) -> None:
    assert anyio.run(thing.where, backend=backend) != threading.get_ident()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_who_stops_waiting_stops_the_work(thing: Thing, backend: str) -> None:
    cancelled = threading.Event()

    async def give_up() -> None:
        with anyio.move_on_after(0.01):
            await thing.forever(cancelled)

    anyio.run(give_up, backend=backend)
    assert cancelled.wait(timeout=2)
