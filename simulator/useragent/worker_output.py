"""What a worker writes to standard error, on its way through the fork server: the last lines say why a worker died."""

from __future__ import annotations

import contextlib
import os
import re
from collections import deque

_KEPT_LINES = 60
"""More than a Python traceback and faulthandler's stack have."""
_PYTHON_DIED = "Fatal Python error: "
"""What faulthandler writes on a fatal signal, after the text of an assertion or of the C library."""
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Mismatch|Exit)\b.*")
_PROGRAM = re.compile(r"^[^\s:]*python[\d.]*: ")
"""How glibc begins the line of a failed assertion."""


class WorkerOutput:
    """A pipe that a worker has as its standard error; the lines go on to that of this process."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()
        os.set_blocking(self.reading, False)
        self.ended = False
        """Whether the worker has closed its end."""
        self._partial_line = b""
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    def become_stderr(self) -> None:
        """Write standard output and standard error of this process, the worker, to the pipe.

        The worker keeps the standard error of its parent open, which shows that it is running.
        """
        os.close(self.reading)
        os.dup(2)
        os.dup2(self._writing, 1)
        os.dup2(self._writing, 2)
        os.close(self._writing)

    def leave_to_worker(self) -> None:
        """Close the end of the pipe that the worker writes to, in the process that has forked it."""
        os.close(self._writing)

    def pass_on(self) -> None:
        """Write the whole lines that have arrived to standard error."""
        while not self.ended:
            try:
                data = os.read(self.reading, 65536)
            except BlockingIOError:
                return
            self.ended = not data
            *lines, self._partial_line = (self._partial_line + data).split(b"\n")
            self._take(lines)

    def close(self) -> str | None:
        """Pass the rest on, after the worker has exited. Returns why it has died, if its last lines say so."""
        self.pass_on()
        if self._partial_line:
            self._take([self._partial_line])
        os.close(self.reading)
        return cause_of_death(list(self._lines))

    def _take(self, lines: list[bytes]) -> None:
        self._lines.extend(line.decode("utf-8", "replace") for line in lines)
        with contextlib.suppress(OSError):  # the parent may be gone
            os.write(2, b"".join(line + b"\n" for line in lines))


def cause_of_death(lines: list[str]) -> str | None:
    """The assertion that failed, or the exception that ended a process, from the last lines of its output."""
    for number, line in enumerate(lines):
        if line.startswith(_PYTHON_DIED):
            before = lines[number - 1].strip() if number else ""
            return _PROGRAM.sub("", before) or None
    last = next((line for line in reversed(lines) if line.strip()), "")
    return last if _EXCEPTION.match(last) else None
