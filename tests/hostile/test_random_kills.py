"""Child processes of a server are killed at random, whatever calls there are, and the next call works.

The server itself is killed, and nothing of it goes on running.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.errors import SimulatorError
from simulator.phone import Phone
from simulator.timeline import Record, Timeline
from tests.hostile.killed import children, kill_unnoticed
from tests.hostile.profile import HOST, chosen, random_seed

ROOT = Path(__file__).parents[2]
KILLS = chosen(short=5, long=100)
SERVERS = chosen(short=2, long=30)
WITHIN_S = 5.0
"""How long after a kill calls may fail: as long as a call waits for the process that replaces a dead one."""
GONE_WITHIN_S = 1.0
"""How long after the death of a server its children may run."""
LONGEST_LIFE_S = 4.0
"""A server is killed at most so long after it was started."""

_MARK = "DAILY_SIM_KILLED_SERVER"
"""A variable of the environment that the processes of a server inherit."""


@dataclass
class Line:
    """A room with a client, and a phone."""

    room: RoomHandle
    client: Client
    phone: Phone
    timeline: Timeline

    @classmethod
    async def of(cls, daily: FakeDaily, number: str) -> Line:
        room = await daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in", "display_name": "caller"})
        return cls(room, await daily.join(room), await daily.network.phone(number), daily.timeline)

    async def dial_in(self, within: float) -> None:
        call = await self.phone.dial(self.room.sip_uris[0])
        await call.wait_answered(within=within)

    async def dial_out(self, within: float) -> None:
        """Dial the phone; AssertionError when it was not answered, as soon as that is certain."""
        session_id = await self.client.start_dialout({"phoneNumber": self.phone.number})

        def is_outcome(record: Record) -> bool:
            event = record.fields.get("event") or {}
            return event.get("sessionId") == session_id and event["action"] in ("dialout-answered", "dialout-error")

        outcome = await self.timeline.wait(is_outcome, within=within)
        assert outcome is not None, f"neither dialout-answered nor dialout-error within {within:g} s"
        assert outcome.fields["event"]["action"] == "dialout-answered", outcome.fields["event"]

    async def begin_dialling_in(self) -> None:
        await self.phone.dial(self.room.sip_uris[0])

    async def begin_dialling_out(self) -> None:
        await self.client.start_dialout({"phoneNumber": self.phone.number})


@pytest.mark.timeout(60 + 10 * KILLS)
async def test_the_next_call_works_after_any_kill() -> None:
    seed = random_seed()
    sys.stderr.write(f"random seed {seed}; DAILY_SIM_ATTACK_SEED={seed} repeats it\n")
    chance = random.Random(seed)
    others = set(children())
    async with FakeDaily(Settings(host=HOST, port=0, sip_port=0, sip_timers="fast")) as daily:
        for number in range(KILLS):
            busy, idle = await Line.of(daily, "+12065550142"), await Line.of(daily, "+12065550143")
            state = chance.choice(["idle", "dialling out", "dialled out", "dialling in", "dialled in"])
            await _bring_into(busy, state)
            running = {pid: psutil.Process(pid).name() for pid in children() if pid not in others}
            victims = chance.sample(sorted(running), min(chance.choice([1, 2]), len(running)))
            noticed = chance.random() < 0.4
            await _kill(daily, victims, noticed=noticed)
            way = chance.choice([idle.dial_in, idle.dial_out])
            what = f"kill {number}: {[running[pid] for pid in victims]}, {noticed=}, {state}, {way.__name__}"
            await _works(way, what)
            await daily.reset()


async def _bring_into(line: Line, state: str) -> None:
    match state:
        case "dialling out":
            await line.begin_dialling_out()
        case "dialled out":
            await line.dial_out(within=4)
        case "dialling in":
            await line.begin_dialling_in()
        case "dialled in":
            await line.dial_in(within=4)


async def _kill(daily: FakeDaily, pids: list[int], *, noticed: bool) -> None:
    """Kill processes while the server runs and notices it at once, or while it stands still."""
    if not noticed:
        await kill_unnoticed(daily.owner_loop, *pids)
        return
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


async def _works(call: Callable[[float], Awaitable[None]], what: str) -> None:
    """Call until a call is answered; those that are under way when a process dies may fail."""
    until = time.monotonic() + WITHIN_S
    while True:
        try:
            await call(max(0.1, until - time.monotonic()))
        except (SimulatorError, AssertionError) as error:
            if time.monotonic() > until:
                raise AssertionError(f"{what}: no call has worked within {WITHIN_S:g} s, at last: {error}") from error
            await asyncio.sleep(0.05)
        else:
            return


@pytest.mark.timeout(60 + 8 * SERVERS)
def test_a_killed_server_leaves_no_process() -> None:
    seed = random_seed()
    sys.stderr.write(f"random seed {seed}; DAILY_SIM_ATTACK_SEED={seed} repeats it\n")
    chance = random.Random(seed)
    for number in range(SERVERS):
        mark = f"{seed}-{number}-{os.getpid()}"
        command = [sys.executable, "-m", "fake_daily_server", "--host", HOST, "--port", "0", "--sip-port", "0"]
        environment = {**os.environ, _MARK: mark}
        life = chance.uniform(0, LONGEST_LIFE_S)
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as server:
            time.sleep(life)
            server.kill()
        psutil.wait_procs(_marked(mark), timeout=GONE_WITHIN_S)
        left = _marked(mark)
        for process in left:
            process.kill()
        assert left == [], f"server {number} was killed {life:.2f} s after its start"


def _marked(mark: str) -> list[psutil.Process]:
    """The running processes that have inherited the mark, whoever their parent is by now."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(_MARK) == mark:
                found.append(process)
    return found
