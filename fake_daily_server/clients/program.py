"""Runs a program as if it had been started directly: with this terminal, its signals, and its exit status."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

CANNOT_RUN, NOT_FOUND, BY_SIGNAL = 126, 127, 128
"""Exit statuses in shells' convention; the number of the signal is added to BY_SIGNAL."""

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotStart(Exception):
    """The program does not exist or cannot be executed; `status` is the exit status that a shell returns for this."""

    def __init__(self, program: str, failure: OSError) -> None:
        self.status = NOT_FOUND if isinstance(failure, FileNotFoundError) else CANNOT_RUN
        super().__init__(f"{program!r} cannot be started: {failure.strerror}")


async def run_program(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` with this process's stdin, stdout and stderr; return its exit status once it has ended.

    SIGINT, SIGTERM and SIGHUP of this process are forwarded to the program. Raises CannotStart.
    """
    with _forwarding_signals() as forwarder:
        try:
            process = await asyncio.create_subprocess_exec(*command, env=environment)
        except OSError as failure:
            raise CannotStart(command[0], failure) from None
        forwarder.set_process(process)
        status = await process.wait()
    return status if status >= 0 else BY_SIGNAL - status


class _SignalForwarder:
    """Forwards signals to a program; signals that arrive before the program has started are forwarded at its start."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._early: list[signal.Signals] = []

    def set_process(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def forward(self, number: signal.Signals) -> None:
        if number is not signal.SIGTERM and _sent_by_terminal():
            return
        if self._process is None:
            self._early.append(number)
        elif self._process.returncode is None:
            self._process.send_signal(number)


@contextmanager
def _forwarding_signals() -> Iterator[_SignalForwarder]:
    loop, forwarder = asyncio.get_running_loop(), _SignalForwarder()
    forwarded = [number for number in _FORWARDED if signal.getsignal(number) is not signal.SIG_IGN]
    for number in forwarded:
        loop.add_signal_handler(number, forwarder.forward, number)
    try:
        yield forwarder
    finally:
        for number in forwarded:
            loop.remove_signal_handler(number)


def _sent_by_terminal() -> bool:
    """Whether the terminal has sent the signal to the program, too: this process is in the foreground process group."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
