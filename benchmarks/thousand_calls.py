"""What a thousand calls leave behind."""

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
_MOST_GROWTH = 0.05
_SETTLING_S = 1.0
"""PJSIP keeps the sockets of a call for half a second after its end."""


@dataclass(frozen=True, slots=True)
class _Process:
    name: str
    handles: int
    threads: int
    rss: int
    cpu_s: float


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What there is when all is quiet: by process id, the parent first."""

    processes: dict[int, _Process]
    tasks: tuple[str, ...]

    @property
    def parent(self) -> _Process:
        return self.processes[os.getpid()]


def measure_with_resets(run: Run) -> list[Row]:
    """1,000 calls, one after the other, with a reset after each hundred, as between tests; all processes compared.

    Dial-outs and dial-ins in turn, each answered and hung up. After the first hundred and after the last the
    same is counted, a second after the reset: open handles, threads and RSS of the parent and of every worker, the
    processes themselves, and asyncio's tasks. A reset forgets the timeline, so growth is what leaks. Workers take turns
    at being the phone's here; so their memory is compared in the other run.
    At most 40 calls a second, under the pace at which a PJSIP worker makes new calls wait.
    """
    return asyncio.run(_measure(run, with_resets=True))


def measure_without_reset(run: Run) -> list[Row]:
    """The same with one room, one client, one phone and no reset at all, as in a box that is left running.

    Now timeline and client keep all events of all calls, because waits may look back at them. So the parent's memory
    grows by design; how much a call costs is in the note. The two workers, the gateway's and the phone's, carry all
    calls, so that "after the first hundred" is the same for both; what they have reached at the end is also held
    against the target for a worker.
    """
    return asyncio.run(_measure(run, with_resets=False))


async def _measure(run: Run, *, with_resets: bool) -> list[Row]:
    total = 400 if run.quick else _CALLS
    pace = Pace()
    taken: list[_Snapshot] = []
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
                    taken.append(await _settled())
                if with_resets and call + 1 < total:
                    room, client, phone = await _set_up(daily)
    first, last = taken[0], taken[-1]
    if with_resets:
        how = "with resets"
        parent = _growth(f"memory of the parent, {how}", [one.parent for one in taken], total, judged=True)
        return [_left_behind(first, last, total, how), parent]
    how = "without a reset"
    parent = _growth(f"memory of the parent, {how}", [one.parent for one in taken], total, judged=False)
    return [_left_behind(first, last, total, how), parent, *_workers(taken, total)]


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


async def _settled() -> _Snapshot:
    await asyncio.sleep(_SETTLING_S)
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


def _left_behind(first: _Snapshot, last: _Snapshot, total: int, how: str) -> Row:
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
        f"left behind by {total} calls, {how}",
        f"handles {handles:+}, processes {processes:+}, tasks {tasks:+}",
        target="none",
        passed=max(handles, threads, processes, tasks, replaced) <= 0,
        samples=total,
        notes=tuple(notes),
    )


def _workers(taken: Sequence[_Snapshot], total: int) -> list[Row]:
    first, last = taken[0], taken[-1]
    worked = {
        pid: process.cpu_s - first.processes[pid].cpu_s
        for pid, process in last.processes.items()
        if pid in first.processes and pid != os.getpid()
    }
    carriers = sorted(worked, key=lambda pid: worked[pid])[-2:]
    worst = max(carriers, key=lambda pid: _relative(first.processes[pid], last.processes[pid]))
    largest = max(last.processes[pid].rss for pid in carriers) / 2**20
    return [
        _growth("memory of the worse worker", [one.processes[worst] for one in taken], total, judged=True),
        Row(
            f"a worker that has carried {total} calls",
            f"{largest:.1f} MB RSS",
            target=f"≤ {LIMIT_MB:.0f} MB RSS",
            passed=largest <= LIMIT_MB,
            median=largest,
            samples=len(carriers),
            unit="MB",
        ),
    ]


def _growth(name: str, taken: Sequence[_Process], total: int, *, judged: bool) -> Row:
    first, last = taken[0], taken[-1]
    growth = _relative(first, last)
    calls = total - _BATCH
    return Row(
        name,
        f"{growth:+.1%}",
        target=f"≤ {_MOST_GROWTH:.0%}" if judged else "",
        passed=growth <= _MOST_GROWTH if judged else None,
        median=growth,
        samples=calls,
        unit="share",
        notes=(
            f"RSS {' → '.join(f'{one.rss / 2**20:.1f}' for one in taken)} MB after {_BATCH}, half of them, and all: "
            f"{(last.rss - first.rss) / 1024 / calls:.2f} KB a call",
        ),
    )


def _relative(first: _Process, last: _Process) -> float:
    return last.rss / first.rss - 1
