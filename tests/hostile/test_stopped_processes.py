"""Processes that are stopped, and not dead, are noticed and replaced."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from simulator.errors import WorkerCrashed
from simulator.useragent import Crashed, Pool, WorkerSettings, fork_server_process, heartbeat
from simulator.useragent.worker_spawner import WorkerSpawner
from tests.integration.relay.soon import soon


@pytest.fixture(autouse=True)
def _short_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.2)
    monkeypatch.setattr(heartbeat, "MOST_MISSED", 4)
    monkeypatch.setattr(fork_server_process, "_FORK_TIMEOUT", 0.5)


async def test_a_stopped_worker_is_killed_and_replaced() -> None:
    crashes: list[Crashed] = []
    async with Pool(WorkerSettings(), warm=1, limit=3) as pool:
        agent = await pool.lease()
        agent.on_crash = crashes.append
        os.kill(agent.pid, signal.SIGSTOP)
        await soon(lambda: bool(crashes), "its death")
        assert "it was stopped or hung" in crashes[0].how
        assert "SIGKILL" in crashes[0].how
        assert (await pool.lease()).alive


async def test_a_worker_that_runs_is_not_killed_by_a_parent_that_stood_still() -> None:
    async with Pool(WorkerSettings(), warm=0, limit=1) as pool:
        agent = await pool.lease()
        for _ in range(heartbeat.MOST_MISSED + 2):
            time.sleep(2 * heartbeat.INTERVAL)  # noqa: ASYNC251  # the loop stands still, as that of a stopped process
            await agent.follow_refers(603)
        assert agent.alive


async def test_a_stopped_fork_server_is_killed_and_replaced() -> None:
    async with Pool(WorkerSettings(), warm=0, limit=3) as pool:
        first = await pool.lease()
        crashes: list[Crashed] = []
        first.on_crash = crashes.append
        fork_server = psutil.Process(first.pid).ppid()
        os.kill(fork_server, signal.SIGSTOP)
        second = await pool.lease()
        assert psutil.Process(second.pid).ppid() != fork_server
        await soon(lambda: bool(crashes), "the death of the first worker")


async def test_a_fork_server_that_does_not_become_ready_is_killed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork_server_process, "_START_TIMEOUT", 0.3)
    parent = psutil.Process()
    before = set(parent.children())
    async with WorkerSpawner() as spawner:
        (stopped,) = set(parent.children()) - before
        stopped.suspend()
        with pytest.raises(WorkerCrashed, match="the fork server was not ready within"):
            await spawner.spawn(WorkerSettings())
        monkeypatch.setattr(fork_server_process, "_START_TIMEOUT", 15.0)
        pid, command_socket, _ = await spawner.spawn(WorkerSettings())
        command_socket.close()
        assert psutil.Process(pid).ppid() != stopped.pid
    assert not stopped.is_running()
