"""Runs scenarios side by side in processes, each with servers of its own, and reports them whole and in order."""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import multiprocessing.util
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import connection
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scenarios.loading.scenario_files import ScenarioFile
from scenarios.reporting.console_report import PROGRESS_EVERY_S, ConsoleReport
from scenarios.reporting.run_log import Output
from scenarios.runner import Failure, Result, Servers, run_one
from simulator.front_door.recent_messages import SeenMessage
from simulator.paused_collector import paused_collector
from simulator.timeline import Record, RecordKind

_IMPORTED_ONCE = (
    "fake_daily_server.app",
    "fake_daily_server.web.http_server",
    "fake_daily_server.control.router",
    "fake_daily_server.telephony.service",
    "phonenumbers",
)
"""What each server needs, imported before the processes are forked: 0.25 s of each. Not numpy, which has threads."""

_PlainRecord = tuple[int, float, RecordKind, dict[str, Any]]


def default_jobs(files: int) -> int:
    """How many scenarios to run at a time: three for each processor, since most of a call is waiting."""
    return max(1, min(files, 3 * (os.cpu_count() or 1)))


@dataclass(frozen=True, slots=True)
class _Account:
    """What a process returns for one scenario: its log as text, and its result in picklable form."""

    text: str
    seconds: float
    records: list[_PlainRecord]
    failure: Failure | None
    expected: Failure | None
    messages: tuple[SeenMessage, ...]

    def result(self, file: ScenarioFile) -> Result:
        """The result of the scenario in `file`."""
        records = (Record(number, at, kind, MappingProxyType(fields)) for number, at, kind, fields in self.records)
        return Result(file, self.seconds, tuple(records), self.failure, self.expected, self.messages)


def run_in_parallel(
    files: Sequence[ScenarioFile],
    output: Output,
    *,
    jobs: int,
    settings: Mapping[str, Any],
    quiet: bool = False,
    colours: bool = False,
    stop_at_failure: bool = False,
    capture: Path | None = None,
    client: str | None = None,
) -> list[Result]:
    """Run the files, `jobs` at a time; write the log of each to `output` once all before it are written.

    With `stop_at_failure` no further file is begun, and the results are those up to the first failure. `capture` is an
    existing pcapng file, to which a section for each scenario is appended, in the order of `files`. `client` is the
    command with which the files were read.
    """
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder, _processes(jobs, dict(settings)) as processes:
        captures = [Path(folder, f"{index}.pcapng") if capture else None for index in range(len(files))]
        waiting = {
            processes.submit(_run, file.path, file.case, client, captures[index], quiet, colours): file
            for index, file in enumerate(files)
        }
        for number, (done, file) in enumerate(list(waiting.items())):
            account = _result_of(done, waiting, output, jobs)
            output.write(account.text)
            output.flush()
            results.append(account.result(file))
            section = captures[number]
            if capture is not None and section is not None and section.exists():
                with capture.open("ab") as all_sections:
                    all_sections.write(section.read_bytes())
            if stop_at_failure and not results[-1].passed:
                break
    return results


@contextmanager
def _processes(jobs: int, settings: dict[str, Any]) -> Iterator[ProcessPoolExecutor]:
    with paused_collector():
        for module in _IMPORTED_ONCE:
            import_module(module)
    # This process has one thread, so that a fork is safe, but for macOS, whose system libraries do not outlive a fork.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(settings,))
    try:
        yield executor
    except BaseException:
        for process in list((executor._processes or {}).values()):  # there is no public way to end them
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _result_of(
    wanted: Future[_Account], files: Mapping[Future[_Account], ScenarioFile], output: Output, jobs: int
) -> _Account:
    """Wait for one result; write a line every PROGRESS_EVERY_S meanwhile."""
    while not wanted.done():
        began = time.monotonic()
        wait([wanted], timeout=PROGRESS_EVERY_S, return_when=FIRST_COMPLETED)
        if not wanted.done() and time.monotonic() - began >= PROGRESS_EVERY_S:
            done = sum(future.done() for future in files)
            running = [file.name for future, file in files.items() if not future.done()][:jobs]
            output.write(f"   … {done} of {len(files)} scenarios are done; running: {', '.join(running)}\n")
            output.flush()
    return wanted.result()


# --- in the processes ----------------------------------------------------------------------------------------

_loop: asyncio.Runner
_servers: Servers
_running: set[asyncio.Task[Any]] = set()
"""The scenario that this process runs now, if any."""


def _begin(settings: dict[str, Any]) -> None:
    """Make the loop and the servers of this process, which run from one scenario to the next."""
    global _loop, _servers  # an initializer of a process pool has no other place for what it makes
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    signal.signal(signal.SIGTERM, _terminate)
    threading.Thread(target=_end_with_parent, name="waits for the end of the parent", daemon=True).start()
    _loop, _servers = asyncio.Runner(), Servers(settings)
    multiprocessing.util.Finalize(None, _end, exitpriority=100)


def _end() -> None:
    _loop.run(_servers.__aexit__(None, None, None))
    _loop.close()


def _end_with_parent() -> None:
    """End this process like a signal does when its parent ends: a killed parent does not say so."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "this runs in a process of the pool"  # noqa: S101
    connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def _terminate(number: int, frame: object) -> None:
    """End this process, once the programs under test of its scenario are stopped."""
    if not _running:
        os._exit(1)
    for task in _running:
        _loop.get_loop().call_soon_threadsafe(_cancel_once, task)


def _cancel_once(task: asyncio.Task[Any]) -> None:
    """Cancel a task; another signal must not interrupt what it does to end."""
    if not task.cancelling():
        task.cancel()


async def _run_one(file: ScenarioFile, report: ConsoleReport, capture: Path | None) -> Result:
    task = asyncio.current_task()
    assert task is not None, "a coroutine that runs has a task"  # noqa: S101
    _running.add(task)
    try:
        return await run_one(_servers, file, report, capture=capture)
    except asyncio.CancelledError:
        os._exit(1)
    finally:
        _running.discard(task)


def _run(
    path: Path, case: str | None, client: str | None, capture: Path | None, quiet: bool, colours: bool
) -> _Account:
    log = io.StringIO()
    report = ConsoleReport(log, total=1, quiet=quiet, colours=colours, progress=False)
    result = _loop.run(_run_one(ScenarioFile.read(path, client=client, case=case), report, capture))
    records = [(record.seq, record.at, record.kind, dict(record.fields)) for record in result.records]
    return _Account(log.getvalue(), result.seconds, records, result.failure, result.expected, result.messages)
