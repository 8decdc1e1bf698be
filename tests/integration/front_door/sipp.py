"""Runs of SIPp and their statistics."""

from __future__ import annotations

import asyncio
import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """The cumulative counters of a finished SIPp run."""

    code: int
    successful: int
    unexpected: int
    """Calls that failed because of a message that the scenario did not expect, such as a 503."""
    failed: int
    """All calls that did not succeed, including the unexpected ones."""
    retransmissions: int
    screen: str


async def run(folder: Path, *arguments: str, within: float = 45) -> Outcome:
    """Run SIPp with these arguments until it exits."""
    statistics = folder / "statistics.csv"
    process = await asyncio.create_subprocess_exec(
        "sipp",
        *arguments,
        *("-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-timeout", str(int(within))),
        *("-trace_stat", "-stf", str(statistics), "-fd", "100"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        screen, _ = await asyncio.wait_for(process.communicate(), within + 5)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    last = list(csv.DictReader(statistics.read_text().splitlines(), delimiter=";"))[-1]
    return Outcome(
        code=process.returncode or 0,
        successful=int(last["SuccessfulCall(C)"]),
        unexpected=int(last["FailedUnexpectedMessage(C)"]),
        failed=int(last["FailedCall(C)"]),
        retransmissions=int(last["Retransmissions(C)"]),
        screen=screen.decode(errors="replace")[-3000:],
    )
