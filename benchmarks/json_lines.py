"""Jobs for other processes: a job is a JSON argument, its results are lines of JSON on standard output."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from typing import Any

from benchmarks.fresh_process import ROOT, environment


async def run_job(module: str, job: Mapping[str, Any], **more: str) -> AsyncIterator[dict[str, Any]]:
    """Run `python -m module JOB` with `more` added to its environment. Yields its results."""
    command = (sys.executable, "-m", module, json.dumps(job))
    async for result in run_program(*command, cwd=str(ROOT), env={**environment(), **more}):
        yield result


async def run_program(*command: str, cwd: str, env: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
    """Run a program. Yields its results. Raises RuntimeError if its exit status is not 0."""
    process = await asyncio.create_subprocess_exec(*command, cwd=cwd, env=env, stdout=PIPE)
    assert process.stdout is not None
    async for line in process.stdout:
        yield json.loads(line)
    if await process.wait():
        raise RuntimeError(f"{' '.join(command)[:200]} exited with status {process.returncode}")


def emit(**result: Any) -> None:
    """Print a result; called in the process of the job."""
    print(json.dumps(result), flush=True)
