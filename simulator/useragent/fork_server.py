"""The fork server: a process that has imported PJSIP, and forks a worker from itself in about 5 ms.

`ForkServerProcess` runs it as `python -m simulator.useragent.fork_server CONTROL_DESCRIPTOR`. For each worker it
receives one line of settings and one descriptor on the control socket. It sends `{"ready": PID}` once, or
`{"error": TEXT}`; `{"spawned": PID}` for each worker, in the order of the requests; and `{"exited": PID, "how": TEXT}`,
whose text has the assertion or exception that ended the worker, too. What workers write to standard error passes here.
When the control socket closes or the parent is gone, it kills its workers and exits.
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
from typing import Any, NoReturn

from simulator.paused_collector import paused_collector
from simulator.useragent.worker_output import WorkerOutput

_PARENT_CHECK = 0.2
"""Seconds between checks that the parent is alive: a fork of the parent may hold its control socket open."""


class ForkServer:
    """Forks workers, reaps them and reports both. One thread and no event loop, so that a fork copies neither."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._parent = os.getppid()
        self._workers: dict[int, WorkerOutput] = {}
        """By process id."""
        self._wakeup, self._signals = socket.socketpair()
        self._signals.setblocking(False)
        self._wakeup.setblocking(False)
        self._partial_line = b""
        self._descriptors: list[int] = []

    def serve(self) -> None:
        """Serve until the parent is gone, then kill the workers."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends its workers
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._signals.fileno(), warn_on_full_buffer=False)
        self._report({"ready": os.getpid()})
        while os.getppid() == self._parent:
            outputs = [output for output in self._workers.values() if not output.ended]
            awaited: list[Any] = [self._control, self._wakeup, *(output.reading for output in outputs)]
            readable, _, _ = select.select(awaited, [], [], _PARENT_CHECK)
            for output in outputs:
                if output.reading in readable:
                    output.pass_on()
            if self._wakeup in readable:
                with contextlib.suppress(BlockingIOError):
                    self._wakeup.recv(4096)
            self._reap()
            if self._control in readable and not self._handle_requests():
                break
        for pid in self._workers:
            os.kill(pid, signal.SIGKILL)
        for pid, output in self._workers.items():
            os.waitpid(pid, 0)
            output.close()

    def _handle_requests(self) -> bool:
        """Fork the workers that the parent asks for; False when the parent is gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, 65536, 16)
        except OSError:
            return False
        if not data:
            return False
        self._descriptors += descriptors
        *lines, self._partial_line = (self._partial_line + data).split(b"\n")
        for line in lines:
            self._fork(line, socket.socket(fileno=self._descriptors.pop(0)))
        return True

    def _fork(self, settings: bytes, sock: socket.socket) -> None:
        fork_server = os.getpid()
        output = WorkerOutput()
        pid = os.fork()
        if pid == 0:
            self._become_worker(settings, sock, fork_server, output)
        sock.close()
        output.leave_to_worker()
        self._workers[pid] = output
        self._report({"spawned": pid})

    def _become_worker(self, settings: bytes, sock: socket.socket, fork_server: int, output: WorkerOutput) -> NoReturn:
        try:
            output.become_stderr()
            for other in self._workers.values():
                os.close(other.reading)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for inherited in (self._control, self._wakeup, self._signals):
                inherited.close()
            for descriptor in self._descriptors:
                os.close(descriptor)
            from simulator.useragent.messages import WorkerSettings  # noqa: PLC0415  # `main` has imported both
            from simulator.useragent.worker.process import run  # noqa: PLC0415

            run(sock, WorkerSettings.model_validate_json(settings), fork_server)
        except BaseException:  # noqa: BLE001  # a fork must not return into its parent's code
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(1)

    def _reap(self) -> None:
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            how = describe_exit(os.waitstatus_to_exitcode(status))
            because = self._workers.pop(pid).close()
            self._report({"exited": pid, "how": f"{how}: {because}" if because else how})

    def _report(self, report: dict[str, object]) -> None:
        with contextlib.suppress(OSError):
            self._control.sendall(json.dumps(report).encode() + b"\n")


def describe_exit(code: int) -> str:
    """Say how a process exited, given its exit code as `subprocess` has it: negative for signals."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"signal {-code}"


def main() -> None:
    """Import what workers need, then serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    sys.modules["ssl"] = None  # type: ignore[assignment]  # asyncio does without it; it would take 1 MB in each worker
    try:
        with paused_collector():
            import simulator.useragent.worker.process  # noqa: F401, PLC0415  # slow, and PJSIP may be missing
    except ImportError as error:
        control.sendall(json.dumps({"error": str(error)}).encode() + b"\n")
        return
    from simulator.useragent.worker.pjsip import return_free_memory  # noqa: PLC0415  # imported above already

    gc.collect()
    return_free_memory()
    gc.freeze()
    ForkServer(control).serve()


if __name__ == "__main__":
    main()
