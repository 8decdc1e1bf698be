"""The server process beside a Locust worker."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress

from fake_daily_server.handles.program_guard import ProgramGuard

START_S = 60.0
"""How long a server may take to start, on a busy machine, in seconds."""


class ServerNotStarted(Exception):
    """The server beside a Locust worker could not start; the text has what it has printed."""


class OwnServer:
    """A server process with free ports. It ends with this process, also when this one is killed (`ProgramGuard`).

    Waits in a way that lets other green threads run, since a Locust worker has to answer its master meanwhile.
    """

    def __init__(self, options: Sequence[str] = ()) -> None:
        """Start the server with options of `python -m fake_daily_server`. Raises ServerNotStarted with its output."""
        command = [sys.executable, "-m", "fake_daily_server", "--port", "0", "--sip-port", "0", *options]
        output, output_end = os.pipe()
        with tempfile.TemporaryFile() as errors:
            try:
                self._guard = ProgramGuard(
                    command, env=_environment(), cwd=None, stdout=output_end, stderr=errors.fileno()
                )
            finally:
                os.close(output_end)
            self._output = output
            try:
                ready = json.loads(self._first_line())
            except ValueError:
                self.close()
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip() or "it printed nothing"
                raise ServerNotStarted(f"the server did not start: {' '.join(command)}\n{said}") from None
        self.api_url: str = ready["api_url"]
        """The base of the REST API, such as `http://127.0.0.1:7880/v1`."""
        self.api_key: str = ready["api_key"]
        """The API key of its domain."""

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._guard.pid

    def _first_line(self) -> bytes:
        line, deadline = b"", time.monotonic() + START_S
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self._output], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self._output, 4096) if ready else b""
            if not piece:
                return b""
            line += piece
        return line

    def close(self) -> None:
        """End the server and all of its processes, which takes their calls away. Does nothing when called again."""
        output, self._output = self._output, -1  # first: Locust may say twice that it quits
        if output < 0:
            return
        with suppress(ProcessLookupError):  # it has ended by itself
            os.kill(self.pid, signal.SIGTERM)
        self._guard.wait()
        self._guard.release()
        self._guard.close()
        os.close(output)


def _environment() -> dict[str, str]:
    """The environment of this process; the server writes its output at once, since its first line is awaited."""
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
