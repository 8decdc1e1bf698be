"""A network or a server that cannot start, or is cancelled while starting, leaves no process, task or socket behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator

import psutil
import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.errors import ConfigurationError
from simulator.front_door import FinalResponse, FrontDoor
from simulator.gateway import Gateway
from simulator.network import Network
from simulator.useragent.fork_server_process import ForkServerProcess


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        yield port


def fork_servers() -> set[int]:
    """The processes that this one has started itself; the workers are their children."""
    return {child.pid for child in psutil.Process().children()}


@pytest.fixture(autouse=True)
def no_socket_left() -> Iterator[None]:
    before = own_ports()
    yield
    assert own_ports() <= before


def own_ports() -> set[tuple[int, int]]:
    """The local ports of this process, each with the type of its socket."""
    return {(each.laddr.port, each.type) for each in psutil.Process().net_connections("inet4") if each.laddr}


async def test_a_network_whose_port_is_in_use(taken_port: int) -> None:
    before, tasks = fork_servers(), asyncio.all_tasks()
    with pytest.raises(ConfigurationError):
        await Network(sip_port=taken_port).__aenter__()
    assert fork_servers() == before
    assert asyncio.all_tasks() == tasks


@pytest.mark.parametrize("which", ["port", "sip_port"])
async def test_a_server_whose_port_is_in_use(taken_port: int, which: str) -> None:
    before, tasks = fork_servers(), asyncio.all_tasks()
    with pytest.raises(ConfigurationError):
        await FakeDaily(Settings(**{"port": 0, "sip_port": 0, which: taken_port})).__aenter__()
    assert fork_servers() == before
    assert asyncio.all_tasks() == tasks


async def test_a_server_whose_workers_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    before, tasks = fork_servers(), asyncio.all_tasks()
    monkeypatch.setattr("simulator.useragent.fork_server_process._environment", lambda: {"PYTHONHOME": "/nowhere"})
    with pytest.raises(Exception, match="died: "):
        await FakeDaily(Settings(port=0, sip_port=0)).__aenter__()
    assert fork_servers() == before
    assert asyncio.all_tasks() == tasks


async def test_a_fork_server_that_is_closed_while_it_imports() -> None:
    server = ForkServerProcess(print)
    os.kill(server.pid, signal.SIGSTOP)  # it makes no progress
    async with asyncio.timeout(1):
        await server.close()
    assert not psutil.pid_exists(server.pid)


@pytest.mark.parametrize("steps", range(1, 6))
async def test_a_front_door_that_is_cancelled_while_it_starts(steps: int) -> None:
    before = own_ports()
    front_door = FrontDoor("127.0.0.1", 0, router=lambda invite: FinalResponse(404, "Not Found"))
    starting = asyncio.ensure_future(front_door.__aenter__())
    for _ in range(steps):
        await asyncio.sleep(0)
    if not starting.cancel():
        await front_door.__aexit__(None, None, None)
    await asyncio.wait([starting])
    await asyncio.sleep(0)  # asyncio closes sockets in the next round of the loop
    assert own_ports() == before


async def test_a_server_whose_gateway_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(gateway: Gateway) -> Gateway:
        raise TimeoutError("no worker")

    monkeypatch.setattr(Gateway, "__aenter__", fail)
    with pytest.raises(TimeoutError):
        await FakeDaily(Settings(port=0, sip_port=0)).__aenter__()
