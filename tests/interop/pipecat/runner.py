"""Pipecat's development runner with a bot file, as a program of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.interop.program import poll

BOTS = Path(__file__).parent / "bots"


class Runner:
    """A runner that is being started."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self._process = process
        self._output = output
        self._read = 0

    async def url(self) -> str:
        """Where it serves, once it does: `http://127.0.0.1:port`."""
        return (await self._prints(r"Uvicorn running on (http://[\d.]+:\d+)", within=20)).group(1)

    async def next_bot(self) -> dict[str, Any]:
        """The arguments of the next bot that was started (bots/noting.py)."""
        line = await self._prints(r"^bot ([^\n]*)\n", after=self._read, within=5)
        self._read = line.end()
        arguments: dict[str, Any] = json.loads(line.group(1))
        return arguments

    def forget(self) -> None:
        """`next_bot` is one that is started from now on."""
        self._read = len(self._said)

    @property
    def _said(self) -> str:
        return self._output.read_text()

    async def _prints(self, pattern: str, *, after: int = 0, within: float) -> re.Match[str]:
        found = re.compile(pattern, re.MULTILINE)

        def look() -> re.Match[str] | None:
            match = found.search(self._said, after)
            if match is None and self._process.poll() is not None:
                raise AssertionError(f"the runner ended with {self._process.returncode}:\n{self._said}")
            return match

        return await poll(look, f"the runner prints {pattern!r}", within=within)


@contextmanager
def running(bot: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Runner]:
    """Run the bot file `bots/<bot>.py` with Daily as its transport."""
    output = folder / f"{bot}.output"
    command = [sys.executable, str(BOTS / f"{bot}.py"), "--transport", "daily", "--host", "127.0.0.1", "--port", "0"]
    with output.open("wb") as printed:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT
        )
    try:
        yield Runner(process, output)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
