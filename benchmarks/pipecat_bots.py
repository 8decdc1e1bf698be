"""Pipecat from PyPI (installed by `make peers`) on the stand-in for daily-python."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from benchmarks.figures import Row, Run, timed
from benchmarks.fresh_process import ROOT, environment
from benchmarks.json_lines import run_job
from fake_daily_server.clients.environment import program_environment
from fake_daily_server.domain.room import Room
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings

_TEST = "tests/interop/pipecat/test_dial_out.py::test_the_bot_greets_and_answers"
_BOTS = 10
_MAX_MISSING = 0.001


def measure_test(run: Run) -> list[Row]:
    """Time of a pytest run with one test, in which a bot dials a phone, greets it and responds; Pipecat is imported."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", _TEST]
    samples: list[float] = []
    repetitions = run.repetitions(10)
    for done in range(repetitions + 1):
        began = time.perf_counter()
        ran = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
        took = (time.perf_counter() - began) * 1000
        if ran.returncode:
            raise RuntimeError(ran.stdout[-1500:])
        if done:
            samples.append(took)
        run.progress(done, repetitions)
    return [timed("a Pipecat dial-out test, all of pytest", samples, limit_ms=5000)]


def measure_clients(run: Run) -> list[Row]:
    """Ten bots in one process, each in a room with a phone whose tone it sends back.

    The target is met if the rooms' clock skipped no tick, and at most 0.1% of the bots' audio frames were missing when
    the mixer needed them.
    """
    return asyncio.run(_measure_clients(10.0 if run.quick else 30.0))


async def _measure_clients(seconds: float) -> list[Row]:
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        made = [await daily.create_room(sip={"sip_mode": "dial-in", "display_name": "Caller"}) for _ in range(_BOTS)]
        rooms = [daily.rooms.get(room.name) for room in made]
        job = {"rooms": [{"url": room.url, "token": room.owner_token} for room in made], "seconds": seconds}
        module = program_environment(api_url=daily.api_url, api_key=daily.api_key)
        async for result in run_job("benchmarks.pipecat_clients", job, PYTHONPATH=f"{module['PYTHONPATH']}:{ROOT}"):
            if "joined" in result:
                for room in made:
                    phone = await daily.network.phone()
                    await (await phone.dial(room.sip_uris[0])).hum(440)
            elif "settled" in result:
                begun = _bot_frames(rooms), daily.site.media_clock.counts.skipped
            else:
                ended, cpu_s = (_bot_frames(rooms), daily.site.media_clock.counts.skipped), result["cpu_s"]
        (read_before, missed_before), skipped_before = begun
        (read, missed), skipped = ended
    frames, missing, skipped_ticks = read - read_before, missed - missed_before, skipped - skipped_before
    return [
        Row(
            f"Pipecat: {_BOTS} bots in one process",
            f"{missing} of {frames} frames missing, {skipped_ticks} ticks skipped",
            target="0 ticks skipped, ≤ 0.1% missing",
            passed=skipped_ticks == 0 and frames > 0 and missing <= _MAX_MISSING * frames,
            median=float(missing),
            samples=_BOTS,
            unit="frames",
            notes=(f"their process took {cpu_s / seconds:.0%} of a core",),
        )
    ]


def _bot_frames(rooms: list[Room]) -> tuple[int, int]:
    """The audio frames of the bots that the mixers needed, and how many of them were missing."""
    legs = [
        leg
        for room in rooms
        for session_id, leg in room.media.statistics().items()
        if room.participants[session_id].participant_type is None
    ]
    return sum(leg.read for leg in legs), sum(leg.underruns for leg in legs)
