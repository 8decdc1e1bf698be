"""What a program under test costs beyond its own start: its environment, its output, its guard, the wait for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

from benchmarks.figures import Row, Run, timed
from fake_daily_server.clients.environment import program_environment
from fake_daily_server.handles.running_program import RunningProgram
from simulator.owner_loop import OwnerLoop

_PROGRAM = (sys.executable, "-u", "-c", "print('ready'); import sys; sys.stdin.read()")


def measure(run: Run) -> list[Row]:
    """Time from the start of a Python program until a test knows that it has printed a line, beyond the plain start.

    Both are started in turn: by `subprocess` and a read of its pipe, and by `RunningProgram`, as stories and
    `run_program` do, with the environment of the stand-in. Each sample is the difference of two successive starts, and
    may be negative.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    environment = program_environment(api_url="http://127.0.0.1:1/v1", api_key="unused")
    samples: list[float] = []
    repetitions = run.repetitions(40)
    for done in range(repetitions + 1):
        plain, under_test = _plain_start_ms(), await _start_under_test_ms(environment)
        if done:
            samples.append(under_test - plain)
        run.progress(done, repetitions)
    return [timed("program under test: beyond its own start", samples, limit_ms=50)]


def _plain_start_ms() -> float:
    began = time.perf_counter()
    with subprocess.Popen(_PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdout is not None, "stdout is a pipe"
        process.stdout.readline()
        took = time.perf_counter() - began
    return took * 1000


async def _start_under_test_ms(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    program = RunningProgram(_PROGRAM, owner_loop=OwnerLoop(), env=environment)
    try:
        await program.wait_for_output("ready")
        took = time.perf_counter() - began
    finally:
        await asyncio.to_thread(program.stop)
    return took * 1000
