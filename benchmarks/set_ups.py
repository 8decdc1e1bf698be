"""Call set-up rate of the front door with four workers."""

from __future__ import annotations

import asyncio
import csv
import shutil
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.exchange import exchange
from benchmarks.figures import Row, Run, format_number
from simulator.errors import SimulatorError
from simulator.useragent.handle import UserAgent
from simulator.useragent.messages import Answered, AnyCallNotice, WorkerSettings
from simulator.useragent.pool import Pool

_RATE = 90
_WORKERS = 4
_CALL_DURATION = 0.020
"""Duration of each call in seconds."""
_OWN_CALLERS = 6


@dataclass(slots=True)
class _Outcome:
    """Results of the calls at the caller."""

    caller: str
    completed: int = 0
    failed: int = 0
    note: str = ""


def measure(run: Run) -> list[Row]:
    """Call set-up rate: 90 calls of 20 ms a second for 20 s, through the front door to a gateway with four workers.

    The caller is SIPp's stock scenario (`sipp -sn uac`) if it is installed: an independent SIP stack, which keeps its
    rate whatever happens to the calls. Otherwise it is six of our own user agents. A call is completed with INVITE,
    200, ACK, BYE and the 200 to the BYE; the rate is that of the INVITEs at the workers, from the first to the last.
    There is no fake Daily: the gateway answers each call at once.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    seconds = 4 if run.quick else 20
    async with exchange(workers=_WORKERS) as made:
        sipp = shutil.which("sipp")
        if sipp is not None:
            outcome = await _by_sipp(sipp, made.network.front_door.port, seconds, run)
        else:
            outcome = await _by_own_callers(made.network.address, seconds, run)
    return [
        Row(
            f"call set-up rate with {_WORKERS} workers",
            f"{format_number(made.rate)}/s, {outcome.failed} failed",
            target=f"{_RATE}/s, 0 failed",
            passed=outcome.failed == 0 and outcome.completed == _RATE * seconds and made.rate >= 0.99 * _RATE,
            median=made.rate,
            samples=outcome.completed + outcome.failed,
            unit="1/s",
            notes=(f"caller: {outcome.caller}; {outcome.completed} calls completed{outcome.note}",),
        )
    ]


async def _by_sipp(sipp: str, port: int, seconds: int, run: Run) -> _Outcome:
    with tempfile.TemporaryDirectory() as folder:
        statistics = Path(folder, "statistics.csv")
        process = await asyncio.create_subprocess_exec(
            *(sipp, f"127.0.0.1:{port}", "-sn", "uac", "-s", "bench", "-i", "127.0.0.1", "-mi", "127.0.0.1"),
            *("-p", str(_free_port()), "-mp", str(_free_port()), "-m", str(_RATE * seconds), "-r", str(_RATE)),
            *("-d", str(round(_CALL_DURATION * 1000)), "-timeout", f"{seconds + 20}", "-nostdin"),
            *("-fd", "1", "-trace_stat", "-stf", str(statistics)),
            cwd=folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=sys.stderr,
        )
        ending = asyncio.create_task(process.wait())
        for second in range(seconds):
            await asyncio.wait([ending], timeout=1)
            run.progress(second + 1, seconds)
        await ending
        last = _last_row(statistics)
    return _Outcome(
        "SIPp",
        completed=int(last["SuccessfulCall(C)"]),
        failed=int(last["FailedCall(C)"]),
        note=f", {last['Retransmissions(C)']} retransmissions",
    )


def _last_row(file: Path) -> dict[str, str]:
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter=";"))[-1]


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def _by_own_callers(address: str, seconds: int, run: Run) -> _Outcome:
    outcome = _Outcome(f"{_OWN_CALLERS} of our own user agents, because sipp is not installed")
    async with Pool(WorkerSettings(label="caller"), warm=_OWN_CALLERS, limit=_OWN_CALLERS) as pool:
        agents = [await pool.lease() for _ in range(_OWN_CALLERS)]
        began = time.monotonic()
        calls = []
        for nth in range(_RATE * seconds):
            await asyncio.sleep(max(0.0, began + nth / _RATE - time.monotonic()))
            calls.append(asyncio.create_task(_call(agents[nth % _OWN_CALLERS], address, outcome)))
            run.progress(nth // _RATE, seconds)
        await asyncio.gather(*calls)
    return outcome


async def _call(agent: UserAgent, address: str, outcome: _Outcome) -> None:
    answered = asyncio.Event()

    def note(notice: AnyCallNotice) -> None:
        if isinstance(notice, Answered):
            answered.set()

    try:
        call = await agent.dial(f"sip:bench@{address}", on_notice=note)
        async with asyncio.timeout(5):
            await answered.wait()
        await asyncio.sleep(_CALL_DURATION)
        await call.hang_up()
        await call.wait_ended(5)
    except (SimulatorError, TimeoutError):
        outcome.failed += 1
    else:
        outcome.completed += 1
