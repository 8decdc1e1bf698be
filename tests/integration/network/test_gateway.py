"""The workers of a gateway: how many there are while it grows, after a crash, and after a reset."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulator.gateway import Gateway
from simulator.network import Network
from simulator.useragent import Call, Pool, UserAgent
from tests.integration.relay.soon import soon


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    async with Network() as network:
        yield network


def gateway_of(network: Network, **how: int) -> Gateway:
    return Gateway(network, on_incoming=lambda *_: None, **how)


def starting() -> list[asyncio.Task[Any]]:
    """The tasks of gateways that start a worker."""
    return [task for task in asyncio.all_tasks() if "gateway worker" in task.get_name()]


async def grow(gateway: Gateway) -> None:
    assert gateway.group.grow is not None
    await gateway.group.grow()


async def dial(gateway: Gateway, target: str) -> Call:
    return await gateway.dial(
        target, codecs=("PCMU",), headers={}, caller="sip:a@127.0.0.1", display_name=None, on_notice=lambda *_: None
    )


async def test_a_reset_gives_back_the_workers_that_were_added(network: Network) -> None:
    async with gateway_of(network, workers=2, most=6) as gateway:
        processes = {agent.pid for agent in network.agents}
        for _ in range(4):
            await grow(gateway)
        assert len(gateway.group) == 6
        added = {agent.pid for agent in network.agents} - processes
        await gateway.reset()
        assert len(gateway.group) == 2
        left = {agent.pid for agent in network.agents if agent.alive and agent.pid in added}
        assert len(left) <= 1  # one idle worker is kept ready
        await grow(gateway)
        assert len(gateway.group) == 3


async def test_a_worker_that_is_being_started_is_given_back_too(network: Network) -> None:
    async with gateway_of(network, workers=1, most=4) as gateway:
        growing = asyncio.create_task(grow(gateway))
        await soon(lambda: bool(starting()), "it has begun")
        await gateway.reset()
        await growing
        assert len(gateway.group) == 1


async def test_a_crash_does_not_hide_a_worker_that_is_being_started(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, may_lease = Pool.lease, asyncio.Event()

    async def lease_later(pool: Pool) -> UserAgent:
        await may_lease.wait()
        return await lease(pool)

    async with gateway_of(network, workers=1, most=2) as gateway:
        (agent,) = network.agents
        monkeypatch.setattr(Pool, "lease", lease_later)
        growing = asyncio.create_task(grow(gateway))
        os.kill(agent.pid, signal.SIGKILL)
        await soon(lambda: len(starting()) == 2, "the new worker and the one in place of the dead one")
        waiting = asyncio.create_task(grow(gateway))
        may_lease.set()
        await asyncio.gather(growing, waiting)
        await soon(lambda: not starting(), "both have started")
        assert len(gateway.group) == 2


async def test_no_worker_is_being_started_after_the_end(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    async with gateway_of(network, workers=1, most=2) as gateway:
        (agent,) = network.agents
        monkeypatch.setattr(Pool, "lease", lambda pool: asyncio.Event().wait())
        growing = asyncio.create_task(grow(gateway))
        os.kill(agent.pid, signal.SIGKILL)
        await soon(lambda: len(starting()) == 2, "the new worker and the one in place of the dead one")
    assert starting() == []
    assert isinstance((await asyncio.gather(growing, return_exceptions=True))[0], asyncio.CancelledError)


async def test_calls_dialled_at_once_get_as_many_workers_as_they_need(network: Network) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        target = f"sip:silent@127.0.0.1:{silent.getsockname()[1]}"
        async with gateway_of(network, workers=1, most=3) as gateway:
            calls = await asyncio.gather(*(dial(gateway, target) for _ in range(13)), return_exceptions=True)
            assert len(gateway.group) == 3
            assert [str(call) for call in calls if isinstance(call, BaseException)] == [
                "all gateway workers are in use, at most 3: 503 Service Unavailable"
            ]
            await gateway.reset()
            assert gateway.calls == []


async def test_calls_that_come_at_once_get_as_many_workers_as_they_need(network: Network) -> None:
    taken: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.connect((network.front_door.host, network.front_door.port))
        async with Gateway(network, on_incoming=lambda call, _: taken.append(call.sip_call_id), most=3) as gateway:
            for number in range(12):
                caller.send(invite(number, caller.getsockname()[1], network.address))
            await soon(lambda: len(taken) == 12, "all calls have been taken")
            assert len(gateway.group) == 3
            await gateway.reset()


def invite(number: int, port: int, address: str) -> bytes:
    return (
        f"INVITE sip:a@{address} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{number}\r\n"
        f"From: <sip:b@127.0.0.1>;tag={number}\r\nTo: <sip:a@{address}>\r\nCall-ID: call-{number}\r\n"
        f"CSeq: 1 INVITE\r\nContact: <sip:b@127.0.0.1:{port}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


async def test_a_worker_that_cannot_be_started_again_is_recorded(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(pool: Pool) -> UserAgent:
        raise OSError("no more processes")

    async with gateway_of(network, workers=1, most=2) as gateway:
        (agent,) = network.agents
        monkeypatch.setattr(Pool, "lease", fail)
        os.kill(agent.pid, signal.SIGKILL)
        await soon(
            lambda: any("no more processes" in record.fields.get("text", "") for record in network.timeline.records()),
            "the failure is recorded",
        )
        monkeypatch.undo()
        await grow(gateway)
        assert len(gateway.group) == 1
