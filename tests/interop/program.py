"""Foreign programs that a test runs: started, waited for, ended by their process id, and quoted if the test fails."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")

POLL_INTERVAL = 0.01
"""Seconds between two checks of the state of another process, which sends no notification."""
MAX_QUOTED = 6000
"""Number of characters at the end of each file of a program that the report of a failed test quotes."""


async def poll(look: Callable[[], T | None], what: str, *, within: float) -> T:
    """Call `look` until it returns something other than None. Raises AssertionError with `what` after `within` s."""
    until = time.monotonic() + within
    while (found := look()) is None:
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {within:g} s")
        await asyncio.sleep(POLL_INTERVAL)
    return found


def free_ports(count: int = 1) -> int:
    """Find `count` consecutive ports that are free for UDP and TCP; return the first, which is even.

    The ports are below the ephemeral ones, so that no other program gets them by chance.
    """
    for _ in range(200):
        first = random.randrange(10_000, 32_000, 2)
        if all(_is_free(first + offset) for offset in range(count)):
            return first
    raise AssertionError(f"found no {count} consecutive free ports")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


class Program:
    """One running program. `folder` is its working directory, whose file `output` has everything that it prints."""

    def __init__(self, name: str, folder: Path, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.folder = folder
        self.output = folder / "output"
        self._process = process

    @property
    def pid(self) -> int:
        """Process id of the program."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Exit code of the program; None while it runs."""
        return self._process.returncode

    def read(self, file: str = "output") -> str:
        """Read a file in the program's folder; empty if the file does not exist."""
        path = self.folder / file
        return path.read_text(errors="replace") if path.exists() else ""

    async def wait_for_output(self, pattern: str, *, file: str = "output", within: float = 5) -> re.Match[str]:
        """Wait until the contents of a file in the program's folder match `pattern`."""
        found = re.compile(pattern)

        def look() -> re.Match[str] | None:
            match = found.search(self.read(file))
            if match is None and self.exit_code is not None:
                raise AssertionError(f"{self.name} exited with {self.exit_code} before it printed {pattern!r}")
            return match

        return await poll(look, f"{self.name} prints {pattern!r} to {file}", within=within)

    async def wait_until_listening(self, port: int, *, tcp: bool = False, within: float = 5) -> None:
        """Wait until the program has bound the port."""

        def look() -> bool | None:
            if self.exit_code is not None:
                raise AssertionError(f"{self.name} exited with {self.exit_code} before it bound port {port}")
            with contextlib.suppress(psutil.Error):
                held = psutil.Process(self.pid).net_connections("tcp4" if tcp else "udp4")
                return any(own.laddr and own.laddr.port == port for own in held) or None
            return None

        await poll(look, f"{self.name} listens on port {port}", within=within)

    def has_tcp_connection_to(self, port: int) -> bool:
        """Whether the program has an established TCP connection to this port."""
        held = psutil.Process(self.pid).net_connections("tcp4")
        return any(own.raddr and own.raddr.port == port and own.status == "ESTABLISHED" for own in held)

    async def wait_for_exit(self, *, within: float = 10) -> int:
        """Wait until the program exits by itself; return its exit code."""
        try:
            return await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            raise AssertionError(f"{self.name} did not exit within {within:g} s") from None

    async def stop(self) -> None:
        """End the program if it still runs: with SIGTERM, and with SIGKILL if it has not exited after 3 s."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 3)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def report(self) -> str:
        """The program's process id, exit code and text files, to explain a failure."""
        parts = [f"process {self.pid}, exit code {self.exit_code}"]
        for path in sorted(self.folder.iterdir()):
            text = path.read_text(errors="replace")
            if text and "\0" not in text:
                parts.append(f"--- {path.name} ---\n{text[-MAX_QUOTED:]}")
        return "\n".join(parts)


class Programs:
    """All programs of one test. Leaving `async with` ends those that still run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Program] = []

    async def start(self, name: str, *command: str | Path, files: dict[str, str] | None = None) -> Program:
        """Start a program in a new folder that contains `files`."""
        folder = self.folder / f"{len(self.started)}-{name}"
        folder.mkdir()
        for file, text in (files or {}).items():
            (folder / file).write_text(text)
        with (folder / "output").open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
            )
        program = Program(name, folder, process)
        self.started.append(program)
        return program

    async def __aenter__(self) -> Programs:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(program.stop() for program in self.started))
