"""Memory of a user agent's process."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import psutil

from benchmarks.figures import Row, Run
from benchmarks.tone import write_tone
from simulator.useragent.handle import Call, UserAgent
from simulator.useragent.messages import Incoming, WorkerSettings
from simulator.useragent.pool import Pool

LIMIT_MB = 40.0
"""Target for the RSS, in MB."""
_CALLS = 4


def measure(run: Run) -> list[Row]:
    """RSS of a worker: idle, and with the four calls that it can carry, after two seconds of audio in both directions.

    RSS counts the pages that a worker shares with the process that forked it. The memory that one more worker takes is
    closer to the PSS, which divides shared pages by the number of their users (Linux only). The target is compared with
    the largest RSS of any worker in either state.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        tone = write_tone(Path(folder, "tone.wav"), hertz=440)
        async with Pool(WorkerSettings(label="bench"), warm=2, limit=2) as pool:
            caller, callee = await pool.lease(), await pool.lease()
            idle = [_sizes(agent) for agent in (caller, callee)]
            run.progress(1, 2)
            await _talk(caller, callee, tone)
            busy = [_sizes(agent) for agent in (caller, callee)]
            run.progress(2, 2)
    largest = max(rss for rss, _ in idle + busy)
    notes = [f"idle: {_text(idle)}", f"with {_CALLS} calls: {_text(busy)}"]
    return [
        Row(
            "a worker",
            f"at most {largest:.1f} MB RSS",
            target=f"≤ {LIMIT_MB:.0f} MB RSS",
            passed=largest <= LIMIT_MB,
            median=largest,
            samples=len(idle + busy),
            unit="MB",
            notes=tuple(notes),
        )
    ]


async def _talk(caller: UserAgent, callee: UserAgent, tone: Path) -> None:
    answering: list[asyncio.Task[None]] = []

    def take(call: Call, _: Incoming) -> None:
        answering.append(asyncio.create_task(_answer(call, tone)))

    callee.on_incoming = take
    for _ in range(_CALLS):
        call = await caller.dial(f"sip:bench@{callee.address}")
        await call.play(tone, loop=True)
    await asyncio.sleep(2)
    await asyncio.gather(*answering)
    states = [call.state for agent in (caller, callee) for call in agent.calls.values()]
    if states != ["answered"] * 2 * _CALLS:
        raise RuntimeError(f"not all calls are up: {states}")


async def _answer(call: Call, tone: Path) -> None:
    await call.answer()
    await call.play(tone, loop=True)


def _sizes(agent: UserAgent) -> tuple[float, float | None]:
    info = psutil.Process(agent.pid).memory_full_info()
    pss = getattr(info, "pss", None)
    return info.rss / 2**20, None if pss is None else pss / 2**20


def _text(sizes: list[tuple[float, float | None]]) -> str:
    return ", ".join(f"{rss:.1f} MB RSS" + ("" if pss is None else f" ({pss:.1f} PSS)") for rss, pss in sizes)
