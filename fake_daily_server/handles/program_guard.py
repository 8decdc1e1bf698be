"""`ProgramGuard`: a process that starts a program, and kills all that is left of it when its own parent has ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_SCRIPT = Path(__file__).with_name("program_guard_process.py")
KILLED_S = 2.0
"""How long what a program has started may take to end after SIGKILL, on a busy machine."""


class ProgramGuard:
    """A program in a session of its own, as the child of a process that outlives this one.

    A killed process can end nothing itself, and Linux's parent-death signal would not reach what a program has started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None,
        cwd: str | Path | None,
        stdout: int,
        stderr: int,
    ) -> None:
        """Start the program. Raises OSError if it cannot be started, and ValueError for a NUL character."""
        status, status_end = os.pipe()
        control_end, self._control = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command
                [sys.executable, "-I", "-S", str(_SCRIPT), str(status_end), str(control_end), *command],
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                pass_fds=(status_end, control_end),
                start_new_session=True,  # Ctrl-C and the end of the terminal do not reach it
            )
        except BaseException:
            os.close(self._control)
            os.close(status)
            raise
        finally:
            os.close(status_end)
            os.close(control_end)
        self._status = os.fdopen(status, encoding="ascii")
        word, _, number = self._status.readline().partition(" ")
        self.pid = int(number) if word == "started" else 0
        """The process id of the program, which is that of its process group, too."""
        if word != "started":
            self.release()
            self.close()
            code = int(number or 0)
            raise OSError(code, os.strerror(code), command[0])

    def wait(self) -> int:
        """Wait until the program has ended; return its exit status, negative for the number of a signal."""
        word, _, status = self._status.readline().partition(" ")
        if word == "ended":
            return int(status)
        with contextlib.suppress(ProcessLookupError):  # the guard has been killed: it reports nothing any more
            os.killpg(self.pid, signal.SIGKILL)
        return -signal.SIGKILL

    def release(self) -> None:
        """Kill all that is left of the program, and end the guard. Does nothing when called again."""
        if self._process.returncode is None:
            os.close(self._control)
            with contextlib.suppress(subprocess.TimeoutExpired):  # then it goes on by itself
                self._process.wait(KILLED_S)

    def close(self) -> None:
        """Free what is left after `release` and the last `wait`."""
        self._status.close()
