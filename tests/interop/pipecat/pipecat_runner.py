"""Pipecat's development runner with a bot file, as a separate process."""

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
    """A running process of Pipecat's runner."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self._process = process
        self._output = output
        self._read = 0

    async def url(self) -> str:
        """Wait until the runner serves; return its URL."""
        return (await self._wait_for_line(r"Uvicorn running on (http://[\d.]+:\d+)", within=20)).group(1)

    async def next_bot(self) -> dict[str, Any]:
        """Wait for the next bot that is started (bots/argument_printer.py); return its arguments."""
        line = await self._wait_for_line(r"^bot ([^\n]*)\n", after=self._read, within=5)
        self._read = line.end()
        arguments: dict[str, Any] = json.loads(line.group(1))
        return arguments

    def skip_printed(self) -> None:
        """Make `next_bot` ignore the bots started so far."""
        self._read = len(self._printed)

    @property
    def _printed(self) -> str:
        return self._output.read_text()

    async def _wait_for_line(self, pattern: str, *, after: int = 0, within: float) -> re.Match[str]:
        found = re.compile(pattern, re.MULTILINE)

        def look() -> re.Match[str] | None:
            match = found.search(self._printed, after)
            if match is None and self._process.poll() is not None:
                raise AssertionError(f"the runner ended with {self._process.returncode}:\n{self._printed}")
            return match

        return await poll(look, f"the runner prints {pattern!r}", within=within)


@contextmanager
def running(bot: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Runner]:
    """Run the bot file `bots/<bot>.py` with the Daily transport."""
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
