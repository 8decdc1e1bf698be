"""Resources that remain in use after a thousand calls."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from benchmarks.figures import Row, Run
from benchmarks.pace import Pace
from benchmarks.worker_memory import LIMIT_MB
from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.phone import Phone

_CALLS, _BATCH = 1000, 100
_MAX_GROWTH = 0.05
_SETTLING_TIME = 1.0
"""Seconds before a snapshot, because PJSIP keeps the sockets of a call for half a second after its end."""


@dataclass(frozen=True, slots=True)
class _Process:
    name: str
    handles: int
    threads: int
    rss: int
    cpu_s: float


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The resources in use between two calls; the processes by id, the parent first."""

    processes: dict[int, _Process]
    tasks: tuple[str, ...]

    @property
    def parent(self) -> _Process:
        return self.processes[os.getpid()]


def measure_with_resets(run: Run) -> list[Row]:
    """Resources in use over 1,000 successive calls, with a reset after each hundred, as between tests.

    Dial-outs and dial-ins alternate; each is answered and hung up. One second after the reset that follows the first
    hundred, half and all of the calls, these are compared: file descriptors, threads and RSS of the parent and of each
    worker, the number of processes, and asyncio tasks. A reset clears the timeline, so growth is a leak. Each reset
    gives the phone another worker, so the workers' memory is compared in the other measurement. There are at most 40
    calls a second, below the rate at which the front door queues calls for a PJSIP worker.
    """
    return asyncio.run(_measure(run, with_resets=True))


def measure_without_reset(run: Run) -> list[Row]:
    """Resources in use over 1,000 successive calls in one room, without reset, as on a long-running server.

    All calls are between one phone and a room with one client. Timeline and client keep the events of all calls,
    because later waits may match them, so the parent's memory grows by design; the note has the growth per call. The
    gateway's and the phone's worker carry all calls, so their memory after the first hundred and at the end can be
    compared; at the end it is also compared with the target for a worker.
    """
    return asyncio.run(_measure(run, with_resets=False))


async def _measure(run: Run, *, with_resets: bool) -> list[Row]:
    total = 400 if run.quick else _CALLS
    pace = Pace()
    snapshots: list[_Snapshot] = []
    async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False)) as daily:
        room, client, phone = await _set_up(daily)
        for call in range(total):
            await pace()
            await (_dial_in(client, phone, room) if call % 2 else _dial_out(client, phone))
            run.progress(call + 1, total)
            if (call + 1) % _BATCH == 0:
                if with_resets:
                    await daily.reset()
                if call + 1 in (_BATCH, total // 2 // _BATCH * _BATCH, total):
                    snapshots.append(await _snapshot())
                if with_resets and call + 1 < total:
                    room, client, phone = await _set_up(daily)
    first, last = snapshots[0], snapshots[-1]
    if with_resets:
        how = "with resets"
        parent = _growth(f"memory of the parent process, {how}", [one.parent for one in snapshots], total, judged=True)
        return [_still_open(first, last, total, how), parent]
    how = "without a reset"
    parent = _growth(f"memory of the parent process, {how}", [one.parent for one in snapshots], total, judged=False)
    return [_still_open(first, last, total, how), parent, *_workers(snapshots, total)]


async def _set_up(daily: FakeDaily) -> tuple[RoomHandle, Client, Phone]:
    room = await daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in", "display_name": "SIP"})
    return room, await daily.join(room), await daily.network.phone("+12065550142")


async def _dial_out(client: Client, phone: Phone) -> None:
    session = await client.start_dialout({"phoneNumber": str(phone.number)})
    await client.wait_for("dialout-answered", where={"sessionId": session})
    call = await phone.wait_for_call()
    await client.stop_dialout(session)
    await client.wait_for("dialout-stopped", where={"sessionId": session})
    await call.wait_for_end()


async def _dial_in(client: Client, phone: Phone, room: RoomHandle) -> None:
    call = await phone.dial(room.sip_uris[0])
    await call.wait_answered()
    await client.wait_for("dialin-connected")
    await call.hang_up()
    await client.wait_for("dialin-stopped")
    await call.wait_for_end()


async def _snapshot() -> _Snapshot:
    await asyncio.sleep(_SETTLING_TIME)
    gc.collect()
    me = psutil.Process()
    processes = {}
    for process in (me, *me.children(recursive=True)):
        with process.oneshot():
            name = "the parent" if process == me else f"process {process.pid}"
            cpu = process.cpu_times()
            processes[process.pid] = _Process(
                name, process.num_fds(), process.num_threads(), process.memory_info().rss, cpu.user + cpu.system
            )
    own = asyncio.current_task()
    return _Snapshot(processes, tuple(sorted(task.get_name() for task in asyncio.all_tasks() if task is not own)))


def _still_open(first: _Snapshot, last: _Snapshot, total: int, how: str) -> Row:
    both = first.processes.keys() & last.processes.keys()
    handles = sum(last.processes[pid].handles - first.processes[pid].handles for pid in both)
    threads = sum(last.processes[pid].threads - first.processes[pid].threads for pid in both)
    processes = len(last.processes) - len(first.processes)
    tasks = len(last.tasks) - len(first.tasks)
    replaced = len(first.processes.keys() - last.processes.keys())
    notes = [f"{name} {count:+}" for name, count in (("threads", threads), ("workers replaced", replaced)) if count]
    if tasks > 0:
        notes.append(f"tasks at the end: {', '.join(last.tasks)}"[:300])
    return Row(
        f"still open after {total} calls, {how}",
        f"handles {handles:+}, processes {processes:+}, tasks {tasks:+}",
        target="none",
        passed=max(handles, threads, processes, tasks, replaced) <= 0,
        samples=total,
        notes=tuple(notes),
    )


def _workers(snapshots: Sequence[_Snapshot], total: int) -> list[Row]:
    first, last = snapshots[0], snapshots[-1]
    cpu_times = {
        pid: process.cpu_s - first.processes[pid].cpu_s
        for pid, process in last.processes.items()
        if pid in first.processes and pid != os.getpid()
    }
    carriers = sorted(cpu_times, key=lambda pid: cpu_times[pid])[-2:]
    worst = max(carriers, key=lambda pid: _relative(first.processes[pid], last.processes[pid]))
    largest = max(last.processes[pid].rss for pid in carriers) / 2**20
    return [
        _growth(
            "memory of the worker with more growth", [one.processes[worst] for one in snapshots], total, judged=True
        ),
        Row(
            f"a worker after {total} calls",
            f"{largest:.1f} MB RSS",
            target=f"≤ {LIMIT_MB:.0f} MB RSS",
            passed=largest <= LIMIT_MB,
            median=largest,
            samples=len(carriers),
            unit="MB",
        ),
    ]


def _growth(name: str, states: Sequence[_Process], total: int, *, judged: bool) -> Row:
    first, last = states[0], states[-1]
    growth = _relative(first, last)
    calls = total - _BATCH
    return Row(
        name,
        f"{growth:+.1%}",
        target=f"≤ {_MAX_GROWTH:.0%}" if judged else "",
        passed=growth <= _MAX_GROWTH if judged else None,
        median=growth,
        samples=calls,
        unit="share",
        notes=(
            f"RSS {' → '.join(f'{one.rss / 2**20:.1f}' for one in states)} MB after {_BATCH}, half and all calls: "
            f"{(last.rss - first.rss) / 1024 / calls:.2f} KB per call",
        ),
    )


def _relative(first: _Process, last: _Process) -> float:
    return last.rss / first.rss - 1
