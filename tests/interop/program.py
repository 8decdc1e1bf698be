"""Foreign programs that a test runs: started, waited for, ended by their process id, and quoted when the test fails."""

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

LOOK_AGAIN_S = 0.01
"""Pause between two looks at what another process does; it tells nobody, so it has to be looked at."""
QUOTED = 6000
"""Latest characters of each file of a program that a failure shows."""


async def seen(look: Callable[[], T | None], what: str, *, within: float) -> T:
    """What `look` returns once it is something; AssertionError with `what` after so many seconds."""
    until = time.monotonic() + within
    while (found := look()) is None:
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {within:g} s")
        await asyncio.sleep(LOOK_AGAIN_S)
    return found


def free_ports(count: int = 1) -> int:
    """The first of `count` neighbouring ports that are free for UDP and TCP; always an even one.

    They lie below the range from which the system gives ports to others, so that nobody gets them by chance.
    """
    for _ in range(200):
        first = random.randrange(10_000, 32_000, 2)
        if all(_is_free(first + offset) for offset in range(count)):
            return first
    raise AssertionError(f"found no {count} free neighbouring ports")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


class Program:
    """One running program. `folder` is its own; `output` there has all that it prints."""

    def __init__(self, name: str, folder: Path, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.folder = folder
        self.output = folder / "output"
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.returncode

    def read(self, file: str = "output") -> str:
        """A file of its folder as far as it is written; empty when it is not there yet."""
        path = self.folder / file
        return path.read_text(errors="replace") if path.exists() else ""

    async def prints(self, pattern: str, *, file: str = "output", within: float = 5) -> re.Match[str]:
        """Wait until the file matches."""
        found = re.compile(pattern)

        def look() -> re.Match[str] | None:
            match = found.search(self.read(file))
            if match is None and self.exit_code is not None:
                raise AssertionError(f"{self.name} ended with {self.exit_code} and never printed {pattern!r}")
            return match

        return await seen(look, f"{self.name} prints {pattern!r} to {file}", within=within)

    async def listens(self, port: int, *, tcp: bool = False, within: float = 5) -> None:
        """Wait until it has the port."""

        def look() -> bool | None:
            if self.exit_code is not None:
                raise AssertionError(f"{self.name} ended with {self.exit_code} and never had port {port}")
            with contextlib.suppress(psutil.Error):
                held = psutil.Process(self.pid).net_connections("tcp4" if tcp else "udp4")
                return any(own.laddr and own.laddr.port == port for own in held) or None
            return None

        await seen(look, f"{self.name} listens on port {port}", within=within)

    def has_tcp_to(self, port: int) -> bool:
        """Whether a TCP connection of it to this port is open."""
        held = psutil.Process(self.pid).net_connections("tcp4")
        return any(own.raddr and own.raddr.port == port and own.status == "ESTABLISHED" for own in held)

    async def ends(self, *, within: float = 10) -> int:
        """Its exit code, once it has ended by itself."""
        try:
            return await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            raise AssertionError(f"{self.name} has not ended within {within:g} s") from None

    async def stop(self) -> None:
        """End it if it still runs: SIGTERM, and SIGKILL for what does not listen within 3 s."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 3)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def said(self) -> str:
        """All its files, for a person who wants to know what went wrong."""
        parts = [f"process {self.pid}, exit code {self.exit_code}"]
        for path in sorted(self.folder.iterdir()):
            text = path.read_text(errors="replace")
            if text and "\0" not in text:
                parts.append(f"--- {path.name} ---\n{text[-QUOTED:]}")
        return "\n".join(parts)


class Programs:
    """All programs of one test. `async with` ends those that still run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Program] = []

    async def start(self, name: str, *command: str | Path, files: dict[str, str] | None = None) -> Program:
        """Start a program in a folder of its own that has `files`."""
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
