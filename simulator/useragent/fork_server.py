"""The process that has PJSIP imported already and forks a worker from itself in about 5 ms.

Run by `ForkServerProcess` as `python -m simulator.useragent.fork_server CONTROL_DESCRIPTOR`. On the control socket
come one line of settings and one descriptor per worker; back go `{"ready": …}`, `{"born": pid}` in the order
of the requests, and `{"dead": pid, "how": …}`. When the control socket closes or the parent is gone, it kills
its workers and ends.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from typing import NoReturn

_LOOK = 0.2
"""Seconds between looks whether the parent still lives: its control socket may be held open by a fork of it."""


class ForkServer:
    """Forks, reaps, and reports; one thread, no event loop, so that a fork copies nothing that runs."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._parent = os.getppid()
        self._workers: set[int] = set()
        self._wake, self._alarm = socket.socketpair()
        self._alarm.setblocking(False)
        self._wake.setblocking(False)
        self._partial = b""
        self._descriptors: list[int] = []

    def serve(self) -> None:
        """Until the parent is gone."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the parent, which ends its workers
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._alarm.fileno(), warn_on_full_buffer=False)
        self._tell({"ready": os.getpid()})
        while os.getppid() == self._parent:
            readable, _, _ = select.select([self._control, self._wake], [], [], _LOOK)
            if self._wake in readable:
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)
            self._reap()
            if self._control in readable and not self._requests():
                break
        for pid in self._workers:
            os.kill(pid, signal.SIGKILL)
        for pid in self._workers:
            os.waitpid(pid, 0)

    def _requests(self) -> bool:
        """Carry out what the parent asks; False when it is gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, 65536, 16)
        except OSError:
            return False
        if not data:
            return False
        self._descriptors += descriptors
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._fork(line, socket.socket(fileno=self._descriptors.pop(0)))
        return True

    def _fork(self, settings: bytes, sock: socket.socket) -> None:
        nursery = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_worker(settings, sock, nursery)
        sock.close()
        self._workers.add(pid)
        self._tell({"born": pid})

    def _become_worker(self, settings: bytes, sock: socket.socket, nursery: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for mine in (self._control, self._wake, self._alarm):
                mine.close()
            for descriptor in self._descriptors:
                os.close(descriptor)
            from simulator.useragent.messages import WorkerSettings  # noqa: PLC0415  # imported in the nursery
            from simulator.useragent.worker.process import run  # noqa: PLC0415

            run(sock, WorkerSettings.model_validate_json(settings), nursery)
        except BaseException:  # noqa: BLE001  # a fork must not return into its parent's code
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(1)

    def _reap(self) -> None:
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._workers.discard(pid)
            self._tell({"dead": pid, "how": describe_exit(os.waitstatus_to_exitcode(status))})

    def _tell(self, fact: dict[str, object]) -> None:
        with contextlib.suppress(OSError):
            self._control.sendall(json.dumps(fact).encode() + b"\n")


def describe_exit(code: int) -> str:
    """How a process ended, from its exit code as `subprocess` has it: negative for signals."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"signal {-code}"


def main() -> None:
    """Import what workers need, then serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        import simulator.useragent.worker.process  # noqa: F401, PLC0415  # the slow part, and it may be missing
    except ImportError as error:
        control.sendall(json.dumps({"error": str(error)}).encode() + b"\n")
        return
    from simulator.useragent.worker.pjsip import return_free_memory  # noqa: PLC0415  # it has been imported by now

    gc.collect()
    return_free_memory()
    gc.freeze()
    ForkServer(control).serve()


if __name__ == "__main__":
    main()
