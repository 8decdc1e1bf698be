"""Running a program as if it were not wrapped: its terminal, its signals, its exit status."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

CANNOT_RUN, NOT_FOUND, BY_SIGNAL = 126, 127, 128
"""Exit statuses as shells give them; the number of the signal is added to the last."""

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotStart(Exception):
    """The program is not there or may not be run; `status` is what a shell would exit with."""

    def __init__(self, program: str, failure: OSError) -> None:
        self.status = NOT_FOUND if isinstance(failure, FileNotFoundError) else CANNOT_RUN
        super().__init__(f"{program!r} cannot be started: {failure.strerror}")


async def run_program(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` with this process's stdin, stdout and stderr; returns its exit status once it has ended.

    SIGINT, SIGTERM and SIGHUP of this process are passed on to it. Raises CannotStart.
    """
    with _passing_signals_on() as signals:
        try:
            process = await asyncio.create_subprocess_exec(*command, env=environment)
        except OSError as failure:
            raise CannotStart(command[0], failure) from None
        signals.go_to(process)
        status = await process.wait()
    return status if status >= 0 else BY_SIGNAL - status


class _Signals:
    """Those that come before the program is there wait for it."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._early: list[signal.Signals] = []

    def go_to(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def take(self, number: signal.Signals) -> None:
        if number is not signal.SIGTERM and _sent_by_the_terminal():
            return
        if self._process is None:
            self._early.append(number)
        elif self._process.returncode is None:
            self._process.send_signal(number)


@contextmanager
def _passing_signals_on() -> Iterator[_Signals]:
    loop, signals = asyncio.get_running_loop(), _Signals()
    passed_on = [number for number in _PASSED_ON if signal.getsignal(number) is not signal.SIG_IGN]
    for number in passed_on:
        loop.add_signal_handler(number, signals.take, number)
    try:
        yield signals
    finally:
        for number in passed_on:
            loop.remove_signal_handler(number)


def _sent_by_the_terminal() -> bool:
    """Whether Ctrl-C reaches the program by itself, being typed at the terminal in whose foreground both are."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
