"""Pipecat as it comes from PyPI, on the stand-in for daily-python (`make peers` installs it)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from benchmarks.apart import ROOT, environment
from benchmarks.figures import Row, Run, timed
from benchmarks.told import told_by
from fake_daily_server.clients.environment import program_environment
from fake_daily_server.domain.room import Room
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings

_TEST = "tests/interop/pipecat/test_dial_out.py::test_the_bot_greets_and_answers"
_BOTS = 10
_MOST_MISSED = 0.001


def measure_test(run: Run) -> list[Row]:
    """A whole `pytest` run of one test: a bot calls a phone, greets it and answers; Pipecat's import included."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", _TEST]
    samples: list[float] = []
    repetitions = run.times(10)
    for done in range(repetitions + 1):
        began = time.perf_counter()
        ran = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
        took = (time.perf_counter() - began) * 1000
        if ran.returncode:
            raise RuntimeError(ran.stdout[-1500:])
        if done:
            samples.append(took)
        run.progress(done, repetitions)
    return [timed("a Pipecat dial-out test, all of pytest", samples, most_ms=5000)]


def measure_clients(run: Run) -> list[Row]:
    """Ten bots in one process, each in a room with a phone, whose tone it hears and says again.

    Real time holds when the room clock left out no tick and at most 0.1% of the frames of the bots' voices were
    missing when the mixer needed them.
    """
    return asyncio.run(_measure_clients(10.0 if run.quick else 30.0))


async def _measure_clients(seconds: float) -> list[Row]:
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        made = [await daily.create_room(sip={"sip_mode": "dial-in", "display_name": "Caller"}) for _ in range(_BOTS)]
        rooms = [daily.rooms.get(room.name) for room in made]
        job = {"rooms": [{"url": room.url, "token": room.owner_token} for room in made], "seconds": seconds}
        module = program_environment(api_url=daily.api_url, api_key=daily.api_key)
        async for told in told_by("benchmarks.pipecat_clients", job, PYTHONPATH=f"{module['PYTHONPATH']}:{ROOT}"):
            if "joined" in told:
                for room in made:
                    phone = await daily.network.phone()
                    await (await phone.dial(room.sip_uris[0])).hum(440)
            elif "settled" in told:
                begun = _voices(rooms), daily.site.media_clock.counts.skipped
            else:
                ended, cpu_s = (_voices(rooms), daily.site.media_clock.counts.skipped), told["cpu_s"]
        (read_before, missed_before), skipped_before = begun
        (read, missed), skipped = ended
    frames, missing, left_out = read - read_before, missed - missed_before, skipped - skipped_before
    return [
        Row(
            f"Pipecat: {_BOTS} bots in one process",
            f"{missing} of {frames} frames missing, {left_out} ticks left out",
            target="0 ticks left out, ≤ 0.1% missing",
            passed=left_out == 0 and frames > 0 and missing <= _MOST_MISSED * frames,
            median=float(missing),
            samples=_BOTS,
            unit="frames",
            notes=(f"their process took {cpu_s / seconds:.0%} of a core",),
        )
    ]


def _voices(rooms: list[Room]) -> tuple[int, int]:
    """Frames that the mixers have asked the bots for, and how many of them were not there."""
    legs = [
        leg
        for room in rooms
        for session_id, leg in room.media.statistics().items()
        if room.participants[session_id].participant_type is None
    ]
    return sum(leg.read for leg in legs), sum(leg.underruns for leg in legs)
