"""The stand-in for daily-python: how soon a Python bot is there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.figures import Row, Run, timed
from benchmarks.told import told_by
from fake_daily_server.clients.environment import program_environment
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings

_IMPORT = "import time; began = time.perf_counter(); import daily; print((time.perf_counter() - began) * 1000)"


def measure_import(run: Run) -> list[Row]:
    """`import daily` in a fresh Python, as a bot finds it on PYTHONPATH; Python's own start is not in it."""
    environment = program_environment(api_url="http://127.0.0.1:1/v1", api_key="unused")
    samples: list[float] = []
    repetitions = run.times(25)
    for done in range(repetitions + 1):
        ran = subprocess.run([sys.executable, "-c", _IMPORT], env=environment, capture_output=True, check=True)
        if done:
            samples.append(float(ran.stdout))
        run.progress(done, repetitions)
    return [timed("import daily", samples, most_ms=60)]


def measure_join(run: Run) -> list[Row]:
    """`CallClient.join` until its completion is called, the client in a process of its own that joins and leaves.

    Without sound; and with a microphone, somebody else in the room talking, until joined and until the first
    sound of that voice is handed to the renderer. The first join of each kind is apart: it starts threads and
    loads what sound needs.
    """
    return asyncio.run(_measure_join(run))


async def _measure_join(run: Run) -> list[Row]:
    times = run.times(40)
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        room = await daily.create_room()
        talker = await daily.join(room, user_name="Talker")
        await talker.hum(440)
        job = {"url": room.url, "token": room.owner_token, "times": times + 1, "talker": talker.session_id}
        silent = [told["joined_ms"] async for told in told_by("benchmarks.daily_module_client", job)]
        run.progress(times, 2 * times)
        sounding = [told async for told in told_by("benchmarks.daily_module_client", {**job, "sound": True})]
    return [
        _joining("daily-python: join without sound", silent, most_ms=30),
        _joining("daily-python: join with a microphone", [told["joined_ms"] for told in sounding], most_ms=60),
        _joining("daily-python: join to first sound", [told["heard_ms"] for told in sounding]),
    ]


def _joining(name: str, samples: Sequence[float], *, most_ms: float | None = None) -> Row:
    first, *later = samples
    return timed(name, later, most_ms=most_ms, notes=(f"the first of the process: {first:.0f} ms",))
