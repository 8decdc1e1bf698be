"""The stand-in for daily-python: import, join, and first sound."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.figures import Row, Run, timed
from benchmarks.json_lines import run_job
from fake_daily_server.clients.environment import program_environment
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings

_IMPORT = "import time; began = time.perf_counter(); import daily; print((time.perf_counter() - began) * 1000)"


def measure_import(run: Run) -> list[Row]:
    """Time for `import daily` from PYTHONPATH in a fresh interpreter, without the interpreter's own start."""
    environment = program_environment(api_url="http://127.0.0.1:1/v1", api_key="unused")
    samples: list[float] = []
    repetitions = run.repetitions(25)
    for done in range(repetitions + 1):
        ran = subprocess.run([sys.executable, "-c", _IMPORT], env=environment, capture_output=True, check=True)
        if done:
            samples.append(float(ran.stdout))
        run.progress(done, repetitions)
    return [timed("import daily", samples, limit_ms=60)]


def measure_join(run: Run) -> list[Row]:
    """Time from `CallClient.join` until its completion is called, in a process that joins and leaves repeatedly.

    It is measured without sound, and with a microphone while another participant talks; then also until the renderer
    gets the first sound of that participant. The first join of each kind is reported separately, because it starts
    threads and imports modules.
    """
    return asyncio.run(_measure_join(run))


async def _measure_join(run: Run) -> list[Row]:
    times = run.repetitions(40)
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        room = await daily.create_room()
        talker = await daily.join(room, user_name="Talker")
        await talker.hum(440)
        job = {"url": room.url, "token": room.owner_token, "times": times + 1, "talker": talker.session_id}
        silent = [result["joined_ms"] async for result in run_job("benchmarks.daily_module_client", job)]
        run.progress(times, 2 * times)
        sounding = [result async for result in run_job("benchmarks.daily_module_client", {**job, "sound": True})]
    return [
        _join_row("daily-python: join without sound", silent, limit_ms=30),
        _join_row("daily-python: join with a microphone", [result["joined_ms"] for result in sounding], limit_ms=60),
        _join_row("daily-python: join to first sound", [result["heard_ms"] for result in sounding]),
    ]


def _join_row(name: str, samples: Sequence[float], *, limit_ms: float | None = None) -> Row:
    first, *later = samples
    return timed(name, later, limit_ms=limit_ms, notes=(f"first join of the process: {first:.0f} ms",))
