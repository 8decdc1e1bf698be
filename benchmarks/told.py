"""A job for a process of its own: told in JSON as its argument, answered in lines of JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from typing import Any

from benchmarks.apart import ROOT, environment


async def told_by(module: str, job: Mapping[str, Any], **more: str) -> AsyncIterator[dict[str, Any]]:
    """Run `python -m module JOB`, with `more` in its environment: what it tells, line by line."""
    command = (sys.executable, "-m", module, json.dumps(job))
    async for told in lines_of(*command, cwd=str(ROOT), env={**environment(), **more}):
        yield told


async def lines_of(*command: str, cwd: str, env: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
    """Run any program: what it tells, line by line. Raises RuntimeError when it fails."""
    process = await asyncio.create_subprocess_exec(*command, cwd=cwd, env=env, stdout=PIPE)
    assert process.stdout is not None
    async for line in process.stdout:
        yield json.loads(line)
    if await process.wait():
        raise RuntimeError(f"{' '.join(command)[:200]} ended with status {process.returncode}")


def tell(**told: Any) -> None:
    """From over there."""
    print(json.dumps(told), flush=True)
