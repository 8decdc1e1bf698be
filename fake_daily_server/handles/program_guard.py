"""`ProgramGuard`: a process that ends a program when the process that has started the program is killed."""

from __future__ import annotations

import contextlib
import os
import subprocess

_SCRIPT = "read -r group || exit 0; read -r end; kill -s KILL -- -$group"
"""Its second `read` returns when no process has the other end of the pipe any more, however that process has ended."""


class ProgramGuard:
    """Waits beside a program; if this process ends without `release`, it sends SIGKILL to the program's process group.

    A killed process can end nothing itself, and Linux's parent-death signal would not reach what a program has started.
    """

    def __init__(self) -> None:
        """Start the process, which does nothing before `watch`."""
        stdin, self._pipe = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - fixed arguments
                ["/bin/sh", "-c", _SCRIPT],
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C and the end of the terminal do not reach it
            )
        except BaseException:
            os.close(self._pipe)
            raise
        finally:
            os.close(stdin)

    def watch(self, group: int) -> None:
        """Watch the process group with this id."""
        with contextlib.suppress(BrokenPipeError):  # the guard has been killed; the program can do without it
            os.write(self._pipe, f"{group}\n".encode())

    def release(self) -> None:
        """End the process: the program has been ended. Does nothing when called again."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
            os.close(self._pipe)
