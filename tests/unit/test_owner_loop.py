"""Methods of a handle can be awaited from any loop of any thread, and called from a thread without a loop."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator

import anyio
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from simulator.owner_loop import LoopThread, OwnerLoop, on_owner_loop
from simulator.phone import Phone
from simulator.phone_call import PhoneCall

DELEGATING = {"start_dialout", "send_dtmf", "sip_call_transfer", "sip_refer", "create_room", "wait_for"}
"""These take `**more` or are overloaded, which the decorator's type cannot express; they await a decorated method."""


class Handle:
    def __init__(self) -> None:
        self.owner_loop = OwnerLoop()

    @on_owner_loop
    async def thread_id(self) -> int:
        """The thread that the method runs on."""
        await asyncio.sleep(0)
        return threading.get_ident()

    @on_owner_loop
    async def fail(self) -> None:
        raise KeyError("reason")

    @on_owner_loop
    async def wait_forever(self, cancelled: threading.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()


async def make() -> Handle:
    return Handle()


@pytest.fixture
def handle() -> Iterator[Handle]:
    with LoopThread() as thread:
        yield thread.call(make())


@pytest.mark.parametrize("kind", [Client, FakeDaily, Network, Phone, PhoneCall])
def test_every_public_async_method_runs_on_the_owner_loop(kind: type) -> None:
    methods = {
        name: method
        for name, method in inspect.getmembers(kind, inspect.iscoroutinefunction)
        if not name.startswith("_") and name not in DELEGATING | {"remove", "register"}
    }
    assert methods
    assert [name for name, method in methods.items() if not hasattr(method, "__wrapped__")] == []


async def test_a_method_runs_on_the_owner_loop_and_its_result_or_error_comes_back(handle: Handle) -> None:
    assert await handle.thread_id() not in (threading.get_ident(), None)
    with pytest.raises(KeyError, match="reason"):
        await handle.fail()


def test_a_thread_without_a_loop_can_call_a_method(handle: Handle) -> None:
    assert handle.owner_loop.call(handle.thread_id()) != threading.get_ident()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_method_can_be_awaited_under_anyio_and_trio(handle: Handle, backend: str) -> None:
    assert anyio.run(handle.thread_id, backend=backend) != threading.get_ident()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelling_the_caller_cancels_the_method(handle: Handle, backend: str) -> None:
    cancelled = threading.Event()

    async def give_up() -> None:
        with anyio.move_on_after(0.01):
            await handle.wait_forever(cancelled)

    anyio.run(give_up, backend=backend)
    assert cancelled.wait(timeout=2)
