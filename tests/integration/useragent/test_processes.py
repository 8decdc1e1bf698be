"""Leases, crashes and exits of worker processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from simulator.errors import ConfigurationError, SimulatorError, WorkerCrashed
from simulator.useragent import Answered, Crashed, Ended, Media, Pool, WorkerSettings
from tests.integration.useragent.conftest import AnsweredCall, Connect
from tests.integration.useragent.party import Party

ROOT = Path(__file__).parents[3]


async def eventually(condition: Callable[[], object], what: str, within: float = 2) -> None:
    try:
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110  # the system has no event for it
                await asyncio.sleep(0.005)
    except TimeoutError:
        pytest.fail(f"{what}: not within {within} s")


async def test_a_killed_worker_ends_its_calls_at_once_and_is_replaced(pool: Pool, connect: Connect) -> None:
    answered = await connect()
    agent = answered.callee_agent
    crashes: list[Crashed] = []
    agent.on_crash = crashes.append
    pending = asyncio.ensure_future(agent.dial("sip:nobody@127.0.0.1:9"))
    os.kill(agent.pid, signal.SIGKILL)
    ended = await answered.callee_notices.wait(Ended, within=1)
    assert (ended.by, answered.callee.state) == ("worker", "ended")
    assert len(crashes) == 1
    assert (crashes[0].pid, crashes[0].how) == (agent.pid, "signal 9 (SIGKILL)")
    for verb in (pending, answered.callee.hang_up(), agent.dial("sip:x@127.0.0.1"), agent.reset()):
        with pytest.raises(WorkerCrashed, match="SIGKILL"):
            await verb
    await pool.release(agent)
    await eventually(lambda: agent not in pool.workers and len(pool.workers) >= 3, "a replacement")
    await answered.caller.hang_up()
    new = Party(await pool.lease())
    _, notices = await Party(await pool.lease()).dial(new)
    other, _, _ = await new.next_call()
    await other.answer()
    await notices.wait(Answered)


async def test_an_aborted_worker_logs_its_stack(pool: Pool, capsys: pytest.CaptureFixture[str]) -> None:
    agent = await pool.lease()
    crashes: list[Crashed] = []
    agent.on_crash = crashes.append
    os.kill(agent.pid, signal.SIGABRT)
    await eventually(lambda: crashes, "a crash")
    assert "SIGABRT" in crashes[0].how
    await eventually(lambda: "most recent call first" in capsys.readouterr().out, "a stack in the log")


async def test_a_worker_that_cannot_start_says_why() -> None:
    async with Pool(WorkerSettings(host="192.0.2.1"), warm=0, limit=1) as pool:
        with pytest.raises(WorkerCrashed, match=r"exit status 1: .*assign requested address"):
            await pool.lease()


async def test_leases_are_limited_and_reused() -> None:
    async with Pool(WorkerSettings(), warm=0, limit=2) as pool:
        one, two = await asyncio.gather(pool.lease(), pool.lease())
        assert one is not two
        with pytest.raises(ConfigurationError, match="release one or raise the limit"):
            await pool.lease()
        await pool.release(two)
        assert await pool.lease() is two
    with pytest.raises(ConfigurationError):
        await pool.lease()
    for warm, limit in ((3, 2), (-1, 1), (0, 0)):
        with pytest.raises(ConfigurationError):
            Pool(WorkerSettings(), warm=warm, limit=limit)


async def test_release_hangs_up_and_resets(pool: Pool, answered: AnsweredCall) -> None:
    agent = answered.caller_agent
    await pool.release(agent)
    assert (await answered.callee.wait_ended(1)).by == "remote"
    assert (await answered.caller.wait_ended(1)).by == "local"
    assert agent.alive
    await pool.release(agent)  # twice is once


async def test_a_worker_that_cannot_be_reset_is_replaced(pool: Pool) -> None:
    """The peer does not answer, so the call cannot be ended in time."""
    agent = await pool.lease()
    await agent.dial("sip:nobody@127.0.0.1:9")
    await pool.release(agent)
    if not agent.alive:
        await eventually(lambda: agent not in pool.workers, "its removal")
    assert (await pool.lease()).alive


async def test_a_killed_fork_server_is_replaced(pool: Pool) -> None:
    agent = await pool.lease()
    crashes: list[Crashed] = []
    agent.on_crash = crashes.append
    fork_server = psutil.Process(agent.pid).ppid()
    os.kill(fork_server, signal.SIGKILL)
    await eventually(lambda: crashes, "a crash of the worker")
    for _ in range(10):
        try:
            new = await pool.lease()
        except SimulatorError:
            continue
        if new.alive:
            break
    assert psutil.Process(new.pid).ppid() != fork_server


async def test_close_is_quick_and_leaves_no_process_or_descriptor(answered: AnsweredCall) -> None:
    me = psutil.Process()
    before = me.num_fds()
    async with Pool(WorkerSettings(), warm=3, limit=4) as pool:
        alice, bob = Party(await pool.lease()), Party(await pool.lease())
        _, notices = await alice.dial(bob)
        other, _, _ = await bob.next_call()
        await other.answer()
        await notices.wait(Media)
        pids = [worker.pid for worker in pool.workers]
        began = time.monotonic()
    assert time.monotonic() - began < 2
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert me.num_fds() == before
    assert notices.kinds[-1] == "ended"


def still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run after a second. Zombies do not count."""
    deadline = time.monotonic() + 1
    while (running := [p for p in processes if _runs(p)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return running


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


PARENT = """
import asyncio, os, sys, time
from simulator.useragent import Pool, WorkerSettings
async def main():
    async with Pool(WorkerSettings(), warm=2, limit=4) as pool:
        agents = [await pool.lease() for _ in range(3)]
        if "fork" in sys.argv and os.fork() == 0:
            time.sleep(20)  # a user's own child process holds all our descriptors
            os._exit(0)
        print(*[a.pid for a in agents], flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.parametrize("manner", ["plain", "fork"])
def test_no_worker_outlives_a_killed_parent(manner: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, manner], stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout is not None
    with parent.stdout:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 3
    family = psutil.Process(parent.pid).children(recursive=True)
    forks = [p for p in family if manner == "fork" and p.ppid() == parent.pid and "-c" in p.cmdline()]
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    try:
        assert not still_running([p for p in family if p not in forks])
    finally:
        for fork in forks:
            fork.kill()


def test_ctrl_c_ends_all_processes() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    family = psutil.Process(parent.pid).children(recursive=True)
    os.killpg(parent.pid, signal.SIGINT)
    _, errors = parent.communicate(timeout=5)
    assert b"pjsua" not in errors
    assert not still_running(family)


async def test_two_hundred_calls_leak_no_descriptors_and_no_memory(alice: Party, bob: Party) -> None:
    me, one, two = psutil.Process(), psutil.Process(alice.agent.pid), psutil.Process(bob.agent.pid)
    answers = []
    bob.agent.on_incoming = lambda call, _: answers.append(asyncio.ensure_future(call.answer()))

    async def call_once() -> None:
        call, notices = await alice.dial(bob)
        await notices.wait(Answered)
        await call.hang_up()
        await call.wait_ended(3)

    async def settled() -> list[int]:
        await asyncio.sleep(0.7)  # PJSIP closes the sockets of an ended call after half a second
        return [p.num_fds() for p in (me, one, two)]

    for _ in range(20):
        await call_once()
    await eventually(lambda: not bob.agent.calls, "the end of all calls")
    before, memory = await settled(), [p.memory_info().rss for p in (one, two)]
    began = time.monotonic()
    for _ in range(180):
        await call_once()
    assert time.monotonic() - began < 30
    await eventually(lambda: not bob.agent.calls, "the end of all calls")
    assert await settled() == before
    assert not alice.agent.calls
    for now, then in zip((one, two), memory, strict=True):
        assert now.memory_info().rss - then < 15_000_000  # PJSIP's pools grow so far, then no more
    await asyncio.gather(*answers)


def test_the_parent_never_loads_pjsip() -> None:
    code = "import simulator.useragent, sys; print([m for m in sys.modules if 'pjsua' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
