"""The process that `ProgramGuard` starts: it starts the program, reports its end, and kills what the program has left.

It is run as a script by an isolated Python, which has none of the program's own modules, so it imports few modules of
the standard library alone. It ends when nobody has the other end of the pipe `control` any more, however that process
has ended. On Linux it is the parent of every process of the program whose own parent has ended (prctl(2),
PR_SET_CHILD_SUBREAPER), so that none can leave it: not by a process group or a session of its own, nor by a double
fork. Elsewhere it knows the program's process group alone.
"""

import os
import signal
import sys
from contextlib import suppress
from select import select

_PR_SET_CHILD_SUBREAPER = 36
"""From <linux/prctl.h>."""
_EVERY_S = 0.005
"""Seconds between two looks for processes that are still to end."""
_HAS_PROC = os.path.isdir("/proc/self")  # noqa: PTH112 - pathlib would take half of the start of this process
_ENDED = ("Z", "X")
"""States of processes that have ended (proc(5))."""


def main(status: int, control: int, command: list[str]) -> None:
    """Start `command` in a session of its own, write what becomes of it to `status`, and end with `control`."""
    for end in (status, control):
        os.set_inheritable(end, False)
    _adopt_orphans()
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    program, error = _start(command)
    _let_go_of_output()
    _tell(status, f"error {error}" if error else f"started {program}")
    while not error:
        for pid, code in _reaped():
            if pid == program:
                _tell(status, f"ended {os.waitstatus_to_exitcode(code)}")
        ready, _, _ = select([control, woken], [], [])
        if control in ready:
            break
        os.read(woken, 4096)
    while not error and _kill(program):
        select([], [], [], _EVERY_S)
    _reaped()


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - not needed elsewhere

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _start(command: list[str]) -> tuple[int, int]:
    """The process id of the program, and 0; or the error number with which it could not be started."""
    failed, fail = os.pipe()  # closed by exec
    program = os.fork()
    if program == 0:
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):  # which Python changes
                signal.signal(number, signal.SIG_DFL)
            os.execvp(command[0], command)  # noqa: S606 - the user's own command
        except OSError as failure:
            os.write(fail, str(failure.errno).encode())
        finally:
            os._exit(127)
    os.close(fail)
    error = os.read(failed, 16)
    os.close(failed)
    return program, int(error or 0)


def _let_go_of_output() -> None:
    """The output ends with the program, not with this process."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nothing, stream)


def _tell(status: int, text: str) -> None:
    with suppress(BrokenPipeError):  # that process has ended, and `control` says so
        os.write(status, f"{text}\n".encode())


def _reaped() -> list[tuple[int, int]]:
    """The process ids and statuses of children that have ended."""
    ended = []
    with suppress(ChildProcessError):  # there are no more
        while (one := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            ended.append(one)
    return ended


def _kill(program: int) -> bool:
    """Send SIGKILL to what is left of the program; whether there was something."""
    _reaped()
    if not _HAS_PROC:
        return _killed(-program)
    return sum(map(_killed, _descendants())) > 0


def _killed(target: int) -> bool:
    """Send SIGKILL to a process, or to a group by its negative id; False if there is none."""
    try:
        os.kill(target, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # the latter on macOS, for processes that have ended
        return False
    return True


def _descendants() -> list[int]:
    """The processes below this one that run, by their parents in /proc."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                    state, parent = file.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue  # it has ended
            if state not in _ENDED:
                parents[int(name)] = int(parent)
    return [pid for pid in parents if _is_below(pid, parents)]


def _is_below(pid: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid == os.getpid():
            return True
    return False


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
